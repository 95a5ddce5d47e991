"""Two breakers on a trace; problem 11's cases, with the arithmetic."""

from random import Random

import pytest

from llmops.chaos.reliability.breaker import Baseline, Settings
from llmops.chaos.reliability.replay import BadSpan, Detection, Outcome, replay, spans_of
from llmops.chaos.reliability.trace import Recorded


def answer(at_s: float, quality: float | None = None, latency_s: float | None = 1.0) -> Recorded:
    return Recorded(at_s, False, latency_s, quality)


def error(at_s: float) -> Recorded:
    return Recorded(at_s, True)


FALLING = [answer(at, 0.92 if at < 300 else 0.60) for at in range(600)]
BAD = [BadSpan(300, 600)]


def test_all_200_and_the_quality_falls() -> None:
    """Three signals open 33 s after the fall (test_breaker.py shows the arithmetic), errors only stay closed."""
    both = replay(FALLING, Settings())
    three, one = both.three_signals.outcome(), both.errors_only.outcome()
    assert three.detections(BAD) == (Detection(BAD[0], 33.0),)
    assert (three.false_trips(BAD), len(three.trips)) == (0, 1)
    assert one.detections(BAD) == (Detection(BAD[0], None),)
    assert one.transitions == ()
    assert both.availability.http == 1.0
    assert both.availability.functional == pytest.approx((0.92 + 0.60) / 2)


def test_of_100_bad_answers_errors_show_20_and_a_perfect_evaluator_all() -> None:
    """Problem 11: 20 visible by HTTP, 80 only in what they say."""
    trace = [error(at) if at % 5 == 0 else answer(at, 0.0) for at in range(100)]
    both = replay(trace, Settings(error_ratio=1.0), Baseline(1.0, 1.0))
    assert both.availability.bad == 100
    assert both.errors_only.outcome().bad_seen == 20
    assert both.three_signals.outcome().bad_seen == 100


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_a_sampled_evaluator_sees_its_share_of_them(share: float) -> None:
    """Expected semantic detection per answer is the sampling rate; 5,000 answers, four standard errors."""
    dice = Random(5)
    trace = [answer(at, 0.0) for at in range(5000)]
    both = replay(trace, Settings(), sampled=lambda _number: dice.random() < share)
    expected, scatter = 5000 * share, (5000 * share * (1 - share)) ** 0.5
    assert both.three_signals.outcome().bad_seen == pytest.approx(expected, abs=4 * scatter)


def test_availability_is_counted_by_two_measures() -> None:
    """Ten requests: one refused (429), three errors, six answers of which four are judged: 1, 1, 0, 0.

    HTTP 6/9; functional 6/9 · 2/4 = 1/3.
    """
    trace = [
        Recorded(0, None),
        *map(error, range(1, 4)),
        *(answer(at, q) for at, q in enumerate((1, 1, 0, 0, None, None))),
    ]
    counted = replay(trace, Settings()).availability
    assert (counted.requests, counted.judged, counted.bad) == (10, 9, 5)
    assert counted.http == pytest.approx(6 / 9)
    assert counted.functional == pytest.approx(1 / 3)


def test_what_nobody_measured_is_none_and_not_zero() -> None:
    assert replay([answer(0)], Settings()).availability.functional is None
    assert replay([], Settings()).availability.http is None
    assert replay([Recorded(0, None)], Settings()).availability.http is None


def outcome_of(trace: list[Recorded]) -> Outcome:
    return replay(trace, Settings()).errors_only.outcome()


def test_an_opening_outside_every_bad_span_is_a_false_trip() -> None:
    outcome = outcome_of([error(at) for at in range(20)])  # opens at 19
    assert outcome.false_trips([BadSpan(0, 100)]) == 0
    assert outcome.false_trips([BadSpan(19, 19)]) == 0
    assert outcome.false_trips([BadSpan(20, 100)]) == 1
    assert outcome.false_trips([BadSpan(0, 18)]) == 1
    assert outcome.false_trips([BadSpan(0, 18, grace_s=1)]) == 0  # its window still holds what was bad
    assert outcome.false_trips([]) == 1


def test_to_open_again_after_bad_probes_is_no_second_trip() -> None:
    outcome = outcome_of([error(at) for at in range(200)])
    assert (len(outcome.trips), outcome.false_trips([])) == (1, 1)
    assert [one.state for one in outcome.transitions][:4] == ["open", "half_open", "open", "half_open"]


def test_a_span_in_which_it_was_open_from_the_start_has_no_delay() -> None:
    outcome = outcome_of([error(at) for at in range(25)])
    assert outcome.detections([BadSpan(22, 40)]) == (Detection(BadSpan(22, 40), None, open_before=True),)


def test_how_long_it_was_open_and_what_that_held_back() -> None:
    """Opens at 19, half open at 49, closed by the five answers at 49 … 53: open for 30 s, holding back 20 … 48."""
    trace = [error(at) for at in range(20)] + [answer(at, None, 0.0) for at in range(20, 60)]
    outcome = outcome_of(trace)
    assert (outcome.open_s, outcome.good_held_back, outcome.bad_let_through) == (30.0, 29, 20)


def test_it_is_open_to_the_end_of_the_trace_where_nothing_closed_it() -> None:
    assert outcome_of([error(at) for at in range(40)]).open_s == 20.0  # from 19 to 39


def test_applied_faults_make_spans() -> None:
    assert spans_of([], apart_s=60, grace_s=5) == ()
    assert spans_of([70, 10, 40, 200, 261], apart_s=60, grace_s=5) == (
        BadSpan(10, 70, 5),
        BadSpan(200, 200, 5),
        BadSpan(261, 261, 5),
    )
