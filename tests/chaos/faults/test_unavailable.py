"""503."""

from collections.abc import Callable

import pytest

from llmops.chaos.faults.unavailable import Unavailable

Check = Callable[..., None]


@pytest.mark.parametrize(
    ("provider", "status", "word"),
    [
        ("openai", 503, "currently overloaded"),
        ("azure", 503, "currently overloaded"),
        ("anthropic", 503, "error"),
        ("gemini", 503, "UNAVAILABLE"),
        ("bedrock", 503, "unable"),
    ],
)
def test_each_provider_says_it_in_its_own_words(own_words: Check, provider: str, status: int, word: str) -> None:
    own_words(Unavailable(), provider, status, word)


def test_a_route_that_nobody_knows_gets_a_plain_error(plain_error: Check) -> None:
    plain_error(Unavailable(), 503)
