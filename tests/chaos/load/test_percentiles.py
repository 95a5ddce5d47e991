"""Percentiles, their intervals, and when there is none."""

import math
import random
from fractions import Fraction

import pytest

from llmops.chaos.load.percentiles import Estimate, Sample, ranks, samples_needed


def test_a_percentile_is_interpolated_between_order_statistics() -> None:
    sample = Sample(float(value) for value in range(1, 22))  # 1 … 21
    assert sample.percentile(50).value == 11
    assert sample.percentile(95).value == 20  # rank 1 + 0.95 * 20
    assert Sample([0.0, 10.0]).percentile(50).value == 5
    assert (sample.mean, sample.max, sample.n) == (11, 21, 21)


def test_published_ranks_of_the_median_come_out() -> None:
    # Tables of the sign test's interval for the median at 95 % (Conover, table A3): n, then the ranks.
    for n, low, high in [(6, 1, 6), (9, 2, 8), (10, 2, 9), (15, 4, 12), (20, 6, 15), (25, 8, 18), (30, 10, 21)]:
        assert ranks(n, 50) == (low, high)
    assert ranks(5, 50) == (None, None)  # 2 * 0.5^5 = 0.0625 is more than 0.05


@pytest.mark.parametrize(("percent", "least"), [(95, 72), (99, 368)])
def test_the_upper_end_is_open_until_a_sample_can_lie_beyond(percent: int, least: int) -> None:
    # P(all n below) = p^n has to be 0.025 or less: n = ln 0.025 / ln p, rounded up
    assert math.ceil(math.log(0.025) / math.log(percent / 100)) == least
    assert ranks(least - 1, percent)[1] is None
    assert ranks(least, percent)[1] == least


def test_the_ranks_are_those_of_the_exact_binomial_distribution() -> None:
    for n, percent in [(17, 50), (100, 95), (150, 99), (101, 10)]:
        p, side = Fraction(percent, 100), Fraction(1, 40)
        terms = [math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
        low = max((rank for rank in range(1, n + 1) if sum(terms[:rank]) <= side), default=None)
        high = min((rank for rank in range(1, n + 1) if sum(terms[rank:]) <= side), default=None)
        assert ranks(n, percent) == (low, high)


def test_a_million_samples_are_no_matter() -> None:
    low, high = ranks(1_000_000, 50)
    assert (low, high) == (499_020, 500_981)  # 500,000 -+ 1.96 * 500, and the interval's ends are inclusive


def test_the_interval_holds_the_true_percentile_as_often_as_it_says() -> None:
    dice = random.Random(5)
    held = {50: 0, 95: 0}
    for _ in range(400):
        sample = Sample(dice.random() for _ in range(100))
        for percent in held:
            found = sample.percentile(percent)
            held[percent] += (found.low or 0) <= percent / 100 <= (math.inf if found.high is None else found.high)
    assert all(364 <= count <= 400 for count in held.values())  # 380 or more; 3.7 standard errors below


def test_too_few_samples_give_no_number() -> None:
    assert [samples_needed(percent) for percent in (50, 90, 95, 99)] == [2, 10, 20, 100]
    assert Sample([1.0] * 99).percentile(99) == Estimate(None, None, None, 99, 100)
    assert Sample([1.0] * 99).percentile(99).too_few == "too few (99 of 100)"
    assert Sample([1.0] * 100).percentile(99).value == 1.0
    assert Sample([]).percentile(50).value is None
    assert (Sample([]).mean, Sample([]).max) == (None, None)
    assert Sample([1.0]).percentile(50).value is None


def test_estimates_are_apart_only_where_their_intervals_are() -> None:
    slow, slower = (Estimate(value, value - 0.1, value + 0.1, 100, 2) for value in (1.0, 1.15))
    assert not slow.is_below(slower)
    assert slow.is_below(Estimate(1.3, 1.11, None, 100, 2))
    assert not Estimate(1.0, 0.9, None, 3, 2).is_below(Estimate(9.0, 8.0, 10.0, 100, 2))  # its upper end is open


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_what_is_no_number_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="numbers only"):
        Sample([1.0, wrong])


@pytest.mark.parametrize("percent", [0, 100, -1])
def test_a_percentile_that_is_none_is_refused(percent: int) -> None:
    with pytest.raises(ValueError, match="no percentile"):
        samples_needed(percent)
