"""Buckets, quotas and limiters, by hand arithmetic, from both sides of each boundary."""

import math
from datetime import UTC, datetime

import pytest

from llmops.limits import Quota, RateLimiter, TokenBucket, charged_tokens, window_end_s
from llmops.randomness import stream


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def epoch(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


# --- a bucket


def test_a_bucket_is_full_at_first_and_gives_all_but_not_one_more() -> None:
    bucket = TokenBucket(10, 1, Clock())
    assert bucket.admit(10)
    assert bucket.remaining == 0
    assert not bucket.admit(1)


def test_refill_is_continuous_and_a_refusal_costs_nothing() -> None:
    clock = Clock()
    bucket = TokenBucket(60, 2, clock)
    bucket.admit(60)
    clock.now = 2.4  # 4.8 back
    assert not bucket.admit(5)
    assert bucket.remaining == pytest.approx(4.8)
    clock.now = 2.5  # 5.0 back
    assert bucket.admit(5)
    assert bucket.remaining == pytest.approx(0)


def test_refill_stops_at_the_capacity() -> None:
    clock = Clock()
    bucket = TokenBucket(60, 1, clock)
    bucket.admit(30)
    clock.now = 29
    assert bucket.remaining == 59
    clock.now = 31
    assert bucket.remaining == 60


@pytest.mark.parametrize("capacity", [3, 7, 100, 60_000, 99_991])
def test_who_waits_exactly_as_long_as_told_is_let_in(capacity: int) -> None:
    clock = Clock(1_764_000_000.1)  # an epoch with a fraction that binary cannot hold
    bucket = TokenBucket(capacity, capacity / 60, clock)
    for cost in (1, capacity / 3, capacity):
        bucket.charge(bucket.remaining)
        clock.now += bucket.seconds_until(cost)
        assert bucket.admit(cost)


def test_who_waits_a_little_less_is_not_let_in() -> None:
    clock = Clock()
    bucket = TokenBucket(100, 10, clock)
    bucket.admit(100)
    assert bucket.seconds_until(50) == 5.0
    clock.now = 4.999
    assert not bucket.admit(50)


def test_what_is_larger_than_the_bucket_waits_for_ever() -> None:
    bucket = TokenBucket(100, 10, Clock())
    assert bucket.seconds_until(100) == 0
    assert bucket.seconds_until(101) == math.inf


def test_without_refill_what_is_gone_is_gone() -> None:
    bucket = TokenBucket(100, 0, Clock())
    bucket.admit(1)
    assert bucket.seconds_until(100) == math.inf


def test_a_debt_is_paid_off_before_anybody_is_let_in() -> None:
    clock = Clock()
    bucket = TokenBucket(100, 10, clock)
    bucket.admit(99)
    assert bucket.admit_into_debt(51)  # one is left: in it goes, 50 in debt
    assert bucket.remaining == -50
    clock.now = 5  # the debt is paid, and there is nothing yet
    assert not bucket.admit_into_debt(1)
    clock.now = 5.1
    assert bucket.admit_into_debt(1)


def test_a_refund_never_overfills() -> None:
    bucket = TokenBucket(100, 10, Clock())
    bucket.admit(40)
    bucket.charge(-30)
    assert bucket.remaining == 90
    bucket.charge(-30)
    assert bucket.remaining == 100


def test_a_clock_that_steps_back_takes_nothing_away() -> None:
    clock = Clock(100)
    bucket = TokenBucket(10, 1, clock)
    bucket.admit(10)
    clock.now = 50
    assert bucket.remaining == 0
    clock.now = 101
    assert bucket.remaining == 1


@pytest.mark.parametrize(
    ("capacity", "refill"), [(0, 1), (-1, 1), (1, -1), (math.nan, 1), (1, math.nan), (math.inf, 1)]
)
def test_a_bucket_that_cannot_be_is_refused(capacity: float, refill: float) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        TokenBucket(capacity, refill, Clock())


def test_what_was_let_in_never_exceeds_capacity_and_refill() -> None:
    clock, dice = Clock(), stream(1, "bucket")
    bucket = TokenBucket(500, 50, clock)
    admitted = 0.0
    for _ in range(5000):
        clock.now += dice.expovariate(2)
        cost = dice.randint(1, 120)
        admitted += cost if bucket.admit(cost) else 0
        assert admitted <= 500 + 50 * clock.now + 50e-6


# --- a quota


def test_a_day_ends_at_midnight_utc() -> None:
    clock = Clock(epoch("2026-11-25T23:59:59"))
    quota = Quota(2, "day", clock)
    assert quota.admit(2)
    assert not quota.admit(1)
    assert quota.seconds_until(1) == 1.0
    clock.now += 0.999
    assert not quota.admit(1)
    clock.now += 0.001
    assert quota.admit(1)
    assert quota.remaining == 1


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-02-01T00:00:00", "2026-03-01T00:00:00"),
        ("2028-02-29T23:59:59", "2028-03-01T00:00:00"),
        ("2026-12-31T12:00:00", "2027-01-01T00:00:00"),
        ("2026-01-31T00:00:00", "2026-02-01T00:00:00"),
    ],
)
def test_a_month_ends_by_the_calendar(now: str, end: str) -> None:
    assert window_end_s(epoch(now), "month") == epoch(end)


