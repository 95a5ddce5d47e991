"""529, or 503."""

from collections.abc import Callable

import pytest

from llmops.chaos.faults.overloaded import Overloaded

Check = Callable[..., None]


@pytest.mark.parametrize(
    ("provider", "status", "word"),
    [
        ("openai", 503, "Slow Down"),
        ("azure", 503, "Slow Down"),
        ("anthropic", 529, "overloaded_error"),
        ("gemini", 503, "overloaded"),
        ("bedrock", 503, "connections"),
    ],
)
def test_each_provider_says_it_in_its_own_words(own_words: Check, provider: str, status: int, word: str) -> None:
    own_words(Overloaded(), provider, status, word)


def test_a_route_that_nobody_knows_gets_a_plain_error(plain_error: Check) -> None:
    plain_error(Overloaded(), 529)
