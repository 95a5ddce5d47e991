"""The minder as a process of its own, with commands of the shell behind it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from llmops.chaos.experiments.processes import MINDER

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs process groups")
Minded = Callable[..., "subprocess.Popen[str]"]
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="subreapers and the parent-death signal are Linux's")


@pytest.fixture
def minded() -> Iterator[Minded]:
    begun: list[subprocess.Popen[str]] = []

    def start(script: str, *, grace_s: float = 0.3, workdir: str = "") -> "subprocess.Popen[str]":
        command = [sys.executable, "-I", "-S", str(MINDER), str(grace_s), workdir, "sh", "-c", script]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        begun.append(process)
        return process

    yield start
    for process in begun:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def end_input(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.close()


def is_gone(pid: int, within_s: float = 5.0) -> bool:
    limit = time.monotonic() + within_s
    while time.monotonic() < limit:
        try:
            os.kill(pid, 0)
            state = Path(f"/proc/{pid}/stat")
            if state.exists() and state.read_text(encoding="ascii").rpartition(") ")[2].startswith("Z"):
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize("code", [0, 3])
def test_the_exit_code_is_that_of_the_command(minded: Minded, code: int) -> None:
    assert minded(f"exit {code}").wait(10) == code


def test_a_command_that_a_signal_ended_is_told_as_shells_do(minded: Minded) -> None:
    assert minded("kill -KILL $$").wait(10) == 128 + signal.SIGKILL


def test_the_end_of_input_ends_the_command(minded: Minded) -> None:
    process = minded("echo $$; exec sleep 1000")
    pid = int(line(process))
    end_input(process)
    assert process.wait(10) == 128 + signal.SIGTERM
    assert is_gone(pid)


def test_a_command_may_end_in_order(minded: Minded) -> None:
    process = minded("trap 'echo in order; exit 7' TERM; echo ready; while :; do sleep 0.01; done", grace_s=5)
    assert line(process) == "ready"
    end_input(process)
    assert line(process) == "in order"
    assert process.wait(10) == 7


def test_one_that_will_not_end_is_killed_after_the_grace(minded: Minded) -> None:
    process = minded("trap '' TERM; echo ready; while :; do sleep 0.01; done", grace_s=0.2)
    assert line(process) == "ready"
    began = time.monotonic()
    end_input(process)
    assert process.wait(10) == 128 + signal.SIGKILL
    assert time.monotonic() - began >= 0.2


def test_what_the_command_left_in_the_background_ends_with_it(minded: Minded) -> None:
    process = minded("sleep 1000 & echo $!; exit 0")
    pid = int(line(process))
    assert process.wait(10) == 0
    assert is_gone(pid)


@ON_LINUX
def test_what_went_into_a_session_of_its_own_ends_too(minded: Minded) -> None:
    process = minded("setsid sh -c 'echo $$; exec sleep 1000' & sleep 1000")
    pid = int(line(process))
    end_input(process)
    process.wait(10)
    assert is_gone(pid)


@ON_LINUX
def test_the_command_ends_when_the_minder_itself_is_killed(minded: Minded) -> None:
    process = minded("echo $$; exec sleep 1000")
    pid = int(line(process))
    process.kill()
    assert is_gone(pid)


def test_the_working_folder_goes_with_the_command(minded: Minded, tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "key").write_text("secret", encoding="utf-8")
    assert minded("exit 0", workdir=str(work)).wait(10) == 0
    assert not work.exists()
