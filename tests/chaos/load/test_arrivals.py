"""When requests are due."""

import math
from collections.abc import Callable, Iterator
from itertools import islice, pairwise, takewhile

import numpy as np
import pytest

from llmops.chaos.load.arrivals import KINDS, constant, gamma, named, poisson, replay, until
from llmops.errors import BadInput, UnknownName

N = 40_000


def gaps(arrivals: Iterator[float], n: int = N) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return np.diff([0.0, *islice(arrivals, n)])


def test_constant_arrivals_start_at_once_and_do_not_drift() -> None:
    assert list(islice(constant(10), 4)) == [0.0, 0.1, 0.2, 0.3]
    (last,) = islice(constant(3), 3_000_000, 3_000_001)
    assert last == 1_000_000.0  # a sum of a third each would be off by now


def test_poisson_gaps_are_exponential() -> None:
    found = gaps(poisson(20, seed=1))
    # Mean 1/20 with a standard error of (1/20)/sqrt(N); five of them for a test that fails once in a million seeds.
    assert found.mean() == pytest.approx(1 / 20, abs=5 / 20 / math.sqrt(N))
    assert found.std() == pytest.approx(1 / 20, rel=0.03)
    for seconds in (0.01, 0.05, 0.15):  # P(gap > t) = exp(-20 t); standard error at most 0.5/sqrt(N)
        assert (found > seconds).mean() == pytest.approx(math.exp(-20 * seconds), abs=2.5 / math.sqrt(N))
    assert found.max() > 3 / 20  # no gap is clamped


def test_poisson_counts_have_the_variance_of_their_mean() -> None:
    per_second = np.bincount(
        np.array(list(takewhile(lambda at: at < 2000, poisson(20, seed=2)))).astype(int), minlength=2000
    )
    assert per_second.mean() == pytest.approx(20, abs=5 * math.sqrt(20 / 2000))
    assert per_second.var() / per_second.mean() == pytest.approx(1, abs=5 * math.sqrt(2 / 2000))


@pytest.mark.parametrize("shape", [0.25, 1.0, 4.0])
def test_the_shape_says_how_bursty_gamma_arrivals_are(shape: float) -> None:
    found = gaps(gamma(20, shape=shape, seed=3))
    cv_squared = 1 / shape
    assert found.mean() == pytest.approx(1 / 20, abs=5 * math.sqrt(cv_squared) / 20 / math.sqrt(N))
    assert found.var() / found.mean() ** 2 == pytest.approx(cv_squared, rel=0.1)


def test_a_shape_of_one_is_poisson() -> None:
    assert list(islice(gamma(7, shape=1.0, seed=4), 50)) == list(islice(poisson(7, seed=4), 50))


def test_the_same_seed_gives_the_same_run_and_another_seed_another() -> None:
    first, again, other = (list(islice(poisson(5, seed=seed), 5000)) for seed in (1, 1, 2))
    assert first == again != other
    assert all(before < after for before, after in pairwise(first))


def test_recorded_moments_start_at_zero_and_may_be_hurried() -> None:
    assert list(replay([100.0, 100.5, 100.5, 103.0])) == [0.0, 0.5, 0.5, 3.0]
    assert list(replay([100.0, 103.0], speed=2)) == [0.0, 1.5]
    assert list(replay([])) == []


def test_recorded_moments_that_go_back_are_refused() -> None:
    for wrong in ([1.0, 0.5], [0.0, math.nan], [0.0, math.inf]):
        with pytest.raises(BadInput, match="stands after"):
            list(replay(wrong))


def test_a_load_ends_by_count_or_by_time() -> None:
    assert list(until(constant(2), count=3)) == [0.0, 0.5, 1.0]
    assert list(until(constant(2), duration_s=1.0)) == [0.0, 0.5]  # the end is not part of it
    assert list(until(constant(2), count=2, duration_s=9)) == [0.0, 0.5]
    assert list(until(constant(2), count=9, duration_s=0.6)) == [0.0, 0.5]
    assert list(until(iter(["a", "bb"]), duration_s=2, at_s=len)) == ["a"]


@pytest.mark.parametrize("wrong", [0.0, -1.0, math.inf, math.nan])
def test_a_rate_that_cannot_be_is_refused(wrong: float) -> None:
    makes: tuple[Callable[[], object], ...] = (
        lambda: constant(wrong),
        lambda: poisson(wrong, seed=0),
        lambda: gamma(1, shape=wrong, seed=0),
        lambda: replay([0.0], speed=wrong),
    )
    for make in makes:
        with pytest.raises(BadInput, match="cannot be"):
            make()


def test_arrivals_are_found_by_name() -> None:
    made = {kind: list(islice(named(kind, 5, shape=2.0, seed=1), 20)) for kind in KINDS}
    assert made["constant"] == list(islice(constant(5), 20))
    assert made["poisson"] == list(islice(poisson(5, seed=1), 20))
    assert made["gamma"] == list(islice(gamma(5, shape=2.0, seed=1), 20))
    with pytest.raises(UnknownName) as caught:
        named("poison", 5, shape=1.0, seed=1)
    assert caught.value.hint == "did you mean 'poisson'?"
