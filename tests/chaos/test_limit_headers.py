"""Limits as each provider tells them."""

import json
import math

import pytest

from llmops.chaos.limit_headers import duration, limit_headers, limit_refusal, rfc3339, whole_seconds, without_hint
from llmops.chaos.wire.errors import provider_error
from llmops.limits import RateLimiter


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (0.0004, "1ms"),
        (0.02, "20ms"),
        (0.999, "999ms"),
        (1, "1s"),
        (1.5, "1.5s"),
        (59.9999, "1m0s"),
        (360, "6m0s"),
        (3723, "1h2m3s"),
        (3600, "1h0m0s"),
        (math.inf, "0s"),
    ],
)
def test_durations_are_printed_as_go_does(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_openai_tells_limit_remaining_and_reset_of_both_axes() -> None:
    admission = RateLimiter(lambda: 0.0, requests_per_minute=60, tokens_per_minute=6000).admit(1500)
    assert limit_headers("openai", admission, 0) == {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "59",
        "x-ratelimit-reset-requests": "1s",  # one a second
        "x-ratelimit-limit-tokens": "6000",
        "x-ratelimit-remaining-tokens": "4500",
        "x-ratelimit-reset-tokens": "15s",  # 100 a second
    }


def test_anthropic_tells_the_moment_of_the_reset() -> None:
    headers = limit_headers("anthropic", RateLimiter(lambda: 0.0, requests_per_minute=60).admit(1), 1_764_066_600)
    assert headers == {
        "anthropic-ratelimit-requests-limit": "60",
        "anthropic-ratelimit-requests-remaining": "59",
        "anthropic-ratelimit-requests-reset": "2025-11-25T10:30:01Z",
    }


def test_gemini_and_a_limiter_without_limits_tell_nothing() -> None:
    assert limit_headers("gemini", RateLimiter(lambda: 0.0, requests_per_minute=1).admit(1), 0) == {}
    assert limit_headers("openai", RateLimiter(lambda: 0.0).admit(1), 0) == {}


def test_a_wait_is_told_in_whole_seconds_that_are_enough() -> None:
    assert [whole_seconds(wait) for wait in (0.001, 1, 1.0000001, 1.1, 20)] == [1, 1, 1, 2, 20]
    assert rfc3339(math.inf) == "9999-12-31T23:59:59Z"


def test_a_refusal_names_the_axis_and_its_numbers() -> None:
    limiter = RateLimiter(lambda: 0.0, tokens_per_minute=6000)
    limiter.admit(5000)
    assert limit_refusal("openai", limiter.admit(2000), 2000) == (
        "rate_limit_tokens",
        {"limit": 6000, "used": 5000, "requested": 2000, "retry_after_s": 10},
    )
    with pytest.raises(ValueError, match="was admitted"):
        limit_refusal("openai", limiter.admit(1), 1)


@pytest.mark.parametrize("provider", ["openai", "azure", "anthropic", "gemini"])
def test_who_will_never_fit_is_not_told_to_come_again(provider: str) -> None:
    error = without_hint(provider_error(provider, "rate_limit_tokens", retry_after_s=20))
    assert not [name for name in error.headers if name.lower().startswith("retry-after")]
    assert b"20" not in error.body.replace(b"2024", b"").replace(b"S0", b"")
    assert json.loads(error.body)["error"]