def test_a_quota_tells_its_reset() -> None:
    clock = Clock(epoch("2026-11-25T22:00:00"))
    quota = Quota(10, "day", clock)
    assert quota.axis().reset_s == 0
    quota.admit(3)
    assert (quota.axis().remaining, quota.axis().reset_s) == (7, 2 * 3600)


def test_more_than_the_quota_never_fits() -> None:
    assert Quota(10, "day", Clock()).seconds_until(11) == math.inf


@pytest.mark.parametrize("limit", [0, -1, math.nan])
def test_a_quota_that_cannot_be_is_refused(limit: float) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        Quota(limit, "day", Clock())


# --- both axes


def test_the_charge_is_input_plus_all_the_output_that_may_come() -> None:
    assert charged_tokens(50, 500) == 550  # backpressure, layer 1
    assert charged_tokens(10_000, 500) == 10_500


def test_two_requests_of_very_different_size_cost_the_same_in_requests() -> None:
    limiter = RateLimiter(Clock(), requests_per_minute=10, tokens_per_minute=100_000)
    small = limiter.admit(charged_tokens(50, 500))
    large = limiter.admit(charged_tokens(10_000, 500))
    assert small.requests
    assert small.tokens
    assert large.requests
    assert large.tokens
    assert (small.requests.remaining, large.requests.remaining) == (9, 8)
    assert (small.tokens.remaining, large.tokens.remaining) == (99_450, 88_950)


def test_requests_run_out_before_tokens() -> None:
    clock = Clock()
    limiter = RateLimiter(clock, requests_per_minute=3, tokens_per_minute=100_000)
    assert all(limiter.admit(10).admitted for _ in range(3))
    refused = limiter.admit(10)
    assert (refused.blocked_by, refused.retry_after_s) == ("requests", 20.0)  # 3 a minute: one each 20 s
    assert refused.tokens
    assert refused.tokens.remaining == 99_970  # the refused one was charged nothing
    clock.now = 20
    assert limiter.admit(10).admitted


def test_tokens_run_out_before_requests() -> None:
    limiter = RateLimiter(Clock(), requests_per_minute=100, tokens_per_minute=6_000)
    limiter.admit(6_000)
    refused = limiter.admit(1_000)
    assert (refused.blocked_by, refused.retry_after_s) == ("tokens", 10.0)  # 100 a second
    assert refused.requests
    assert refused.requests.remaining == 99


def test_a_request_larger_than_the_limit_is_never_worth_a_retry() -> None:
    refused = RateLimiter(Clock(), tokens_per_minute=100).admit(101)
    assert (refused.admitted, refused.blocked_by, refused.retry_after_s) == (False, "tokens", math.inf)


def test_a_quota_that_is_used_up_is_named_before_the_minute_limits() -> None:
    clock = Clock(epoch("2026-11-25T23:00:00"))
    limiter = RateLimiter(clock, requests_per_minute=1, quota=Quota(1, "day", clock))
    limiter.admit(1)
    refused = limiter.admit(1)
    assert (refused.blocked_by, refused.retry_after_s) == ("quota", 3600.0)


def test_settling_gives_back_what_was_not_generated() -> None:
    limiter = RateLimiter(Clock(), tokens_per_minute=1_000)
    limiter.admit(charged_tokens(100, 500))
    limiter.settle(50 - 500)  # 50 came, 500 were reserved
    assert limiter.tokens
    assert limiter.tokens.remaining == 850


def test_reset_is_the_time_until_the_axis_is_full_again() -> None:
    tokens = RateLimiter(Clock(), tokens_per_minute=6_000).admit(1_500).tokens
    assert tokens
    assert tokens.reset_s == 15.0  # 100 a second


def test_a_limiter_without_limits_lets_all_in() -> None:
    admission = RateLimiter(Clock()).admit(10**12)
    assert admission.admitted
    assert (admission.requests, admission.tokens, admission.quota) == (None, None, None)


# --- the noisy neighbour


def test_ten_percent_of_the_requests_take_81_6_percent_of_the_tokens() -> None:
    bucket = TokenBucket(98_000, 0, Clock())
    assert all(bucket.admit(8_000) for _ in range(10))
    assert bucket.remaining == 18_000  # 80,000 of 98,000 = 81.6 %
    assert all(bucket.admit(200) for _ in range(90))
    assert not bucket.admit(200)


def test_the_incident_of_2_47_half_of_the_chat_is_refused_when_admission_looks_only_for_a_positive_bucket() -> None:
    chat, batch = refused_share(TokenBucket.admit_into_debt)
    assert chat == pytest.approx(0.5, abs=0.05)
    assert batch == pytest.approx(0.5, abs=0.05)


def test_under_reservation_at_admission_the_batch_starves_instead() -> None:
    chat, batch = refused_share(TokenBucket.admit)
    assert chat == pytest.approx(0.004, abs=0.004)
    assert batch > 0.5


def refused_share(admit: object) -> tuple[float, float]:
    """240 minutes of chat (60 a minute of 500 tokens) and batch (21 of 8,000), Poisson, on one key of 100,000."""
    clock, dice = Clock(), stream(247, "incident")
    bucket = TokenBucket(100_000, 100_000 / 60, clock)
    asked, refused = [0, 0], [0, 0]
    while clock.now < 240 * 60:
        clock.now += dice.expovariate(81 / 60)
        who = 0 if dice.random() < 60 / 81 else 1
        asked[who] += 1
        refused[who] += not admit(bucket, (500, 8_000)[who])  # type: ignore[operator]
    return refused[0] / asked[0], refused[1] / asked[1]
