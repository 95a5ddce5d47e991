"""The prompt does not fit."""

from collections.abc import Callable

import pytest

from llmops.chaos.faults.context_length import ContextLength
from llmops.errors import BadInput

Check = Callable[..., None]


@pytest.mark.parametrize(
    ("provider", "status", "word"),
    [
        ("openai", 400, "context_length_exceeded"),
        ("azure", 400, "context_length_exceeded"),
        ("anthropic", 400, "130211 tokens > 128000 maximum"),
        ("gemini", 400, "INVALID_ARGUMENT"),
        ("bedrock", 400, "too long"),
    ],
)
def test_each_provider_says_it_in_its_own_words(own_words: Check, provider: str, status: int, word: str) -> None:
    own_words(ContextLength(), provider, status, word)


def test_a_route_that_nobody_knows_gets_a_plain_error(plain_error: Check) -> None:
    plain_error(ContextLength(), 400)


def test_a_prompt_that_fits_is_refused_as_a_parameter() -> None:
    with pytest.raises(BadInput, match="fits into"):
        ContextLength(context_tokens=100, prompt_tokens=100)
    assert ContextLength(context_tokens=100, prompt_tokens=101).prompt_tokens == 101
