"""500."""

from collections.abc import Callable

import pytest

from llmops.chaos.faults.internal_error import InternalError

Check = Callable[..., None]


@pytest.mark.parametrize(
    ("provider", "status", "word"),
    [
        ("openai", 500, "server_error"),
        ("azure", 500, "server_error"),
        ("anthropic", 500, "api_error"),
        ("gemini", 500, "INTERNAL"),
        ("bedrock", 500, "unexpected error"),
    ],
)
def test_each_provider_says_it_in_its_own_words(own_words: Check, provider: str, status: int, word: str) -> None:
    own_words(InternalError(), provider, status, word)


def test_a_route_that_nobody_knows_gets_a_plain_error(plain_error: Check) -> None:
    plain_error(InternalError(), 500)
