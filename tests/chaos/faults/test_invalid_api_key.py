"""A good key that is called wrong."""

from collections.abc import Callable

import pytest

from llmops.chaos.faults.base import faults
from llmops.chaos.faults.invalid_api_key import InvalidApiKey

Check = Callable[..., None]


@pytest.mark.parametrize(
    ("provider", "status", "word"),
    [
        ("openai", 401, "invalid_api_key"),
        ("azure", 401, "Access denied"),
        ("anthropic", 401, "authentication_error"),
        ("gemini", 400, "API_KEY_INVALID"),
        ("bedrock", 403, "security token"),
    ],
)
def test_each_provider_says_it_in_its_own_words(own_words: Check, provider: str, status: int, word: str) -> None:
    own_words(InvalidApiKey(), provider, status, word)


def test_its_help_promises_no_status_that_a_provider_does_not_give() -> None:
    told = faults.help("invalid_api_key")
    assert "401; Gemini's is 400, Bedrock's 403" in told


def test_a_route_that_nobody_knows_gets_a_plain_error(plain_error: Check) -> None:
    plain_error(InvalidApiKey(), 401)
