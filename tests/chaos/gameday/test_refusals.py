from collections.abc import Callable
from pathlib import Path

import pytest

from llmops.chaos.gameday.loader import load_plan
from llmops.errors import BadInput

PLACEBO = (
    "recovery: {requests: 60}\n",
    "  - name: quiet\n    duration_s: 10\n    faults: []\nrecovery: {requests: 60}\n",
)
BOTH = ("{broken: 0.05}", "{broken: 0.5, quiet: 0.05}")


def test_a_phase_without_a_fault_hits_nobody(plan_file: Callable[..., Path]) -> None:
    with pytest.raises(BadInput, match="quiet has no fault that could hit a request"):
        load_plan(plan_file(PLACEBO, BOTH, ("{broken: 1.0}", "{broken: 1.0, quiet: 0.1}")))
    load_plan(plan_file(PLACEBO, BOTH, ("{broken: 1.0}", "{broken: 1.0, quiet: 0}")))


def test_a_burn_that_one_phase_can_reach_is_enough(plan_file: Callable[..., Path]) -> None:
    load_plan(plan_file(PLACEBO, BOTH))  # twice 0.5 is everything, twice 0.05 is not
    with pytest.raises(BadInput, match="nothing to compare with in quiet"):
        load_plan(plan_file(PLACEBO))


def test_without_a_burn_nothing_has_to_be_expected(plan_file: Callable[..., Path]) -> None:
    load_plan(plan_file(("burn_over_expected: 2.0, ", ""), (", expected_failed_ratio: {broken: 0.05}", "")))


def test_notes_may_be_about_baseline_and_recovery(plan_file: Callable[..., Path]) -> None:
    notes = load_plan(plan_file(("notes: {", "notes: {baseline: All is well., "))).gameday.notes
    assert set(notes) == {"baseline", "broken", "recovery"}
