"""429 by tokens."""

from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.rate_limit_tokens import RateLimitTokens
from llmops.errors import BadInput

Ask = Callable[..., Any]


@pytest.mark.parametrize(
    ("provider", "status", "word"),
    [
        ("openai", 429, "on tokens per min (TPM): Limit 30000, Used 29500, Requested 1000"),
        ("azure", 429, "token rate limit"),
        ("anthropic", 429, "30000 input tokens per minute"),
        ("gemini", 429, "InputTokens"),
        ("bedrock", 429, "Too many tokens"),
    ],
)
def test_each_provider_says_it_in_its_own_words(http_fault: Ask, provider: str, status: int, word: str) -> None:
    got = http_fault(RateLimitTokens(), provider)
    assert (got.status, word in got.body.decode()) == (status, True)
    assert not got.asked_upstream
    assert [receipt["status"] for receipt in got.receipts] == [status]
    assert got.receipts[0]["applied"] is True


def test_a_route_that_nobody_knows_gets_a_plain_error(http_fault: Ask) -> None:
    got = http_fault(RateLimitTokens(), "opaque")
    assert got.status == 429
    assert got.json()["error"]["message"]
    assert got.receipts[0]["applied"] is True


@pytest.mark.parametrize(
    ("field", "wrong", "right"),
    [("tokens_per_minute", 0, 1), ("requested_tokens", 0, 1), ("used_tokens", -1, 0), ("retry_after_s", -1, 0)],
)
def test_parameters_are_checked(field: str, wrong: int, right: int) -> None:
    with pytest.raises(BadInput, match=field):
        RateLimitTokens(**{field: wrong})
    assert getattr(RateLimitTokens(**{field: right}), field) == right
