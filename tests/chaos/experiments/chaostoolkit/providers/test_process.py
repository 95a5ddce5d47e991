"""Programs run without a shell, in time, and leave nothing behind."""

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.experiments.chaostoolkit.providers.base import ActivityFailed
from llmops.chaos.experiments.chaostoolkit.providers.process import Process
from llmops.chaos.experiments.chaostoolkit.values import Values

VALUES = Values({"word": "a b"}, {})
SAY = "import sys; print(sys.argv[1:]); print('E', file=sys.stderr); sys.exit(int(sys.argv[1]))"


def call(arguments: Any, timeout: float | None = None) -> Any:
    return asyncio.run(Process(sys.executable, arguments, timeout).call(VALUES))


def test_its_output_and_exit_code_are_told() -> None:
    assert call(["-c", SAY, 3, "${word}", ""]) == {"status": 3, "stdout": "['3', 'a b']\n", "stderr": "E\n"}


def test_a_text_is_split_as_a_shell_would_and_a_mapping_is_options() -> None:
    assert call("-c 'print(1 + 1)' ${word}")["stdout"] == "2\n"
    assert call({"-c": "print(3)"})["stdout"] == "3\n"


def test_a_non_zero_exit_code_is_the_problem_of_an_action() -> None:
    process = Process("true")
    assert process.problem({"status": 0}) == ""
    assert process.problem({"status": 2}) == "true ended with exit code 2"


def test_one_that_takes_too_long_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    inner = f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    outer = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {inner!r}]); time.sleep(60)"
    with pytest.raises(ActivityFailed, match=r"had not ended after 1\.5 s"):
        call(["-c", outer], timeout=1.5)
    pid = int((tmp_path / "pid").read_text(encoding="utf-8"))
    limit = time.monotonic() + 10
    while time.monotonic() < limit and Path(f"/proc/{pid}").exists():
        time.sleep(0.02)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize(
    ("process", "words"),
    [
        (Process("no-such-program"), "there is no program 'no-such-program'"),
        (Process("true", "-a | wc"), "is for a shell, and none is used"),
        (Process("true", "$HOME"), "is for a shell"),
        (Process("true", "a; b"), "is for a shell"),
    ],
)
def test_what_could_never_run_so_is_refused(process: Process, words: str) -> None:
    assert words in process.refusal()


@pytest.mark.parametrize("arguments", [None, [], "-a 'b | c' ${word}", {"--x": 1}])
def test_what_needs_no_shell_is_not(arguments: Any) -> None:
    assert Process("true", arguments).refusal() == ""
