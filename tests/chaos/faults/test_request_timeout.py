"""408, and Gemini's 504."""

from collections.abc import Callable

import pytest

from llmops.chaos.faults.request_timeout import RequestTimeout

Check = Callable[..., None]


@pytest.mark.parametrize(
    ("provider", "status", "word"),
    [
        ("openai", 408, "timed out"),
        ("azure", 408, "timed out"),
        ("anthropic", 408, "timeout_error"),
        ("gemini", 504, '"code":504,"message":"Deadline expired before operation could complete."'),
        ("bedrock", 408, "too long"),
    ],
)
def test_each_provider_says_it_in_its_own_words(own_words: Check, provider: str, status: int, word: str) -> None:
    own_words(RequestTimeout(), provider, status, word)


def test_a_route_that_nobody_knows_gets_a_plain_error(plain_error: Check) -> None:
    plain_error(RequestTimeout(), 408)
