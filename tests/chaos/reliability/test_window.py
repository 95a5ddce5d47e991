import math
from random import Random

import pytest

from llmops.chaos.reliability.window import Observation, Window, p95


def test_an_empty_window_knows_nothing() -> None:
    window = Window(60)
    assert (window.error_ratio, window.p95_s, window.quality, window.quality_error) == (None, None, None, 0.0)


def test_errors_answers_and_refusals_are_counted_apart() -> None:
    window = Window(60)
    for error in (True, False, False, None, False):
        window.add(Observation(1.0, error, latency_s=2.0, quality=0.5))
    assert (window.errors, window.answers, window.judged) == (1, 3, 4)
    assert (window.error_ratio, window.latencies, window.qualities) == (0.25, 3, 3)  # of answers only


def test_what_is_as_old_as_the_window_is_long_is_forgotten() -> None:
    window = Window(10)
    window.add(Observation(0.0, True))
    window.add(Observation(9.5, False, 1.0, 1.0))
    assert window.judged == 2
    window.move(10.0)
    assert (window.judged, window.errors) == (1, 0)
    window.move(19.5)
    assert (window.judged, window.latencies, window.quality) == (0, 0, None)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], None),
        ([7.0], 7.0),
        (list(range(1, 21)), 19),  # 95 of 100 of 20 are 19
        (list(range(1, 22)), 20),  # of 21 they are 19.95: the 20th
        (list(range(1, 101)), 95),
        (list(range(1, 102)), 96),  # 95.95
    ],
)
def test_the_95th_percentile_is_a_value_that_was_there(values: list[float], expected: float | None) -> None:
    assert p95(values) == expected


def test_the_standard_error_is_that_of_a_share_for_answers_that_are_good_or_not() -> None:
    window = Window(60)
    for quality in (1.0, 1.0, 1.0, 0.0):
        window.add(Observation(1.0, False, None, quality))
    assert window.quality == 0.75
    assert window.quality_error == pytest.approx(math.sqrt(0.75 * 0.25 / 4))


def test_a_window_that_moves_says_the_same_as_one_that_is_filled_anew() -> None:
    dice, window = Random(0), Window(5)
    seen = [
        Observation(at / 8, dice.choice((True, False, False, None)), dice.random(), dice.choice((None, dice.random())))
        for at in range(1000)
    ]
    for number, one in enumerate(seen):
        window.add(one)
        fresh = Window(5)
        for other in seen[max(0, number - 39) : number + 1]:  # 5 s of eight a second
            fresh.add(other)
        assert (window.errors, window.answers, window.p95_s) == (fresh.errors, fresh.answers, fresh.p95_s)
        assert window.quality == (None if fresh.quality is None else pytest.approx(fresh.quality))
        assert window.quality_error == pytest.approx(fresh.quality_error, abs=1e-7)
