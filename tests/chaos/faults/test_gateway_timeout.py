"""504."""

from collections.abc import Callable

import pytest

from llmops.chaos.faults.gateway_timeout import GatewayTimeout

Check = Callable[..., None]


@pytest.mark.parametrize(
    ("provider", "status", "word"),
    [
        ("openai", 504, "error"),
        ("azure", 504, "error"),
        ("anthropic", 504, "timeout_error"),
        ("gemini", 504, "DEADLINE_EXCEEDED"),
    ],
)
def test_each_provider_says_it_in_its_own_words(own_words: Check, provider: str, status: int, word: str) -> None:
    own_words(GatewayTimeout(), provider, status, word)


def test_a_route_that_nobody_knows_gets_a_plain_error(plain_error: Check) -> None:
    plain_error(GatewayTimeout(), 504)


@pytest.mark.parametrize("provider", ["bedrock"])
def test_a_provider_without_such_an_error_answers_by_itself_and_the_receipt_says_so(
    no_such_error: Check, provider: str
) -> None:
    no_such_error(GatewayTimeout(), provider)
