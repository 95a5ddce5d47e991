"""Exported experiments, played by Chaos Toolkit's library and by `llmops chaos run`, at a proxy that runs already."""

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

from llmops.chaos.experiments.chaostoolkit.exporting import exported

pytestmark = [pytest.mark.xdist_group("standing proxy"), pytest.mark.timeout(300)]
Json = dict[str, Any]
RESCUED: list[tuple[str, str]] = []
LAUNDERED = [("fault: unavailable", "fault: clean_end_mid_answer"), ("  - fallback_used\n", "")]
REFUSED = [("fault: unavailable", "fault: refused"), ("requests: 40\n    faults", "requests: 120\n    faults")]
NEVER = [("fault: unavailable", "fault: unavailable, scope: {routes: [anthropic_messages]}")]


@pytest.fixture
def run(tmp_path: Path, llmops: Callable[..., Any]) -> Callable[[Json], tuple[int, Json, Json]]:
    """`llmops chaos run` on an experiment: exit code, result, and journal in their shape."""

    def play(data: Json) -> tuple[int, Json, Json]:
        (tmp_path / "exported.json").write_text(json.dumps(data), encoding="utf-8")
        ran = llmops("chaos", "run", "exported.json", "--format", "json", "--out", "run")
        return ran.code, json.loads(ran.out), json.loads((tmp_path / "run/journal.json").read_text(encoding="utf-8"))

    return play


@pytest.mark.parametrize(
    "case", [(RESCUED, "PASS"), (REFUSED, "PASS"), (LAUNDERED, "FAIL")], ids=["rescued", "refused", "laundered"]
)
def test_both_engines_say_the_same_and_leave_no_fault(
    standing: Any, tiny: Any, theirs: Any, run: Any, case: Any
) -> None:
    changes, word = case
    document = exported(*tiny(*changes))
    their = theirs(document)
    assert (their["status"], their["deviated"]) == ("completed", word == "FAIL")
    assert their["steady_states"]["after"]["probes"][0]["output"]["verdict"] == word
    assert standing.active() == []
    code, result, mine = run(document)
    assert (code, result["verdict"]["word"]) == ({"PASS": 0, "FAIL": 1}[word], word)
    assert (mine["status"], mine["deviated"]) == ("completed", word == "FAIL")
    assert [each["status"] for each in mine["run"]] == [each["status"] for each in their["run"]]
    assert [each["output"] for each in mine["run"]] == [each["output"] for each in their["run"]]
    assert standing.active() == []


def test_a_fault_that_never_fires_is_a_pass_under_neither(standing: Any, tiny: Any, theirs: Any, run: Any) -> None:
    document = exported(*tiny(*NEVER))
    their = theirs(document)
    assert (their["status"], their["deviated"]) == ("failed", True)  # its probe failed: there is no other word for it
    code, result, mine = run(document)
    assert (code, result["verdict"]["word"], mine["status"], mine["deviated"]) == (3, "INVALID", "failed", False)
    assert "never fired" in result["scenarios"][0]["reason"]
    assert standing.active() == []


def test_an_injection_that_fails_is_a_pass_under_neither(standing: Any, tiny: Any, theirs: Any, run: Any) -> None:
    """Chaos Toolkit goes on after it, as if there were a fault: the verdict of the hypothesis does not."""
    document = exported(*tiny(("  - fallback_used\n", "")))
    document["method"][0]["provider"]["arguments"]["provider"] = "nobody"
    their = theirs(document)
    assert [each["status"] for each in their["run"]] == ["failed", "succeeded", "failed", "succeeded"]
    assert (their["status"], their["deviated"]) == ("failed", True)
    without = {**document, "steady-state-hypothesis": {"title": "none", "probes": []}}
    assert (theirs(without)["status"], theirs(without)["deviated"]) == ("completed", False)  # theirs alone sees nothing
    code, result, mine = run(document)
    assert (code, result["verdict"]["word"], mine["status"]) == (3, "INVALID", "failed")
    assert "proxy not found" in result["scenarios"][0]["reason"]
    assert standing.active() == []


def test_without_a_rollback_the_fault_ends_with_the_process(standing: Any, tiny: Any, theirs: Any, run: Any) -> None:
    document = exported(*tiny())
    document["method"], document["rollbacks"] = document["method"][:2], []
    del document["steady-state-hypothesis"]
    theirs(document)
    assert standing.active() == []
    run(document)
    assert standing.active() == []


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
@pytest.mark.parametrize("engine", ["theirs", "ours"])
def test_a_run_that_is_killed_leaves_no_fault_on(  # noqa: PLR0917 - two engines, three signals
    standing: Any, tiny: Any, request: pytest.FixtureRequest, tmp_path: Path, engine: str, name: str
) -> None:
    """Theirs does not roll back then (1.44.0 does at SIGTERM, 1.45.1 does not); the module and its leases do."""
    if engine == "theirs":
        request.getfixturevalue("theirs")  # skips where their library is absent
    document = exported(*tiny(("requests: 40\n    faults", "duration_s: 60\n    faults")))
    document["method"][0]["provider"]["arguments"]["lease_s"] = 1.0
    path = tmp_path / "exported.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    script = str(Path(__file__).with_name("theirs.py"))
    command = [script, str(path)] if engine == "theirs" else ["-m", "llmops", "chaos", "run", str(path)]
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=tmp_path,
        env=dict(os.environ),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _until(lambda: standing.active() != [], 30)
    process.send_signal(getattr(signal, name))
    process.wait(30)
    _until(lambda: standing.active() == [], 10)
    if engine == "ours":
        assert process.returncode == {"SIGINT": 130, "SIGTERM": 143, "SIGKILL": -9}[name]


def _until(holds: Callable[[], bool], limit_s: float) -> None:
    limit = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.05)
