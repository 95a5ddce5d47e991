"""The command that a breaker wakes, as a real process; the clock is passed in, so that nothing waits for a timeout."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.proxy.journal import Journal
from llmops.chaos.reliability.waking import GRACE_S, Call, Waking

CALL = Call("openai", "open", "2026-11-26T10:00:00Z", "quality 0.7 surely under 0.8")
PATIENCE_S = 20.0  # for a process that should be gone in milliseconds


def until(holds: Callable[[], bool], waking: Waking | None = None) -> None:
    limit = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < limit, "it did not happen"
        if waking:
            waking.poll()
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]


class Bench:
    """A waking with a journal and a clock of its own."""

    def __init__(self, folder: Path, command: list[str], timeout_s: float = 60.0) -> None:
        self.path = folder / "steps.jsonl"
        self.now = 0.0
        self.said: list[str] = []
        self.waking = Waking(
            command, Journal(self.path), timeout_s=timeout_s, clock=lambda: self.now, say=self.said.append
        )

    @property
    def steps(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.path.read_text(encoding="utf-8").splitlines()]

    def done(self) -> None:
        until(lambda: not self.waking.busy, self.waking)


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", code, *arguments]


def test_it_is_told_why_in_arguments_and_environment(tmp_path: Path) -> None:
    code = """
import os, pathlib, sys
said = [*sys.argv[2:], os.environ["LLMOPS_WHY"], os.environ["LLMOPS_AT"]]
pathlib.Path(sys.argv[1]).write_text(" ".join(said))
"""
    bench = Bench(tmp_path, python(code, str(tmp_path / "woken"), "{provider}", "{state}", "a b; c"))
    bench.waking.ask(CALL)
    bench.done()
    woken = (tmp_path / "woken").read_text(encoding="utf-8")
    assert woken == "openai open a b; c quality 0.7 surely under 0.8 2026-11-26T10:00:00Z"  # no shell has read it
    assert [(step["what"], step.get("exit_code")) for step in bench.steps] == [
        ("command started", None),
        ("command ended", 0),
    ]
    assert bench.steps[0]["provider"] == "openai"


def test_a_command_that_fails_is_journalled_with_its_exit_code(tmp_path: Path) -> None:
    bench = Bench(tmp_path, python("raise SystemExit(7)"))
    bench.waking.ask(CALL)
    bench.done()
    assert bench.steps[-1]["exit_code"] == 7


def test_a_program_that_cannot_start_is_said_and_ends_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path, [str(tmp_path / "none")])
    bench.waking.ask(CALL)
    assert bench.steps[-1]["what"] == "command not started"
    assert "cannot start" in bench.said[0]
    assert not bench.waking.busy


def test_one_runs_at_a_time_in_their_order(tmp_path: Path) -> None:
    out = tmp_path / "out"
    bench = Bench(
        tmp_path, python(f"import sys, time; time.sleep(0.05); open({str(out)!r}, 'a').write(sys.argv[1])", "{state}")
    )
    for state in ("1", "2", "3"):
        bench.waking.ask(Call("openai", state, "now"))
    bench.done()
    assert out.read_text(encoding="utf-8") == "123"
    whats = [step["what"] for step in bench.steps]
    assert whats == ["command started", "command ended"] * 3


def test_past_its_time_it_is_told_to_end(tmp_path: Path) -> None:
    bench = Bench(tmp_path, python("import time; time.sleep(600)"), timeout_s=60)
    bench.waking.ask(CALL)
    bench.now = 59.9
    bench.waking.poll()
    assert bench.waking.busy
    bench.now = 60.0
    bench.done()
    assert (bench.steps[-1]["what"], bench.steps[-1]["exit_code"]) == ("command timed out", -signal.SIGTERM)


DEAF = """
import os, pathlib, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)  # and so does what it forks
child = os.fork()
if child:
    pathlib.Path(sys.argv[1]).write_text(str(child))
time.sleep(600)
"""


def test_one_that_does_not_hear_is_killed_with_what_it_started(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    bench = Bench(tmp_path, python(DEAF, str(pid_file)), timeout_s=60)
    bench.waking.ask(CALL)
    until(lambda: pid_file.exists() and bool(pid_file.read_text(encoding="ascii")))
    grandchild = int(pid_file.read_text(encoding="ascii"))
    bench.now = 60.0
    bench.waking.poll()  # SIGTERM
    bench.now = 60.0 + GRACE_S
    bench.done()  # SIGKILL
    assert bench.steps[-1]["exit_code"] == -signal.SIGKILL
    until(lambda: not is_alive(grandchild))


def test_to_close_ends_what_runs_and_does_not_run_what_waits(tmp_path: Path) -> None:
    bench = Bench(tmp_path, python("import time; time.sleep(600)"))
    bench.waking.ask(CALL)
    bench.waking.ask(Call("azure", "open", "later"))
    pid = bench.steps[0]["pid"]
    bench.waking.close()
    assert not is_alive(pid)
    assert [step["what"] for step in bench.steps][1:] == ["ended with the watch", "command not run: the watch ended"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a parent-death signal")
def test_a_watch_that_is_killed_leaves_no_command_behind(tmp_path: Path) -> None:
    code = """
import pathlib, sys, time
from llmops.chaos.proxy.journal import Journal
from llmops.chaos.reliability.waking import Call, Waking
path = pathlib.Path(sys.argv[1])
Waking([sys.executable, "-c", "import time; time.sleep(600)"], Journal(path)).ask(Call("openai", "open", "now"))
print(1, flush=True)
time.sleep(600)
"""
    path = tmp_path / "steps.jsonl"
    with subprocess.Popen(python(code, str(path)), stdout=subprocess.PIPE) as watch:
        assert watch.stdout is not None
        watch.stdout.readline()
        pid = json.loads(path.read_text(encoding="utf-8").splitlines()[0])["pid"]
        assert is_alive(pid)
        watch.kill()
    until(lambda: not is_alive(pid))
