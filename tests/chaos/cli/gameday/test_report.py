"""A report of a run that was killed, and of one that has ended; what has ended is not taken up."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.gameday.run_folder import About, RunFolder

Llmops = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path, plan_text: str) -> RunFolder:
    """One that was killed before its baseline was over."""
    folder = RunFolder(tmp_path / "runs" / "gameday-1")
    folder.begin(About(str(tmp_path / "day.yaml"), "t", "2026-11-26T10:00:00+00:00"), plan_text)
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
