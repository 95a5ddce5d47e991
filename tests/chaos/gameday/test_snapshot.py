"""A moment in words; in blind mode no word of what was injected."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest

from llmops.chaos.gameday.board import screen_of
from llmops.chaos.gameday.burn import Burn
from llmops.chaos.gameday.conductor import Conductor
from llmops.chaos.gameday.detecting import Detecting, Opening
from llmops.chaos.gameday.kept_requests import KeptRequests
from llmops.chaos.gameday.loader import load_plan
from llmops.chaos.gameday.past import Past
from llmops.chaos.gameday.snapshot import Event, Snapshot, line_of, long, snapshot_of
from llmops.chaos.gameday.tally import Tally
from llmops.chaos.gameday.words import Word
from llmops.live import drawn

FULL = Snapshot(
    "openrouter-2026-02-17-fake401-and-a-name-that-does-not-end-before-the-frame",
    "running",
    754.0,
    blind=False,
    phase="keys-refused",
    place="3 of 5",
    phase_s=12.0,
    duration_s=25.0,
    faults=("invalid_api_key on primary", "internal_error on primary", "unavailable on backup"),
    planned=200,
    seen={"whole": 80, "error": 12, "bad 200": 3, "hang": 1},
    attempts=180,
    burn=Burn(16, 50, 0.99, 30.0, 5.0, 2.0),
    usd=Decimal("0.1234"),
    unmeasured=2,
    usd_over=5.0,
    events=tuple(Event(1_790_000_000.0 + at, f"note {at} " + "with many words " * 12) for at in range(4)),
)


def test_all_of_it_stands_in_a_line() -> None:
    assert line_of(FULL) == (
        " 754 s · keys-refused (3 of 5), 12 of 25 s · faults invalid_api_key on primary, internal_error on primary, "
        "unavailable on backup · callers 80 whole, 12 error, 3 bad 200, 1 hang of 96 so far, 200 planned · "
        "1.88 attempts each · burn 32× (expected 5×) over the last 50, 30 days of budget gone in 22.5 h · "
        "cost 0.1234 USD, 2 attempts not measured, stops over 5"
    )


def test_blind_it_tells_of_callers_and_of_nothing_that_was_injected() -> None:
    shot = replace(FULL, blind=True, events=())
    told = line_of(shot) + "".join(f"{row.label} {row.value}" for row in screen_of(shot).rows)
    assert "80 whole, 12 error" in told
    for word in ("keys-refused", "3 of 5", "25 s", "invalid_api_key", "internal_error", "unavailable", "expected"):
        assert word not in told, word


@pytest.mark.parametrize("blind", [True, False])
def test_blind_no_name_no_finding_and_no_preparation_tells_of_the_incident(
    plan_file: Callable[..., Path], tmp_path: Path, *, blind: bool
) -> None:
    plan = load_plan(plan_file())
    assert plan.gameday.detector is not None
    detecting = Detecting(plan.gameday.detector, ["gpt-4o"], 7)
    detecting.openings.append(Opening(2.0, "primary", "errors 0.511 over 0.5 of 45 requests"))
    kept = KeptRequests(tmp_path / "requests.jsonl")
    conductor = Conductor(plan, Past(), kept, Tally(None), detecting, doing="proving that rollback works")
    conductor.words.append(Word(1.0, "note", "call support"))
    screen = screen_of(snapshot_of(plan, conductor, 0.0, blind=blind, now=lambda: 3.0))
    kept.close()
    told = " ".join([screen.title, *(row.value for row in screen.rows), *screen.lines])
    assert "call support" in told
    for word in ("tiny", "detector", "0.511", "rollback"):
        assert (word in told) is not blind, word


def test_what_is_not_measured_is_said_so() -> None:
    bare = Snapshot("day", "running", 1.0, blind=False, phase="broken", place="2 of 3", phase_s=0.0, duration_s=9.0)
    assert [row.value for row in screen_of(bare).rows][4:] == [
        "nothing yet",
        "nothing yet",
        "nothing yet",
        "not measured",
    ]
    assert Snapshot("day", "starting", 1.0, blind=False).attempts_each is None


@pytest.mark.parametrize("shot", [FULL, replace(FULL, blind=True), Snapshot("day", "starting", 1.0, blind=False)])
def test_the_screen_fits_24_lines_of_80_columns(shot: Snapshot) -> None:
    from rich.console import Console

    console = Console(width=80, height=24, record=True, file=StringIO())
    console.print(drawn(screen_of(shot)))
    lines = console.export_text().splitlines()
    assert len(lines) <= 23  # and a line for the cursor
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(("seconds", "told"), [(9, "9 s"), (90, "2 min"), (7200, "2.0 h"), (3 * 86_400, "3.0 days")])
def test_a_length_of_time_is_told_in_its_own_unit(seconds: float, told: str) -> None:
    assert long(seconds) == told
