"""`llmops chaos watch` as a process: it follows, wakes once, and ends clean."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

COMMAND = [sys.executable, "-m", "llmops", "chaos", "watch"]
PATIENCE_S = 30.0
WAKE = "import pathlib, sys; f = pathlib.Path(sys.argv[1]).open('a'); f.write(f'{sys.argv[2]} {sys.argv[3]}\\n')"


def wire(at_s: float, status: int = 200) -> bytes:
    record = {
        "schema_version": 1,
        "kind": "wire",
        "at": datetime.fromtimestamp(at_s, UTC).isoformat(),
        "provider": "openai",
        "dialect": "openai_chat",
        "ended": "complete",
        "status": status,
        "upstream_status": status,
        "duration_s": 0.0,
    }
    return json.dumps(record).encode() + b"\n"


def append(path: Path, lines: Iterator[bytes]) -> None:
    with path.open("ab") as file:
        file.write(b"".join(lines))


def until(holds: Callable[[], bool]) -> None:
    limit = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < limit, "it did not happen"
        time.sleep(0.02)


@contextmanager
def watching(folder: Path, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """A watch of j.jsonl that has begun; it is killed where the body fails."""
    with subprocess.Popen(
        [*COMMAND, "j.jsonl", *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        try:
            assert running.stderr is not None
            assert running.stderr.readline().startswith("watching j.jsonl")
            yield running
        finally:
            running.kill()


def steps(folder: Path) -> list[dict[str, Any]]:
    file = folder / "j.jsonl.watch.jsonl"
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


def test_it_wakes_once_for_an_opening_and_sums_up_when_it_ends(tmp_path: Path) -> None:
    journal, woken = tmp_path / "j.jsonl", tmp_path / "woken"
    wake = ["--on-open", "--", sys.executable, "-c", WAKE, str(woken), "{provider}", "{state}"]
    with watching(tmp_path, *wake) as running:  # the journal is not there yet
        append(journal, (wire(time.time(), 503) for _ in range(40)))
        until(lambda: woken.exists() and woken.read_text(encoding="utf-8") != "")
        journal.rename(tmp_path / "j.jsonl.1")
        append(journal, (wire(time.time(), 503) for _ in range(40)))
        time.sleep(0.5)  # it is open: these change nothing
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=PATIENCE_S)
    assert running.returncode == 0
    assert "Traceback" not in err
    assert woken.read_text(encoding="utf-8") == "openai open\n"
    assert "Three signals: opened 1 time" in out
    assert [step["what"] for step in steps(tmp_path)] == ["breaker", "command started", "command ended"]
    assert steps(tmp_path)[2]["exit_code"] == 0


def test_what_is_past_wakes_nothing(tmp_path: Path) -> None:
    journal, woken = tmp_path / "j.jsonl", tmp_path / "woken"
    append(journal, (wire(1000.0 + at, 503) for at in range(40)))
    wake = ["--on-open", "--", sys.executable, "-c", WAKE, str(woken), "{provider}", "{state}"]
    with watching(tmp_path, *wake) as running:
        until(lambda: bool(steps(tmp_path)))
        running.terminate()
        running.communicate(timeout=PATIENCE_S)
    assert running.returncode == 0
    assert not woken.exists()
    assert steps(tmp_path)[0]["before_the_watch"] is True


def test_a_command_that_still_runs_ends_with_the_watch(tmp_path: Path) -> None:
    journal = tmp_path / "j.jsonl"
    with watching(tmp_path, "--on-open", "--", sys.executable, "-c", "import time; time.sleep(600)") as running:
        append(journal, (wire(time.time(), 503) for _ in range(40)))
        until(lambda: len(steps(tmp_path)) == 2)
        pid = steps(tmp_path)[1]["pid"]
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=PATIENCE_S)
    assert steps(tmp_path)[-1]["what"] == "ended with the watch"
    assert subprocess.run(["kill", "-0", str(pid)], capture_output=True, check=False).returncode != 0  # noqa: S607


def test_a_journal_that_never_comes_ends_clean(tmp_path: Path) -> None:
    with watching(tmp_path) as running:
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=PATIENCE_S)
    assert (running.returncode, out) == (0, "")
    assert "no request to a model came by" in err


@pytest.mark.parametrize(
    ("arguments", "code", "hint"),
    [
        (["--on-open"], 2, "--on-open -- PROGRAM ARGUMENTS"),
        (["--", "true"], 2, "--on-open -- PROGRAM ARGUMENTS"),
        (["--on-open", "--timeout", "0", "--", "true"], 2, "above 0"),
        (["--on-open", "--", "no-such-program-anywhere"], 4, "without a shell"),
        *((["--on-open", "--timeout", wrong, "--", "true"], 2, "above 0") for wrong in ("nan", "inf")),
        (["--window", "0"], 2, ""),
        (["--sample", "2"], 2, "ratio"),
    ],
)
def test_what_cannot_be_is_refused_before_it_begins(
    llmops: Callable[..., Any], arguments: list[str], code: int, hint: str
) -> None:
    ran = llmops("chaos", "watch", "j.jsonl", *arguments)
    assert ran.code == code
    assert hint in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("folder", [".", "..", "in"])
def test_a_folder_is_no_journal(llmops: Callable[..., Any], tmp_path: Path, folder: str) -> None:
    (tmp_path / "in").mkdir()
    ran = llmops("chaos", "watch", folder)
    assert (ran.code, ran.out) == (2, "")
    assert f"error: {folder} is a folder" in ran.err
    assert "such as proxy.jsonl" in ran.err


NUMBERS = ["window", "error-ratio", "latency-factor", "quality-factor", "cool-down", "baseline-window", "sample"]


@pytest.mark.parametrize("option", [*NUMBERS, "baseline-p95", "baseline-quality"])
@pytest.mark.parametrize("command", ["watch", "replay"])
@pytest.mark.parametrize("wrong", ["nan", "inf"])
def test_no_number_of_a_breaker_may_be_none_or_without_end(
    llmops: Callable[..., Any], tmp_path: Path, command: str, option: str, wrong: str
) -> None:
    (tmp_path / "j.jsonl").write_bytes(wire(1000.0))
    ran = llmops("chaos", command, "j.jsonl", f"--{option}", wrong)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.rpartition("error: ")[2].startswith((f"--{option}", option.replace("-", "_").removesuffix("window")))
