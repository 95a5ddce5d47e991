"""A run read back from its journals, as they are after each kind of end."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.gameday.clock import Gap
from llmops.chaos.gameday.loader import load_plan, steps_of
from llmops.chaos.gameday.past import Past, read_past
from llmops.chaos.gameday.run_folder import RunFolder

Write = Callable[..., Path]
AT = "2026-11-26T10:00:{:02d}.000000Z"


def line(second: int, what: str, **fields: Any) -> dict[str, Any]:
    return {"kind": "step", "at": AT.format(second), "what": what, **fields}


def sent(number: int, due_at: float) -> dict[str, Any]:
    return {"kind": "sent", "phase": "broken", "id": f"t-{number}", "number": number, "due_at": due_at}


BEGAN = line(0, "began")
BASELINE = [
    line(1, "phase began", phase="baseline", phase_kind="baseline", planned_requests=60, began_at=1.0),
    line(2, "phase ended", phase="baseline", ended_at=2.0, skipped=False),
]
PROVEN = line(3, "rollback proven", lease_s=1.0)
BROKEN = [
    line(4, "phase began", phase="broken", phase_kind="inject", planned_requests=200, began_at=4.0),
    line(4, "faults on", phase="broken", injections=[["primary", "unavailable", 4.25]]),
]
OFF = line(9, "faults off", phase="broken", off_at=9.0)
OVER = line(9, "phase ended", phase="broken", ended_at=9.5, skipped=False)


def read(tmp_path: Path, plan: Path, lines: list[dict[str, Any]], requests: list[dict[str, Any]]) -> Past:
    for name, kept in (("journal.jsonl", lines), ("requests.jsonl", requests)):
        text = "".join(json.dumps(each) + "\n" for each in kept)
        (tmp_path / name).write_text(text + '{"half', encoding="utf-8")
    return read_past(RunFolder(tmp_path), steps_of(load_plan(plan)))


def test_a_run_that_came_to_its_end(plan_file: Write, tmp_path: Path) -> None:
    lines = [BEGAN, *BASELINE, PROVEN, *BROKEN, OFF, OVER, line(10, "ended", broke_off="")]
    past = read(tmp_path, plan_file(), lines, [])
    assert (past.lives, past.ended, past.broke_off, past.interrupted) == (1, True, "", None)
    assert past.rollback_proven
    assert past.finished("baseline")
    assert past.finished("broken")
    broken = past.phases[1].phase(past.last_sign_at)
    assert (broken.began_at, broken.ended_at, broken.planned_requests) == (4.0, 9.5, 200)
    assert (broken.injections[0].on_at, broken.injections[0].off_at) == (4.25, 9.0)


def test_a_killed_run_has_lived_as_long_as_its_last_request_was_due(plan_file: Write, tmp_path: Path) -> None:
    lines = [BEGAN, *BASELINE, PROVEN, *BROKEN]
    past = read(tmp_path, plan_file(), lines, [sent(0, 4.5), sent(1, 6.5)])
    assert not past.ended
    assert past.interrupted is not None
    assert past.interrupted.step.name == "broken"
    assert past.last_sign_at == 6.5
    assert past.kept.sent == {"broken": 2}
    assert past.interrupted.phase(past.last_sign_at).injections[0].off_at is None  # nobody saw it off


def test_killed_while_it_was_paused_it_has_lived_until_the_pause(plan_file: Write, tmp_path: Path) -> None:
    lines = [BEGAN, *BASELINE, PROVEN, *BROKEN, line(6, "paused", phase="broken", at_s=6.0)]
    assert read(tmp_path, plan_file(), lines, [sent(0, 4.5), sent(1, 6.5)]).last_sign_at == 6.0


def test_taken_up_its_fault_was_first_seen_in_the_first_life(plan_file: Write, tmp_path: Path) -> None:
    again = line(30, "faults on", phase="broken", injections=[["primary", "unavailable", 30.5]])
    stood = line(30, "clock stood", from_at=6.5, to_at=30.0, why="crashed", phase="broken")
    ended = line(33, "phase ended", phase="broken", ended_at=33.5, skipped=True)
    over = [line(33, "faults off", phase="broken", off_at=33.0), ended]
    lines = [BEGAN, *BASELINE, PROVEN, *BROKEN, line(20, "began"), stood, again, *over]
    past = read(tmp_path, plan_file(), lines, [sent(0, 4.5)])
    broken = past.phases[1].phase(past.last_sign_at)
    assert (past.lives, past.gaps) == (2, [Gap(6.5, 30.0, "crashed", "broken")])
    assert (broken.injections[0].on_at, broken.injections[0].off_at) == (4.25, 33.0)
    assert past.phases[1].skipped


def test_a_baseline_that_was_cut_off_and_held_anew_is_one_phase(plan_file: Write, tmp_path: Path) -> None:
    later = [{**each, "began_at": 21.0} if "began_at" in each else {**each, "ended_at": 22.0} for each in BASELINE]
    past = read(tmp_path, plan_file(), [BEGAN, BASELINE[0], line(20, "began"), *later], [])
    assert [(each.step.name, each.began_at, each.ended_at) for each in past.phases] == [("baseline", 21.0, 22.0)]


def test_a_journal_of_another_plan_is_none(plan_file: Write, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="which the plan has not"):
        read(tmp_path, plan_file(), [BEGAN, {**BROKEN[0], "phase": "other"}], [])
