"""The command llmops: whatever goes wrong is a sentence, a hint and an exit code."""

import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from llmops import __version__, cli
from llmops.errors import BadInput, LlmopsError, NoData, OutsideFailed

EXAMPLE_LOG = Path(__file__).parents[2] / "examples" / "litellm_spend_logs.jsonl.gz"


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python -m llmops`, as a process."""
    return subprocess.run(
        [sys.executable, "-m", "llmops", *arguments],
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, **environment},
    )


def end_of(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> object:
    """What main() makes of an error that a command raised: the exit code."""

    def fail() -> NoReturn:
        raise error

    monkeypatch.setattr(cli, "app", fail)
    with pytest.raises(SystemExit) as caught:
        cli.main()
    return caught.value.code


def test_version() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"llmops {__version__}\n")


def test_help_names_the_commands() -> None:
    done = run("--help")
    assert done.returncode == 0
    assert "bill" in done.stdout
    assert "tco" in done.stdout


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [(BadInput("a", hint="b"), 2), (NoData("a", hint="b"), 3), (OutsideFailed("a", hint="b"), 4)],
)
def test_an_error_is_a_sentence_and_a_hint_on_stderr(
    error: LlmopsError, exit_code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert end_of(error, monkeypatch) == exit_code
    assert capsys.readouterr() == ("", "error: a\nhint:  b\n")


def test_an_error_without_a_hint_has_no_empty_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    end_of(BadInput("a"), monkeypatch)
    assert capsys.readouterr().err == "error: a\n"


def test_what_the_system_refuses_is_something_outside(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert end_of(OSError(28, "No space left on device", "x.json"), monkeypatch) == 4
    assert capsys.readouterr().err.startswith("error: x.json: No space left on device\nhint:  ")


def test_an_error_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> NoReturn:
        raise ZeroDivisionError

    monkeypatch.setattr(cli, "app", fail)
    with pytest.raises(ZeroDivisionError):
        cli.main()


@pytest.mark.parametrize(
    "arguments",
    [
        ["bil"],
        ["bill"],
        ["bill", "--nonsense", "x"],
        ["bill", "x.jsonl", "--top", "many"],
        ["tco", "--bucket", "0", "x"],
    ],
)
def test_wrong_usage_is_bad_input(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("Usage: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["bill", "tco"])
@pytest.mark.parametrize(
    "arguments",
    [["no-such-file.jsonl"], ["{folder}"], ["x", "--config", "no-such-file.yaml"], ["x", "--format", "txet"]],
)
def test_every_command_takes_bad_input_without_a_traceback(command: str, arguments: list[str], tmp_path: Path) -> None:
    done = run(command, *(argument.format(folder=tmp_path) for argument in arguments))
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("error: ")
    assert "\nhint:  " in done.stderr


def test_a_terminal_that_knows_only_ascii_still_gets_the_report() -> None:
    done = run("bill", str(EXAMPLE_LOG), PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert " \\u2022 4,290 requests" in done.stdout
