"""413."""

from collections.abc import Callable

import pytest

from llmops.chaos.faults.too_large import TooLarge

Check = Callable[..., None]


@pytest.mark.parametrize(
    ("provider", "status", "word"),
    [
        ("openai", 413, "too large"),
        ("azure", 413, "too large"),
        ("anthropic", 413, "request_too_large"),
        ("gemini", 413, "size"),
    ],
)
def test_each_provider_says_it_in_its_own_words(own_words: Check, provider: str, status: int, word: str) -> None:
    own_words(TooLarge(), provider, status, word)


def test_a_route_that_nobody_knows_gets_a_plain_error(plain_error: Check) -> None:
    plain_error(TooLarge(), 413)


@pytest.mark.parametrize("provider", ["bedrock"])
def test_a_provider_without_such_an_error_answers_by_itself_and_the_receipt_says_so(
    no_such_error: Check, provider: str
) -> None:
    no_such_error(TooLarge(), provider)
