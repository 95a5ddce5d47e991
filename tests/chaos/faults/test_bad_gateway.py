"""502."""

from collections.abc import Callable

import pytest

from llmops.chaos.faults.bad_gateway import BadGateway

Check = Callable[..., None]


@pytest.mark.parametrize(
    ("provider", "status", "word"),
    [
        ("openai", 502, "error"),
        ("azure", 502, "error"),
        ("anthropic", 502, "api_error"),
        ("gemini", 502, "UNAVAILABLE"),
    ],
)
def test_each_provider_says_it_in_its_own_words(own_words: Check, provider: str, status: int, word: str) -> None:
    own_words(BadGateway(), provider, status, word)


def test_a_route_that_nobody_knows_gets_a_plain_error(plain_error: Check) -> None:
    plain_error(BadGateway(), 502)


@pytest.mark.parametrize("provider", ["bedrock"])
def test_a_provider_without_such_an_error_answers_by_itself_and_the_receipt_says_so(
    no_such_error: Check, provider: str
) -> None:
    no_such_error(BadGateway(), provider)
