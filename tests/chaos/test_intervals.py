"""Wilson intervals, and what they decide; all expected values worked out by hand from the formula."""

from math import sqrt

import pytest

from llmops.chaos.intervals import Z, at_least, at_most, least_samples, wilson


def test_the_quantile_is_that_of_two_sides_at_95_percent() -> None:
    assert pytest.approx(1.959964, abs=1e-6) == Z


def test_eight_of_ten() -> None:
    # z² = 3.841459; centre (0.8 + 0.192073) / 1.384146 = 0.716740; half 1.959964 * sqrt(0.016 + 0.009604) / 1.384146
    low, high = wilson(8, 10)
    assert low == pytest.approx(0.716740 - 0.226575, abs=1e-5)
    assert high == pytest.approx(0.716740 + 0.226575, abs=1e-5)


def test_published_interval_of_81_of_263() -> None:
    """Newcombe, R. G. (1998), Statistics in Medicine 17, 857-872, table I: 0.2553 to 0.3662."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_published_interval_of_none_of_20() -> None:
    """The same table: 0 to 0.1611."""
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_500_of_500_is_no_proof_of_0_995() -> None:
    decision = at_least(500, 500, 0.995)
    assert decision.low == pytest.approx(0.992, abs=5e-4)  # 500 / (500 + 3.841459) = 0.99238
    assert (decision.word, decision.needed) == ("INVALID", 765)  # 3.841459 * 0.995 / 0.005 = 764.45


def test_765_of_765_is() -> None:
    assert at_least(764, 764, 0.995).word == "INVALID"
    assert at_least(765, 765, 0.995).word == "PASS"


def test_nothing_at_all_is_no_proof_of_anything() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert at_least(0, 0, 0.01).word == "INVALID"
    assert at_most(0, 0, 0.99).word == "INVALID"
    assert at_most(0, 0, 0).word == "INVALID"
    assert at_least(0, 0, 1).word == "INVALID"


@pytest.mark.parametrize(
    ("count", "n", "limit", "word"),
    [
        (73, 73, 0.95, "PASS"),  # 3.841459 * 0.95 / 0.05 = 72.99
        (72, 72, 0.95, "INVALID"),
        (40, 40, 0.9, "PASS"),  # from 35 on
        (34, 34, 0.9, "INVALID"),
        (20, 40, 0.9, "FAIL"),
        (36, 40, 0.9, "INVALID"),  # the ratio is the limit
        (30, 40, 0.9, "FAIL"),  # 0.15 > 1.96 * sqrt(0.09 / 40) = 0.093
        (33, 40, 0.9, "INVALID"),  # 0.075 < 0.093
    ],
)
def test_at_least(count: int, n: int, limit: float, word: str) -> None:
    assert at_least(count, n, limit).word == word


@pytest.mark.parametrize(
    ("count", "n", "word"), [(0, 34, "INVALID"), (0, 35, "PASS"), (1, 35, "FAIL"), (1, 10_000, "FAIL"), (1, 1, "FAIL")]
)
def test_where_none_is_allowed_one_fails_and_none_passes_from_35_on(count: int, n: int, word: str) -> None:
    assert at_most(count, n, 0).word == word  # 3.841459 * 0.9 / 0.1 = 34.57


def test_all_is_the_mirror_of_none() -> None:
    assert [at_least(n, n, 1).word for n in (34, 35)] == ["INVALID", "PASS"]
    assert at_least(999, 1000, 1).word == "FAIL"


def test_the_bound_of_none_can_be_set() -> None:
    assert [at_most(0, n, 0, rules_out=0.5).word for n in (3, 4)] == ["INVALID", "PASS"]  # 3.841459 * 0.5 / 0.5


def test_the_samples_needed_are_those_with_which_the_same_ratio_decides() -> None:
    decision = at_least(33, 40, 0.9)
    assert decision.needed == 62  # 3.841459 * 0.09 / 0.075² = 61.46
    assert at_least(round(0.825 * 1000), 1000, 0.9).word == "FAIL"
    assert at_least(36, 40, 0.9).needed is None  # no number decides at the limit itself


@pytest.mark.parametrize("limit", [0.01, 0.05, 0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("n", [1, 7, 40, 333])
def test_decisions_are_those_of_the_interval(limit: float, n: int) -> None:
    for count in range(n + 1):
        low, high = wilson(count, n)
        expected = "PASS" if high <= limit else "FAIL" if low > limit else "INVALID"
        assert at_most(count, n, limit).word == expected


def test_decisions_mirror() -> None:
    for count in range(41):
        assert at_most(count, 40, 0.2).word == at_least(40 - count, 40, 0.8).word


def test_the_fewest_samples_decide_and_one_fewer_do_not() -> None:
    for limit in (0.005, 0.05, 0.1, 0.3):
        n = least_samples(limit)
        assert (at_most(0, n, limit).word, at_most(0, n - 1, limit).word) == ("PASS", "INVALID")


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    """Exactly, by the binomial distribution with n 100 and p 0.3: Wilson's coverage is near its level."""
    p, n, mass, covered = 0.3, 100, 0.7**100, 0.0
    for count in range(n + 1):
        low, high = wilson(count, n)
        covered += mass if low <= p <= high else 0.0
        mass *= (n - count) / (count + 1) * p / (1 - p)
    assert covered == pytest.approx(0.95, abs=0.02)
    assert sqrt(p * (1 - p) / n) < 0.05


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="5 of 4"):
        wilson(5, 4)
    with pytest.raises(ValueError, match="nothing to decide"):
        least_samples(1.0)
