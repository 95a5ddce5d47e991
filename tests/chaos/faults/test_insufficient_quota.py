"""The quota is used up."""

from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.insufficient_quota import InsufficientQuota

Ask = Callable[..., Any]
Check = Callable[..., None]
SpendLimit = Any  # one of the words of a Literal


@pytest.mark.parametrize(
    ("provider", "status", "word"),
    [
        ("openai", 429, "insufficient_quota"),
        ("azure", 429, "insufficient_quota"),
        ("anthropic", 429, "enforced_spend_limit_reached"),
        ("gemini", 429, "PerDay"),
        ("bedrock", 400, "quota"),
    ],
)
def test_each_provider_says_it_in_its_own_words(own_words: Check, provider: str, status: int, word: str) -> None:
    own_words(InsufficientQuota(), provider, status, word)


def test_a_route_that_nobody_knows_gets_a_plain_error(plain_error: Check) -> None:
    plain_error(InsufficientQuota(), 429)


@pytest.mark.parametrize(
    ("spend_limit", "status", "word"),
    [
        ("tier", 429, "enforced_spend_limit_reached"),
        ("contract", 429, "contract_spend_limit_reached"),
        ("user", 400, "invalid_request_error"),
        ("billing", 402, "billing_error"),
    ],
)
def test_anthropic_has_four_and_none_says_when_to_come_again(
    http_fault: Ask, spend_limit: SpendLimit, status: int, word: str
) -> None:
    got = http_fault(InsufficientQuota(spend_limit=spend_limit), "anthropic")
    assert (got.status, word in got.body.decode(), "retry-after" in got.headers) == (status, True, False)
