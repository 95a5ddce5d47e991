"""Conditions hold in phases with faults: around them there is nothing to end."""

from collections.abc import Callable
from pathlib import Path

import pytest

from llmops.chaos.gameday.loader import load_plan, steps_of
from llmops.chaos.gameday.safety import Safety

Write = Callable[..., Path]


def told(path: Path, place: int, *, success: bool) -> str:
    plan = load_plan(path)
    safety = Safety(plan, steps_of(plan).steps[place])
    for _ in range(19):
        assert safety.saw(success=success) == ""
    return safety.saw(success=success)


def test_the_floor_and_the_burn_stop_a_phase_with_faults(plan_file: Write) -> None:
    assert told(plan_file(), 1, success=False) == "0 of the last 20 requests succeeded, and the run stops below 0.5"
    only_burn = plan_file((", functional_success_below: 0.5", ""))
    assert "the error budget burns surely over" in told(only_burn, 1, success=False)


def test_good_answers_stop_nothing(plan_file: Write) -> None:
    assert told(plan_file(), 1, success=True) == ""


@pytest.mark.parametrize("place", [0, 2])
def test_baseline_and_recovery_stop_nothing(plan_file: Write, place: int) -> None:
    assert told(plan_file(), place, success=False) == ""
