"""A report of a run that was killed, and of one that has ended; what has ended is not taken up."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.gameday.run_folder import About, RunFolder

Llmops = Callable[..., Any]
PLAN = """\
schema_version: 1
name: day
system: {known: gateway}
providers:
  primary: {simulate: openai, models: [gpt-4o]}
  backup: {simulate: openai, models: [gpt-4o-mini]}
load: {requests_per_second: 10, model: gpt-4o, deadline_s: 5}
baseline: {requests: 60}
phases:
  - name: broken
    duration_s: 20
    faults:
      - {provider: primary, fault: unavailable}
recovery: {requests: 60}
expectations:
  - functional_success: {at_least: 0.9}
gameday:
  goal: The backup takes over.
  hypotheses:
    - {name: backup-answers, says: All is well., check: {functional_success: {at_least: 0.9}}}
  blast_radius: {says: Simulated callers only.}
  safety:
    error_budget: {target_ratio: 0.99}
    abort_when: {functional_success_below: 0.5}
"""


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """One that was killed before its baseline was over."""
    folder = RunFolder(tmp_path / "runs" / "gameday-1")
    folder.begin(About(str(tmp_path / "day.yaml"), "t", "2026-11-26T10:00:00+00:00"), PLAN)
    journal(folder, "began")
    journal(folder, "phase began", phase="baseline", phase_kind="baseline", planned_requests=60, began_at=1795732169.0)
    return folder


def journal(folder: RunFolder, what: str, **fields: Any) -> None:
    line = {"schema_version": 1, "kind": "step", "at": "2026-11-26T10:00:01.000000Z", "what": what, **fields}
    with folder.journal.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


@pytest.mark.parametrize("output_format", ["text", "json", "md", "html"])
def test_a_killed_run_is_told_as_far_as_it_came(llmops: Llmops, run: RunFolder, output_format: str) -> None:
    told = llmops("gameday", "report", "--format", output_format)
    assert told.code == 3, told.err
    assert "its process was killed in" in " ".join(told.out.split())
    assert "backup-answers" in told.out
    assert (run.path / "result.json").exists()


def test_of_a_run_that_goes_on_nothing_is_written(llmops: Llmops, run: RunFolder) -> None:
    with run.held():
        assert llmops("gameday", "report").code == 3
    assert not (run.path / "result.json").exists()


def test_what_has_ended_is_not_taken_up(llmops: Llmops, run: RunFolder) -> None:
    journal(run, "ended", broke_off="broken: aborted by the operator")
    told = llmops("gameday", "resume")
    assert told.code == 2
    assert "has ended" in told.err
    assert "aborted by the operator" in " ".join(llmops("gameday", "report").out.split())
