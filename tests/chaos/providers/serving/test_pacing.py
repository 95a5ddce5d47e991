"""Delays by their median and 95th percentile."""

import statistics
from random import Random

import pytest

from llmops.chaos.providers.serving.pacing import Delay
from llmops.errors import BadInput


def test_a_delay_without_a_percentile_is_constant() -> None:
    assert {Delay(0.3).draw_s(Random(seed)) for seed in range(9)} == {0.3}
    assert Delay(0.3, 0.3).draw_s(Random(0)) == 0.3
    assert Delay().draw_s(Random(0)) == 0


def test_half_the_draws_are_under_the_median_and_one_in_twenty_over_the_percentile() -> None:
    dice = Random(0)
    draws = [Delay(0.4, 1.2).draw_s(dice) for _ in range(20_000)]
    assert statistics.median(draws) == pytest.approx(0.4, rel=0.03)
    assert statistics.quantiles(draws, n=20)[-1] == pytest.approx(1.2, rel=0.05)


@pytest.mark.parametrize(
    ("median", "p95"), [(-0.1, None), (1.0, 0.9), (0.0, 0.1), (float("nan"), None), (1.0, float("inf"))]
)
def test_a_delay_that_cannot_be_is_refused_with_a_hint(median: float, p95: float | None) -> None:
    with pytest.raises(BadInput) as caught:
        Delay(median, p95)
    assert caught.value.hint
