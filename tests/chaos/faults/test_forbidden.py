"""403 for a key that may."""

from collections.abc import Callable

import pytest

from llmops.chaos.faults.forbidden import Forbidden

Check = Callable[..., None]


@pytest.mark.parametrize(
    ("provider", "status", "word"),
    [
        ("openai", 403, "does not have access"),
        ("azure", 403, "does not have access"),
        ("anthropic", 403, "permission_error"),
        ("gemini", 403, "PERMISSION_DENIED"),
        ("bedrock", 403, "access"),
    ],
)
def test_each_provider_says_it_in_its_own_words(own_words: Check, provider: str, status: int, word: str) -> None:
    own_words(Forbidden(), provider, status, word)


def test_a_route_that_nobody_knows_gets_a_plain_error(plain_error: Check) -> None:
    plain_error(Forbidden(), 403)
