"""429 by tokens."""

from collections.abc import Callable

import pytest

from llmops.chaos.faults.rate_limit_tokens import RateLimitTokens
from llmops.errors import BadInput

Check = Callable[..., None]


@pytest.mark.parametrize(
    ("provider", "status", "word"),
    [
        ("openai", 429, "on tokens per min (TPM): Limit 30000, Used 29500, Requested 1000"),
        ("azure", 429, "token rate limit"),
        ("anthropic", 429, "30000 input tokens per minute"),
        ("gemini", 429, "InputTokens"),
        ("bedrock", 429, "Too many tokens"),
    ],
)
def test_each_provider_says_it_in_its_own_words(own_words: Check, provider: str, status: int, word: str) -> None:
    own_words(RateLimitTokens(), provider, status, word)


def test_a_route_that_nobody_knows_gets_a_plain_error(plain_error: Check) -> None:
    plain_error(RateLimitTokens(), 429)


@pytest.mark.parametrize(
    ("field", "wrong", "right"),
    [("tokens_per_minute", 0, 1), ("requested_tokens", 0, 1), ("used_tokens", -1, 0), ("retry_after_s", -1, 0)],
)
def test_parameters_are_checked(field: str, wrong: int, right: int) -> None:
    with pytest.raises(BadInput, match=field):
        RateLimitTokens(**{field: wrong})
    assert getattr(RateLimitTokens(**{field: right}), field) == right
