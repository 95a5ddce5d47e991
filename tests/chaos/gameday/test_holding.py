"""Whole game days, each a process of its own, on the tests' gateway: let be, spoken to, killed and taken up again."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.gameday.run_folder import RunFolder
from llmops.chaos.gameday.words import What, say

pytestmark = [pytest.mark.xdist_group("game days"), pytest.mark.timeout(240)]

GATEWAY = Path(__file__).parents[1] / "experiments" / "tiny_gateway.py"
PATIENCE_S = 60.0
PLAN = f"""\
schema_version: 1
name: day
seed: 7
system:
  command: ["{sys.executable}", "{GATEWAY}", "{{port}}", "{{primary.base_url}}", "{{backup.base_url}}"]
  base_path: /v1
  ready: {{path: /health, timeout_s: 30}}
providers:
  primary: {{simulate: openai, models: [gpt-4o], itl_s: 0.001}}
  backup: {{simulate: openai, models: [gpt-4o], itl_s: 0.001}}
load: {{requests_per_second: 40, model: gpt-4o, deadline_s: 5, stream: false}}
baseline: {{requests: 40}}
phases:
  - name: first
    requests: 60
    faults:
      - {{provider: primary, fault: unavailable}}
  - name: second
    requests: 60
    faults:
      - {{provider: primary, fault: internal_error}}
recovery: {{requests: 40}}
expectations:
  - functional_success: {{at_least: 0.9}}
gameday:
  goal: The backup takes over.
  hypotheses:
    - {{name: first-is-saved, says: As usual., check: {{functional_success: {{at_least: 0.9}}}}, phases: [first]}}
    - {{name: second-is-saved, says: As usual., check: {{functional_success: {{at_least: 0.9}}}}, phases: [second]}}
  blast_radius: {{says: Simulated callers only., request_ratio: {{first: 1.0, second: 1.0}}}}
  safety:
    error_budget: {{target_ratio: 0.99, expected_failed_ratio: {{first: 0.05, second: 0.05}}}}
    abort_when: {{burn_over_expected: 2.0, functional_success_below: 0.3, usd_over: 5}}
    canary: {{lease_s: 1}}
  detector: {{window_s: 5, baseline_s: 0.5, signals: [errors]}}
