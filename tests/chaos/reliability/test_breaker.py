"""The breaker of problem 11; expected values are worked out beside each case."""

import math
from collections.abc import Iterable
from random import Random

import pytest

from llmops.chaos.reliability.breaker import Baseline, Breach, Breaker, Settings, Transition
from llmops.chaos.reliability.window import Observation
from llmops.errors import BadInput

ERRORS_ONLY = Settings(signals=("errors",))


def answer(at_s: float, latency_s: float | None = 1.0, quality: float | None = None) -> Observation:
    return Observation(at_s, False, latency_s, quality)


def error(at_s: float) -> Observation:
    return Observation(at_s, True)


def learned(breaker: Breaker) -> tuple[float | None, float | None]:
    return breaker.baseline.p95_s, breaker.baseline.quality


def fed(breaker: Breaker, seen: Iterable[Observation]) -> list[Transition]:
    return [one for each in seen for one in breaker.see(each)]


@pytest.mark.parametrize(("p95_s", "state"), [(4.5, "closed"), (4.51, "open")])
def test_three_times_the_baseline_does_not_trip_and_a_hundredth_more_does(p95_s: float, state: str) -> None:
    """Problem 11: 4.5 s on a baseline of 1.5 s, and 4.51 s."""
    breaker = Breaker(Settings(), Baseline(p95_s=1.5))
    fed(breaker, (answer(at, p95_s) for at in range(20)))
    assert breaker.state == state


@pytest.mark.parametrize(("baseline_s", "at_limit_s"), [(0.1, 0.3), (0.7, 2.1), (1.1, 3.3), (0.3, 0.9)])
def test_exactly_three_times_is_not_over_it_whatever_floating_point_makes_of_it(
    baseline_s: float, at_limit_s: float
) -> None:
    """3 * 0.7 is 2.0999999999999996, and 2.1 is still not over it."""
    breaker = Breaker(Settings(), Baseline(p95_s=baseline_s))
    assert fed(breaker, (answer(at, at_limit_s) for at in range(100))) == []


def test_one_slow_answer_of_twenty_is_under_the_95th_percentile_and_two_are_it() -> None:
    for slow, state in ((1, "closed"), (2, "open")):
        breaker = Breaker(Settings(), Baseline(p95_s=1.0))
        fed(breaker, (answer(at, 99.0 if at < slow else 1.0) for at in range(20)))
        assert breaker.state == state


def test_quality_that_falls_while_all_is_200_opens_it_and_not_the_errors_only_one() -> None:
    """Problem 11: 0.92 falls to 0.60 at 300 s; a request a second, each known a second later.

    Learned baseline 0.92, limit 0.85 · 0.92 = 0.782. With k bad ones among the 60 of the window the mean is
    0.92 − 0.32 k/60 and its standard error 0.32 · √(k/60 · (1 − k/60)) / √60.
    k = 32: 0.7493 + 1.645 · 0.02061 = 0.7832, not under the limit. k = 33: 0.7440 + 1.645 · 0.02055 = 0.7778, under it.
    The 33rd bad one began at 332 s and was known at 333 s: 33 s after the fall.
    """
    trace = [answer(at + 1, 1.0, 0.92 if at < 300 else 0.60) for at in range(600)]
    three, one = Breaker(Settings()), Breaker(ERRORS_ONLY)
    opened = fed(three, trace)[0]
    assert (opened.at_s, opened.state) == (333.0, "open")
    (breach,) = opened.breaches
    assert (breach.signal, breach.samples) == ("quality", 60)
    assert (breach.value, breach.limit) == (pytest.approx(0.744), pytest.approx(0.782))
    assert fed(one, trace) == []


def test_errors_open_both_at_half_of_twenty() -> None:
    """Nine of 19 are under a half, and 19 are too few; the 20th makes ten of 20: at the limit."""
    for settings in (Settings(), ERRORS_ONLY):
        breaker = Breaker(settings)
        seen = [error(at) if at % 2 else answer(at) for at in range(20)]
        assert fed(breaker, seen[:-1]) == []
        assert fed(breaker, seen[-1:]) == [Transition(19.0, "closed", "open", (Breach("errors", 0.5, 0.5, 20),))]


