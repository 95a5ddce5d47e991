"""A game day in a minute and a half: the first window of OpenRouter's outage of 2026-02-17, at 60 times its speed.

    python examples/demo_gameday.py            against LiteLLM where examples/systems/install.py has put it,
    python examples/demo_gameday.py gateway    else against the simulated gateway

It is held blind. A responder stands in: a thread that looks at statuses as a dashboard would, and marks what it sees
from a second terminal. 0 when the day was held to its end, and the time to detect is that of the wall within a second.
Providers, proxy and gateway run on this machine, and end with it; no key is needed.
"""

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from llmops.chaos.experiments import known

PRESET, SPEED = "openrouter-2026-02-17-fake401", 60
LLMOPS = [sys.executable, "-m", "llmops", "gameday"]
RUNS = Path("runs")
FIRST_ERROR = 400
LOOK_S, CLOSE_S = 0.2, 1.0  # how often the dashboard is looked at; how exact the time to detect must be


def main() -> int:
    """Plan, hold, and look at what came of it."""
    system = sys.argv[1] if len(sys.argv) > 1 else ("litellm" if known.is_installed("litellm") else "gateway")
    before = set(RUNS.glob("gameday-*"))
    with tempfile.TemporaryDirectory() as folder:
        plan = planned(system, Path(folder))
        responder = Responder(before)
        responder.start()
        print(f"held against {known.recipe(system).title}, blind:\n", flush=True)
        done = subprocess.run([*LLMOPS, "run", str(plan), "--blind"], check=False)
    responder.over.set()
    responder.join()
    if done.returncode not in (0, 1):  # that the hypotheses fail would be a result, too
        return done.returncode
    return told(responder)


def planned(system: str, folder: Path) -> Path:
    """The preset's plan, with a detector that counts 401 as the provider's fault: after this incident one would."""
    plan = folder / f"gameday-{PRESET}.yaml"
    command = [*LLMOPS, "plan", PRESET, "--speed", str(SPEED), "--system", system, "--out", str(plan)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    text = plan.read_text(encoding="utf-8")
    plan.write_text(text.replace("  detector:", "  detector:\n    error_statuses: [401]", 1), encoding="utf-8")
    return plan


class Responder(threading.Thread):
    """Sees the statuses of a provider, not what was injected; marks when they go bad, and when they are good again."""

    def __init__(self, before: set[Path]) -> None:
        super().__init__(daemon=True)
        self._before = before
        self.over = threading.Event()
        self.run_folder: Path | None = None
        self.marked_at = 0.0

    def run(self) -> None:
        """Until the day is over."""
        while not self.over.wait(LOOK_S):
            self.run_folder = self.run_folder or next(iter(set(RUNS.glob("gameday-*")) - self._before), None)
            if self.run_folder is not None and not self.marked_at and any(self._bad()):
                self._say("note", "the first errors of the primary on the dashboard")
                self._say("mark", "detected")
                self.marked_at = time.time()
                self._say("note", "action: alert on the share of 401s, with keys that worked a minute ago")

    def _bad(self) -> Iterator[dict[str, Any]]:
        """Answers with an error, since the proof that rollback works."""
        assert self.run_folder is not None  # noqa: S101 - asked before
        steps = lines_of(self.run_folder / "journal.jsonl")
        proven = next((line["at"] for line in steps if line["what"] == "rollback proven"), None)
        for line in lines_of(self.run_folder / "proxy.jsonl") if proven else ():
            if line["kind"] == "wire" and line["at"] > proven and (line["status"] or FIRST_ERROR) >= FIRST_ERROR:
                yield line

    def _say(self, *words: str) -> None:
        subprocess.run([*LLMOPS, *words, "--run", str(self.run_folder)], check=False, stderr=subprocess.DEVNULL)


def told(responder: Responder) -> int:
    """What the report says of the responder, against the wall."""
    assert responder.run_folder is not None  # noqa: S101 - the day was held
    result = json.loads((responder.run_folder / "result.json").read_text(encoding="utf-8"))
    times = next(table for table in result["tables"] if table["name"] == "times")
    marked_s = times["rows"][0][1]
    receipts = [line for line in lines_of(responder.run_folder / "proxy.jsonl") if is_on_a_user(line)]
    first = min(datetime.fromisoformat(line["at"]).timestamp() for line in receipts)
    wall_s = responder.marked_at - first
    print(f"\nthe responder marked it {marked_s:.1f} s after the first fault on a request; by the wall {wall_s:.1f} s")
    print(f"the report: {responder.run_folder}/report.html")
    close = abs(marked_s - wall_s) <= CLOSE_S
    print("every time is that of the wall" if close else f"not within {CLOSE_S:g} s", flush=True)
    return 0 if close else 1


def is_on_a_user(line: dict[str, Any]) -> bool:
    """A fault that was applied to a request of the load."""
    applied = line["kind"] == "receipt" and line.get("applied")
    return bool(applied and "-canary-" not in (line.get("request_id") or "-canary-"))


def lines_of(path: Path) -> list[dict[str, Any]]:
    """The lines that have their end."""
    data = path.read_bytes() if path.exists() else b""
    return [json.loads(line) for line in data[: data.rfind(b"\n") + 1].splitlines()]


if __name__ == "__main__":
    sys.exit(main())