"""


@dataclass
class Day:
    """One run in a folder of its own."""

    folder: Path
    process: "subprocess.Popen[bytes] | None" = None

    def write(self, *changes: tuple[str, str]) -> Path:
        text = PLAN
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "day.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    def start(self, *options: str) -> None:
        self._begin("run", str(self.folder / "day.yaml"), "--runs-dir", str(self.folder / "runs"), *options)

    def resume(self) -> None:
        self._begin("resume", "--runs-dir", str(self.folder / "runs"))

    def _begin(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "llmops", "gameday", *arguments, "--plain", "--format", "json"]
        with (self.folder / "out.json").open("wb") as out, (self.folder / "err.txt").open("wb") as err:
            self.process = subprocess.Popen(command, stdout=out, stderr=err, cwd=self.folder)

    def said(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """A command of the second terminal."""
        command = [sys.executable, "-m", "llmops", "gameday", *arguments, "--runs-dir", str(self.folder / "runs")]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)

    def hear(self, what: What, text: str = "") -> None:
        """The same without the half second that a command takes to start."""
        say(RunFolder(self.run), what, text)

    def end(self) -> int:
        assert self.process is not None
        return self.process.wait(PATIENCE_S)

    def kill(self) -> None:
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE_S)

    @property
    def run(self) -> Path:
        (run,) = (self.folder / "runs").iterdir()
        return run

    def journal(self) -> list[dict[str, Any]]:
        return lines_of(self.run / "journal.jsonl")

    def proxy(self) -> list[dict[str, Any]]:
        return lines_of(self.run / "proxy.jsonl")

    def result(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.run / "result.json").read_text(encoding="utf-8"))
        return found

    def table(self, name: str) -> list[dict[str, Any]]:
        """The rows of one table of the result, by the names of its columns."""
        table = next(each for each in self.result()["tables"] if each["name"] == name)
        names = [column["name"] for column in table["columns"]]
        return [dict(zip(names, row, strict=True)) for row in table["rows"]]

    def verdicts(self) -> dict[str, str]:
        return {row["hypothesis"]: row["verdict"] for row in self.table("hypotheses")}

    def errors(self) -> str:
        return (self.folder / "err.txt").read_text(encoding="utf-8")

    def until(self, holds: Callable[[list[dict[str, Any]]], bool]) -> None:
        """Wait for the journal to say so."""
        assert self.process is not None
        limit = time.monotonic() + PATIENCE_S
        while time.monotonic() < limit:
            if self.process.poll() is not None:
                raise AssertionError(f"it ended before: {self.errors()}")
            runs = self.folder / "runs"
            if runs.exists() and any(runs.iterdir()) and holds(self.journal()):
                return
            time.sleep(0.02)
        raise AssertionError(f"never came: {self.errors()}")

    def until_in(self, phase: str, seconds: float = 0.5) -> None:
        """Wait until a phase has gone on for so long."""
        self.until(lambda lines: any((line["what"], line.get("phase")) == ("phase began", phase) for line in lines))
        time.sleep(seconds)


def lines_of(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    data = path.read_bytes()
    return [json.loads(line) for line in data[: data.rfind(b"\n") + 1].splitlines()]


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    """A game day that may be changed; nothing of it stays."""
    one = Day(tmp_path)
    one.write()
    yield one
    if one.process is not None and one.process.poll() is None:
        one.kill()


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> Day:
    """One that nobody touches."""
    one = Day(tmp_path_factory.mktemp("unbroken"))
    one.write()
    one.start()
    assert one.end() == 0, one.errors()
    return one


def metric(day: Day, name: str) -> float | None:
    found: float | None = next(each["value"] for each in day.result()["metrics"] if each["name"] == name)
    return found


def nothing_stays(day: Day) -> None:
    """What the proxy was told to begin has ended, by hand or by its lease."""
    on = {(each["provider"], each["injection"]) for each in day.proxy() if each.get("what") == "injection on"}
    off = [(each["provider"], each["injection"]) for each in day.proxy() if each.get("what") == "injection off"]
    assert on
    assert on <= set(off)


# --- one that nobody touches


def test_a_fallback_that_takes_over_passes_every_hypothesis(unbroken: Day) -> None:
    assert unbroken.verdicts() == {"first-is-saved": "PASS", "second-is-saved": "PASS"}
    assert unbroken.result()["verdict"]["word"] == "PASS"
    assert [(row["phase"], row["sent"], row["hit"], row["failed"]) for row in unbroken.table("phases")] == [
        ("baseline", 40, 0, 0),
        ("first", 60, 60, 0),
        ("second", 60, 60, 0),
        ("recovery", 40, 0, 0),
    ]


def test_rollback_is_proven_before_the_first_phase_by_a_lease_that_nobody_ends(unbroken: Day) -> None:
    steps = [line["what"] for line in unbroken.journal()]
    proof = ["canary on", "canary seen", "canary ended by its lease", "healthy after the canary", "rollback proven"]
    places = [steps.index(each) for each in proof]
    first = next(at for at, line in enumerate(unbroken.journal()) if line.get("phase") == "first")
    assert places == sorted(places)
    assert places[-1] < first
    canary = [line for line in unbroken.proxy() if line.get("injection") == "llmops-canary" and line["kind"] == "note"]
    assert [line.get("why") for line in canary if line["what"] == "injection off"] == ["lease expired"]


def test_the_detector_opens_after_the_first_fault_on_a_request_and_its_time_is_that_of_the_wall(unbroken: Day) -> None:
    receipts = [line for line in unbroken.proxy() if line["kind"] == "receipt" and line["injection"] == "unavailable"]
    first = min(epoch(line["at"]) for line in receipts)
    opened = next(line["at_s"] for line in unbroken.journal() if line["what"] == "detector opened")
    assert metric(unbroken, "detection_s") == pytest.approx(opened - first, abs=0.05)


def test_the_second_command_tells_the_same_as_the_run(unbroken: Day) -> None:
    before = unbroken.result()
    told = unbroken.said("report", "--format", "json")
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["tables"] == before["tables"]
    refused = unbroken.said("pause")
    assert refused.returncode == 2
    assert "is not running" in refused.stderr


def test_files_of_a_run_are_their_owners(unbroken: Day) -> None:
    names = ("journal.jsonl", "proxy.jsonl", "requests.jsonl", "result.json", "report.html")
    assert {(unbroken.run / name).stat().st_mode & 0o077 for name in names} == {0}


def epoch(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


# --- people step in


def test_a_pause_takes_faults_off_while_the_load_goes_on_and_blind_mode_tells_of_no_phase(
    day: Day,
) -> None:
    day.start("--blind")
    day.until_in("first")
    day.hear("note", "action: tell support")
    day.hear("mark", "detected")
    day.hear("pause", "coffee")
    day.until(lambda lines: any(line["what"] == "paused" for line in lines))
    time.sleep(0.5)
    hits = sum(line["kind"] == "receipt" for line in day.proxy())
    served = sum(line["kind"] == "wire" for line in day.proxy())
    time.sleep(1.0)
    assert sum(line["kind"] == "receipt" for line in day.proxy()) == hits
    assert sum(line["kind"] == "wire" for line in day.proxy()) > served + 20
    assert day.said("resume").returncode == 0  # of a run that goes on it is a word like the others
    assert day.end() == 0, day.errors()
    assert day.verdicts() == {"first-is-saved": "PASS", "second-is-saved": "PASS"}
    phases = {row["phase"]: row for row in day.table("phases")}
    assert phases["first"]["sent"] >= 58
    assert phases["first"]["hit"] == phases["first"]["sent"]
    assert "tell support" in [row["action"] for row in day.table("actions")]
    assert day.table("times")[0]["marked_s"] > 0
    assert "not shown: blind" in day.errors()
    for word in ("unavailable", "internal_error", "first", "second", "recovery", "baseline"):
        assert word not in day.errors(), word


def test_who_sees_all_is_shown_the_faults_and_the_phases(unbroken: Day) -> None:
    told = unbroken.errors()
    for word in ("faults unavailable on primary", "first (2 of 4)", "second (3 of 4)", "proving that rollback works"):
        assert word in told, word


def test_a_phase_that_is_skipped_early_is_invalid_and_the_others_are_not(day: Day) -> None:
    day.start()
    day.until_in("first", 0.3)
    day.hear("skip")
    assert day.end() == 3, day.errors()
    assert day.verdicts() == {"first-is-saved": "INVALID", "second-is-saved": "PASS"}
    assert "skipped" in "".join(row["what"] for row in day.table("timeline"))


def test_an_abort_ends_the_faults_at_once_and_the_run_with_invalid(day: Day) -> None:
    day.start()
    day.until_in("first", 0.3)
    day.hear("abort", "a customer calls")
    assert day.end() == 3, day.errors()
    assert "aborted by the operator: a customer calls" in day.result()["verdict"]["because"]
    assert not any(line.get("phase") in {"second", "recovery"} for line in day.journal())
    assert day.table("phases")[1]["failed"] == 0  # what was under way is cut off, and no failure
    said = next(line["at"] for line in lines_of(day.run / "operator.jsonl"))
    off = next(epoch(line["at"]) for line in day.journal() if line["what"] == "faults off" and line["phase"] == "first")
    assert off - said < 1.0
    nothing_stays(day)


# --- it ends by itself

ONE, OTHER = (f"- {{provider: {name}, fault: unavailable" for name in ("primary", "backup"))
BOTH = (ONE + "}", f"{ONE}}}\n      {OTHER}, schedule: {{probability: 0.5}}}}")
NOWHERE = [('"{{primary.base_url}}"', '"http://127.0.0.1:9/v1"'), ('"{{backup.base_url}}"', '"http://127.0.0.1:9/v1"')]


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ([BOTH], "error budget burns surely over"),
        ([("usd_over: 5", "usd_over: 0.0001")], "and the run stops over 0.0001 USD"),
        ([(old.replace("{{", "{").replace("}}", "}"), new) for old, new in NOWHERE], "the baseline is not healthy"),
    ],
)
def test_a_game_day_that_goes_too_far_ends_by_itself(day: Day, changes: list[tuple[str, str]], because: str) -> None:
    day.write(*changes)
    day.start()
    assert day.end() == 3, day.errors()
    assert because in next(line["broke_off"] for line in day.journal() if line["what"] == "ended")
    assert day.result()["verdict"]["word"] == "INVALID"


def test_a_cap_that_nobody_can_price_is_refused_before_anything_starts(day: Day) -> None:
    day.write(
        ("models: [gpt-4o], itl_s: 0.001}\n  backup", "models: [my-model], itl_s: 0.001}\n  backup"),
        ("model: gpt-4o,", "model: my-model,"),
    )
    day.start()
    assert day.end() == 2
    assert "no price is known for my-model" in day.errors()
    assert not (day.folder / "runs").exists()


# --- killed, and taken up again


@pytest.mark.parametrize("phase", ["baseline", "first", "second", "recovery"])
def test_killed_in_a_phase_and_resumed_it_has_the_verdicts_of_an_unbroken_run(
    day: Day, unbroken: Day, phase: str
) -> None:
    day.start()
    day.until_in(phase)
    day.kill()
    day.resume()
    code = day.end()
    for name, word in day.verdicts().items():
        about_the_interrupted = name.startswith(phase)
        assert word == unbroken.verdicts()[name] or (about_the_interrupted and word == "INVALID"), day.errors()
    word, because = day.result()["verdict"]["word"], day.result()["verdict"]["because"]
    assert word == "PASS" or (word == "INVALID" and "the run was killed in it and taken up after" in because), because
    assert code == {"PASS": 0, "INVALID": 3}[word]
    began = [line["phase"] for line in day.journal() if line["what"] == "phase began"]
    assert began.count(phase) == (2 if phase == "baseline" else 1)
    assert len(began) == len(set(began)) + (phase == "baseline")  # no finished phase is repeated
    if phase != "baseline":
        stood = next(line for line in day.journal() if line["what"] == "clock stood")
        assert (stood["why"], stood["phase"]) == ("crashed", phase)
        assert any("the run was killed" in finding["text"] for finding in day.result()["findings"])
    nothing_stays(day)


def test_killed_while_the_canary_flies_it_is_proven_anew(day: Day) -> None:
    day.start()
    day.until(lambda lines: any(line["what"] == "canary on" for line in lines))
    day.kill()
    day.resume()
    assert day.end() == 0, day.errors()
    steps = [line["what"] for line in day.journal()]
    assert steps.count("canary on") == 2
    assert steps.count("canary ended by its lease") == 1
    assert day.result()["verdict"]["word"] == "PASS"


def test_a_gap_that_takes_too_many_requests_makes_its_phase_invalid_and_is_named(day: Day) -> None:
    day.write(
        ("models: [gpt-4o], itl_s: 0.001}\nload", "models: [gpt-4o], ttft_s: 1.0}\nload"),
        ("load: {requests_per_second: 40", "load: {requests_per_second: 20"),
    )
    day.start()
    day.until_in("second", 2.0)  # twenty answers of a second each are under way
    day.kill()
    told = day.said("report", "--format", "json")
    assert told.returncode == 3
    assert "its process was killed in second" in told.stdout
    day.resume()
    assert day.end() == 3, day.errors()
    assert day.verdicts() == {"first-is-saved": "PASS", "second-is-saved": "INVALID"}
    assert "the run was killed in it and taken up after" in day.result()["verdict"]["because"]
    again = day.said("resume")
    assert (again.returncode, "has ended" in again.stderr) == (2, True)
