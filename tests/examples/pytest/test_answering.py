"""The example project runs as its readers run it, outside of this one; and its tests notice an app that is broken."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[3] / "examples" / "pytest"


@pytest.fixture
def example(tmp_path: Path) -> Path:
    shutil.copytree(EXAMPLE, tmp_path / "app", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "app"


def printed_by(example: Path, *options: str) -> str:
    """What pytest prints in the folder of the example."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-ra", *options]
    return subprocess.run(command, cwd=example, check=False, capture_output=True, text=True).stdout


def test_the_example_passes(example: Path) -> None:
    printed = printed_by(example)
    assert "12 passed, 1 xfailed" in printed, printed


@pytest.mark.parametrize(
    ("before", "after", "test", "says"),
    [
        (
            "return self.backup.answer(question)",
            "raise",
            "test_the_backup_answers_when_the_primary_cannot[unavailable]",
            "unavailable on primary fired 2 times; 2 requests came by",
        ),
        (
            'if not text or why_ended != "stop":',
            "if not text:",
            "test_half_an_answer_is_none",
            "length_cutoff on backup fired once; 1 request came by",
        ),
        (
            "return self.primary.answer(question)",
            "return self.backup.answer(question)",
            "test_one_failure_is_retried_and_costs_no_backup",
            "unavailable on primary never fired: no request came by",
        ),
    ],
    ids=["no backup", "half an answer is taken", "the primary is never asked"],
)
def test_its_tests_notice_a_broken_app(example: Path, before: str, after: str, test: str, says: str) -> None:
    app = example / "answering.py"
    text = app.read_text(encoding="utf-8")
    assert before in text
    app.write_text(text.replace(before, after), encoding="utf-8")
    printed = printed_by(example, f"test_answering.py::{test}")
    assert f"FAILED test_answering.py::{test}" in printed, printed
    assert says in printed, printed
