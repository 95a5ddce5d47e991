"""A snapshot of a game day as a screen of 24 lines and 80 columns."""

from datetime import UTC, datetime

from llmops.chaos.gameday.snapshot import Snapshot, burning, callers, cost, faults, long, where
from llmops.live import Row, Screen

STYLES = {"whole": "green", "error": "yellow", "bad 200": "red", "hang": "magenta"}
HINT = "a second terminal: llmops gameday note|mark|pause|resume|skip|abort"


def screen_of(shot: Snapshot) -> Screen:
    """What is drawn of it."""
    rows = [
        Row("running for", f"{long(shot.run_s)}{', blind' if shot.blind else ''}"),
        Row("phase", where(shot), "bold yellow" if shot.paused else "bold"),
        Row("", _clock(shot)),
        Row("faults on", faults(shot), "red" if shot.faults and not shot.blind else ""),
        Row("callers see", callers(shot)),
        Row("attempts", "nothing yet" if shot.attempts_each is None else f"{shot.attempts_each:.2f} per request"),
        Row("burn", burning(shot), "red" if shot.burn is not None and shot.burn.too_fast else ""),
        Row("cost", cost(shot)),
    ]
    shares = [(name, count, STYLES[name]) for name, count in shot.seen.items() if count]
    lines = [f"{datetime.fromtimestamp(event.at, UTC):%H:%M:%S} {event.text}" for event in shot.events]
    return Screen(f"game day {shot.name}".strip(), rows, shares, [*lines, HINT])


def _clock(shot: Snapshot) -> str:
    """How far the phase is, as a bar; not in blind mode, which has no phases."""
    if shot.blind or not shot.duration_s or shot.phase_s is None:
        return ""
    cells = 40
    done = round(cells * min(1.0, max(0.0, shot.phase_s / shot.duration_s)))
    return "━" * done + "─" * (cells - done)
