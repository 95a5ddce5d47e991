"""429 by requests."""

from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.rate_limit_requests import RateLimitRequests
from llmops.errors import BadInput

Ask = Callable[..., Any]
Check = Callable[..., None]


@pytest.mark.parametrize(
    ("provider", "status", "word"),
    [
        ("openai", 429, "on requests per min (RPM): Limit 60, Used 60, Requested 1"),
        ("azure", 429, "call rate limit"),
        ("anthropic", 429, "rate_limit_error"),
        ("gemini", 429, "PerMinute"),
        ("bedrock", 429, "Too many requests"),
    ],
)
def test_each_provider_says_it_in_its_own_words(own_words: Check, provider: str, status: int, word: str) -> None:
    own_words(RateLimitRequests(), provider, status, word)


def test_a_route_that_nobody_knows_gets_a_plain_error(plain_error: Check) -> None:
    plain_error(RateLimitRequests(), 429)


def test_the_wait_is_in_the_headers_and_in_geminis_body(http_fault: Ask) -> None:
    fault = RateLimitRequests(retry_after_s=7)
    assert http_fault(fault, "openai").headers["retry-after"] == "7"
    assert http_fault(fault, "openai").headers["retry-after-ms"] == "7000"
    assert http_fault(fault, "anthropic").headers["anthropic-ratelimit-requests-reset"] == "2025-11-25T10:30:07Z"
    gemini = http_fault(fault, "gemini")
    assert "retry-after" not in gemini.headers
    assert gemini.json()["error"]["details"][-1]["retryDelay"] == "7s"
    assert http_fault(fault, "opaque").headers["retry-after"] == "7"


@pytest.mark.parametrize(("field", "wrong", "right"), [("requests_per_minute", 0, 1), ("retry_after_s", -1, 0)])
def test_parameters_are_checked(field: str, wrong: int, right: int) -> None:
    with pytest.raises(BadInput, match=field):
        RateLimitRequests(**{field: wrong})
    assert getattr(RateLimitRequests(**{field: right}), field) == right
