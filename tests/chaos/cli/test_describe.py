"""`llmops chaos describe`, as a process."""

import subprocess
import sys


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "llmops", "chaos", "describe", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_fault_is_described_with_units_defaults_and_an_example() -> None:
    done = run("rate_limit_tokens")
    assert done.returncode == 0
    for said in ("retry_after_s", "seconds", "30000", "fault: rate_limit_tokens", "upstream: https://"):
        assert said in done.stdout


def test_a_typing_error_is_answered_with_the_nearest_name() -> None:
    done = run("retry_afterr")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: no fault is named 'retry_afterr'\nhint:  did you mean 'retry_after'?\n"
