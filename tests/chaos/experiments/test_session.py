"""A session: ports that are wanted twice or taken, and runners that are killed at any moment."""

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.experiments.loader import load_experiment
from llmops.chaos.experiments.plan import Plan, plan_of
from llmops.chaos.experiments.processes import free_port
from llmops.chaos.experiments.session import Session
from llmops.errors import BadInput, OutsideFailed

Write = Callable[..., Path]
MOMENTS = 6  # of each kind; `killing.py` does as many as it is told


def plan(write: Write, name: str, port: int) -> Plan:
    return plan_of(*load_experiment(write(("primary: {", f"primary: {{port: {port}, "), name=name)))


def test_one_experiment_writes_into_the_folder_and_several_into_folders_of_their_names(
    experiment_file: Write, tmp_path: Path
) -> None:
    plans = [plan(experiment_file, name, free_port()) for name in ("one", "other")]
    session = Session(tmp_path, "t")
    assert session.folder_of(plans[0], plans[:1]) == tmp_path
    assert session.folder_of(plans[0], plans) == tmp_path / "one"


def test_a_port_that_is_taken_ends_a_session_before_it_begins(experiment_file: Write, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(OutsideFailed, match=f"port {port} of one is in use"):
            asyncio.run(Session(tmp_path / "runs", "t").run([plan(experiment_file, "one", port)]))
    assert not (tmp_path / "runs").exists()


def test_two_experiments_that_want_one_port_are_refused(experiment_file: Write, tmp_path: Path) -> None:
    port = free_port()
    plans = [plan(experiment_file, name, port) for name in ("one", "other")]
    with pytest.raises(BadInput, match=f"one and other both want port {port}"):
        asyncio.run(Session(tmp_path / "runs", "t").run(plans))


def killed(kind: str, folder: Path) -> Any:
    script = Path(__file__).with_name("killing.py")
    command = [sys.executable, str(script), kind, str(folder), str(MOMENTS), "7"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="asks /proc which processes are left")


@ON_LINUX
def test_a_runner_killed_at_any_moment_leaves_no_process(tmp_path: Path) -> None:
    total = killed("own", tmp_path)
    assert total["undisturbed"] == 0
    assert total["stayed"] == []
    assert total["codes"].get("SIGKILL -9") == MOMENTS // 3, total["codes"]


@ON_LINUX
def test_a_runner_killed_at_any_moment_leaves_no_fault_on_after_its_lease(tmp_path: Path) -> None:
    total = killed("lease", tmp_path)
    assert total["undisturbed"] == 0
    assert total["on_when_killed"] > 0
    assert total["on_afterwards"] == []
    assert total["stayed"] == []