def test_fewer_requests_than_needed_decide_nothing() -> None:
    breaker = Breaker(Settings(), Baseline(p95_s=0.1, quality=1.0))
    assert fed(breaker, (error(at) for at in range(19))) == []
    breaker = Breaker(Settings(), Baseline(p95_s=0.1, quality=1.0))
    assert fed(breaker, (answer(at, 9.0, 0.0) for at in range(19))) == []


def test_quality_needs_its_own_number_of_samples() -> None:
    breaker = Breaker(Settings(), Baseline(quality=1.0))
    assert fed(breaker, (answer(at, None, 0.0) for at in range(49))) == []
    assert [one.state for one in breaker.see(answer(49, None, 0.0))] == ["open"]


def test_refusals_for_the_callers_own_sake_say_nothing() -> None:
    """A 429 is your limit, not their overload (reference, reliability.md 5.3)."""
    breaker = Breaker(Settings())
    assert fed(breaker, (Observation(at, None) for at in range(1000))) == []
    assert breaker.seen == {"errors": 0, "latency": 0, "quality": 0}


def test_it_is_open_for_its_cool_down_then_half_open_and_its_probes_decide() -> None:
    breaker = Breaker(ERRORS_ONLY)
    fed(breaker, (error(at) for at in range(20)))  # opens at 19
    assert breaker.tick(48.999) == []
    assert breaker.tick(49.0) == [Transition(49.0, "open", "half_open")]
    assert fed(breaker, [answer(50), answer(51), answer(52), answer(53)]) == []
    assert breaker.see(answer(54)) == [Transition(54.0, "half_open", "closed")]


def test_bad_probes_open_it_again_for_another_cool_down() -> None:
    breaker = Breaker(ERRORS_ONLY)
    fed(breaker, (error(at) for at in range(20)))
    found = fed(breaker, [answer(60), answer(61), error(62), error(63), error(64)])  # three of five
    assert [(one.at_s, one.origin, one.state) for one in found] == [
        (49.0, "open", "half_open"),  # when it was due, not when the next request came
        (64.0, "half_open", "open"),
    ]
    assert breaker.tick(93.999) == []
    assert [one.state for one in breaker.tick(94.0)] == ["half_open"]


def test_what_quality_opened_only_quality_closes() -> None:
    """Probes without a sample of it are no proof: missing data is never a pass."""
    breaker = Breaker(Settings(min_qualities=20), Baseline(p95_s=1.0, quality=1.0))
    fed(breaker, (answer(at, 1.0, 0.0) for at in range(20)))
    assert breaker.state == "open"
    assert fed(breaker, (answer(60 + at, 1.0) for at in range(100)))[-1].state == "half_open"
    assert breaker.state == "half_open"
    found = fed(breaker, (answer(200 + at, 1.0, 1.0) for at in range(5)))
    assert [(one.at_s, one.state) for one in found] == [(204.0, "closed")]


@pytest.mark.parametrize(("good", "state"), [(5, "closed"), (4, "open")])
def test_while_half_open_the_good_must_be_proven(good: int, state: str) -> None:
    """Limit 0.85: four good of five are 0.8, under it, though five samples prove nothing bad."""
    breaker = Breaker(Settings(min_qualities=20), Baseline(p95_s=1.0, quality=1.0))
    fed(breaker, (answer(at, 1.0, 0.0) for at in range(20)))
    fed(breaker, (answer(60 + at, 1.0, float(at < good)) for at in range(5)))
    assert breaker.state == state


def test_what_it_saw_before_it_closed_is_forgotten() -> None:
    breaker = Breaker(ERRORS_ONLY)
    fed(breaker, (error(at / 100) for at in range(20)))
    fed(breaker, (answer(31 + at / 100) for at in range(5)))
    assert breaker.state == "closed"
    assert fed(breaker, (error(32 + at / 100) for at in range(19))) == []  # the 20 errors of before do not count


