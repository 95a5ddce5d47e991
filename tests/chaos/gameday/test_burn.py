"""Burn: 1 % failed of a target of 99.9 % is ten times too fast (The Site Reliability Workbook, chapter 5)."""

from collections.abc import Callable
from pathlib import Path

import pytest

from llmops.chaos.gameday.burn import Burn, BurnMeter
from llmops.chaos.gameday.loader import load_plan


def test_the_rate_is_the_failed_ratio_over_what_the_target_leaves() -> None:
    assert Burn(10, 1000, 0.999, 30.0).rate == pytest.approx(10.0)
    assert Burn(0, 0, 0.999, 30.0).rate is None
    assert Burn(10, 1000, 0.999, 30.0).budget_lasts_s == pytest.approx(3 * 86_400)  # 30 days, ten times too fast
    assert Burn(0, 10, 0.999, 30.0).budget_lasts_s is None


def test_it_is_too_fast_only_where_it_surely_is_over_the_factor() -> None:
    """Expected 5 % of a target of 99 %: a rate of 5, and the run stops over 10, which is 10 % failed.

    Of 50 the Wilson interval of 10 begins at 11.2 %, that of 9 at 9.8 % (worked out by the formula in intervals.py).
    """
    assert Burn(10, 50, 0.99, 30.0, 5.0, 2.0).too_fast
    assert not Burn(9, 50, 0.99, 30.0, 5.0, 2.0).too_fast


def test_without_an_expected_rate_it_never_is() -> None:
    assert not Burn(50, 50, 0.99, 30.0, None, 2.0).too_fast
    assert not Burn(50, 50, 0.99, 30.0, 5.0, None).too_fast


def test_a_meter_waits_for_as_many_requests_as_it_looks_at(plan_file: Callable[..., Path]) -> None:
    meter = BurnMeter(load_plan(plan_file()).gameday, "broken")  # over 20 requests unless the plan says so
    for _ in range(19):
        meter.saw(success=False)
        assert meter.too_fast == ""
    meter.saw(success=False)
    assert "20 of the last 20 requests failed" in meter.too_fast
    for _ in range(20):
        meter.saw(success=True)
    assert meter.too_fast == ""
