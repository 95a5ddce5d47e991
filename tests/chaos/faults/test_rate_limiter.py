"""Real limits before a real provider."""

from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.rate_limiter import RateLimiter
from llmops.errors import BadInput

Ask = Callable[..., Any]
NOW_S = 1_764_066_600.0  # 2025-11-25T10:30:00Z
# The request of these tests is 90 bytes with max_tokens 100: 23 tokens by its bytes, 123 with its output.


def asked(http_fault: Ask, fault: RateLimiter, provider: str, seconds: list[float]) -> list[Any]:
    """The same injection asked at these seconds."""
    now = [NOW_S]
    state, found = fault.state(lambda: now[0]), []
    for second in seconds:
        now[0] = NOW_S + second
        found.append(http_fault(fault, provider, state=state, now_s=now[0]))
    return found


def test_what_remains_falls_on_good_answers_and_then_comes_the_429(http_fault: Ask) -> None:
    got = asked(http_fault, RateLimiter(requests_per_minute=2), "openai", [0, 0, 0, 29.9, 30])
    assert [one.status for one in got] == [200, 200, 429, 429, 200]  # one comes back each 30 s
    assert [one.headers["x-ratelimit-remaining-requests"] for one in got] == ["1", "0", "0", "0", "0"]
    assert [one.headers.get("retry-after") for one in got] == [None, None, "30", "1", None]
    assert [one.asked_upstream for one in got] == [True, True, False, False, True]
    assert "Limit 2, Used 2, Requested 1" in got[2].body.decode()
    assert all(one.receipts[0]["applied"] for one in got)


def test_the_figures_of_a_refusal_do_not_fit_even_amid_a_refill(http_fault: Ask) -> None:
    got = asked(http_fault, RateLimiter(requests_per_minute=3), "openai", [0, 0, 0, 19])  # 0.95 of one is back
    assert [one.status for one in got] == [200, 200, 200, 429]
    assert "Limit 3, Used 3, Requested 1" in got[3].body.decode()


def test_good_answers_change_in_their_head_alone(http_fault: Ask) -> None:
    got = asked(http_fault, RateLimiter(requests_per_minute=2), "openai", [0])[0]
    assert got.body == b"{}"
    assert got.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("provider", "left"),
    [("openai", 1000 - 23 - 100), ("azure", None), ("anthropic", 1000 - 23)],
)
def test_tokens_are_charged_by_the_providers_rule(http_fault: Ask, provider: str, left: int | None) -> None:
    got = asked(http_fault, RateLimiter(tokens_per_minute=1000), provider, [0])[0]
    found = got.headers.get("x-ratelimit-remaining-tokens") or got.headers.get("anthropic-ratelimit-tokens-remaining")
    assert found == (None if left is None else str(left))


def test_tokens_run_out(http_fault: Ask) -> None:
    got = asked(http_fault, RateLimiter(tokens_per_minute=240), "openai", [0, 0, 1.5])
    assert [one.status for one in got] == [200, 429, 200]  # 117 are left, 6 more are there after 1.5 s
    assert got[1].json()["error"]["type"] == "tokens"


def test_a_request_that_will_never_fit_is_not_told_to_come_again(http_fault: Ask) -> None:
    got = asked(http_fault, RateLimiter(tokens_per_minute=122), "openai", [0])[0]
    assert (got.status, "retry-after" in got.headers, "try again" in got.body.decode()) == (429, False, False)
    assert asked(http_fault, RateLimiter(tokens_per_minute=123), "openai", [0])[0].status == 200


def test_the_quota_of_a_day_is_the_providers_quota_error(http_fault: Ask) -> None:
    got = asked(http_fault, RateLimiter(requests_per_day=1), "openai", [0, 0, 13.5 * 3600 - 1, 13.5 * 3600])
    assert [one.status for one in got] == [200, 429, 429, 200]  # midnight UTC is 13.5 h away
    assert got[1].json()["error"]["code"] == "insufficient_quota"
    assert "retry-after" not in got[1].headers
    anthropic = asked(http_fault, RateLimiter(requests_per_day=1), "anthropic", [0, 0])[1]
    assert "enforced_spend_limit_reached" in anthropic.body.decode()


def test_each_key_has_its_own_bucket_unless_told_otherwise(http_fault: Ask) -> None:
    for per_key, statuses in ((True, [200, 200, 429]), (False, [200, 429, 429])):
        fault = RateLimiter(requests_per_minute=1, per_key=per_key)
        state = fault.state(lambda: NOW_S)
        keys = [((b"Authorization", b"Bearer " + key),) for key in (b"a", b"b", b"a")]
        assert [http_fault(fault, state=state, headers=key).status for key in keys] == statuses


def test_gemini_tells_nothing_on_good_answers_and_the_receipt_says_so(http_fault: Ask) -> None:
    got = asked(http_fault, RateLimiter(requests_per_minute=1), "gemini", [0, 0])
    assert (got[0].status, got[0].receipts[0]["applied"]) == (200, False)
    assert (got[1].status, "retry-after" in got[1].headers) == (429, False)


def test_a_route_that_nobody_knows_is_counted_too(http_fault: Ask) -> None:
    got = asked(http_fault, RateLimiter(requests_per_minute=1), "opaque", [0, 0])
    assert [one.status for one in got] == [200, 429]


@pytest.mark.parametrize("field", ["requests_per_minute", "tokens_per_minute", "requests_per_day"])
def test_limits_are_checked(field: str) -> None:
    wrong: dict[str, Any] = {field: 0}
    right: dict[str, Any] = {field: 1}
    with pytest.raises(BadInput, match=field):
        RateLimiter(**wrong)
    with pytest.raises(BadInput, match="no limit is given"):
        RateLimiter()
    assert getattr(RateLimiter(**right), field) == 1