def test_what_comes_while_it_is_open_is_not_seen() -> None:
    breaker = Breaker(ERRORS_ONLY)
    fed(breaker, (error(at / 100) for at in range(20)))
    before = dict(breaker.seen)
    fed(breaker, (error(1 + at / 100) for at in range(500)))
    assert breaker.seen == before


def test_the_baseline_is_learned_from_the_first_healthy_minute() -> None:
    breaker = Breaker(Settings())
    fed(breaker, (answer(at, 1.0 + at / 100, 0.9) for at in range(60)))
    assert breaker.baseline == Baseline()
    breaker.see(answer(60, 1.6, 0.9))
    # of the 60 latencies 1.01 … 1.60 in the last minute the 57th; the first, of 60 s ago, has left
    assert learned(breaker) == pytest.approx((1.57, 0.9))


def test_no_baseline_is_learned_while_requests_fail() -> None:
    breaker = Breaker(Settings(error_ratio=1.0))
    fed(breaker, (error(at) if at % 10 == 0 else answer(at, 1.0, 0.9) for at in range(120)))  # a tenth
    assert (breaker.baseline, breaker.unhealthy_baseline) == (Baseline(), True)
    fed(breaker, (answer(at, 1.0, 0.9) for at in range(120, 240)))
    assert learned(breaker) == pytest.approx((1.0, 0.9))


def test_a_thin_minute_is_no_baseline() -> None:
    breaker = Breaker(Settings())
    fed(breaker, (answer(10 * at, 1.0, 0.9) for at in range(100)))  # six a minute
    assert (breaker.baseline, breaker.judged["latency"]) == (Baseline(), 0)


def test_what_is_stated_is_not_learned() -> None:
    breaker = Breaker(Settings(), Baseline(p95_s=9.0))
    fed(breaker, (answer(at, 1.0, 0.9) for at in range(100)))
    assert learned(breaker) == pytest.approx((9.0, 0.9))


def test_a_signal_without_a_baseline_has_no_limit() -> None:
    breaker = Breaker(Settings())
    assert [breaker.limit(signal) for signal in ("errors", "latency", "quality")] == [0.5, None, None]
    stated = Breaker(Settings(), Baseline(2.0, 0.9))
    assert [stated.limit(signal) for signal in ("latency", "quality")] == [6.0, pytest.approx(0.765)]


def test_a_time_that_steps_back_counts_as_now() -> None:
    breaker = Breaker(ERRORS_ONLY)
    fed(breaker, [answer(100.0), *(error(40.0) for _ in range(19))])  # 60 s ago they would be out of the window
    assert breaker.state == "open"


@pytest.mark.parametrize(("quality", "seconds"), [(0.92, 40_000), (0.99, 40_000)])
def test_a_healthy_provider_trips_it_never(quality: float, seconds: int) -> None:
    """Answers that are good or bad by chance: eleven hours of one a second, with the same share throughout."""
    dice, breaker = Random(1), Breaker(Settings())
    trace = (answer(at, 1.0 + dice.random(), float(dice.random() < quality)) for at in range(seconds))
    assert fed(breaker, trace) == []


def test_the_same_trace_gives_the_same_transitions() -> None:
    dice = Random(3)
    trace = [Observation(at, dice.random() < 0.4, dice.random(), dice.random()) for at in range(2000)]
    settings = Settings(error_ratio=0.5)
    assert fed(Breaker(settings), trace) == fed(Breaker(settings), trace) != []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("window_s", 0.0),
        ("window_s", math.inf),
        ("min_samples", 0),
        ("error_ratio", 1.01),
        ("error_ratio", 0.0),
        ("latency_factor", -1.0),
        ("quality_factor", 1.5),
        ("cool_down_s", 0.0),
        ("probes", 0),
        ("baseline_s", float("nan")),
        ("healthy_error_ratio", 1.0),
    ],
)
def test_settings_that_cannot_be_are_refused(name: str, value: float) -> None:
    with pytest.raises(BadInput, match=f"{name} is"):
        Settings(**{name: value})  # type: ignore[arg-type] # one name after the other
