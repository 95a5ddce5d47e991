"""The words of a second terminal: each reaches the run that is meant, or says why it does not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.gameday.run_folder import About, RunFolder
from llmops.chaos.gameday.words import heard

Llmops = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """One that has begun, in `runs` of the current folder."""
    folder = RunFolder(tmp_path / "runs" / "gameday-1")
    folder.begin(About("day.yaml", "t", "2026-11-26T10:00:00+00:00"), "name: day\n")
    return folder


@pytest.mark.parametrize(
    ("words", "what", "text"),
    [
        (("note", "the first 401s"), "note", "the first 401s"),
        (("mark", "detected"), "mark", "detected"),
        (("pause",), "pause", ""),
        (("skip", "seen enough"), "skip", "seen enough"),
        (("abort", "a customer calls"), "abort", "a customer calls"),
        (("resume",), "go_on", ""),
    ],
)
def test_each_word_reaches_a_run_that_goes_on(
    llmops: Llmops, run: RunFolder, words: tuple[str, ...], what: str, text: str
) -> None:
    with run.held():
        told = llmops("gameday", *words)
    assert told.code == 0, told.err
    assert "gameday-1" in told.err
    assert [(word.what, word.text) for word in heard(run.operator)] == [(what, text)]


@pytest.mark.parametrize("word", ["pause", "skip", "abort"])
def test_a_run_that_does_not_go_on_hears_no_orders(llmops: Llmops, run: RunFolder, word: str) -> None:
    told = llmops("gameday", word)
    assert told.code == 2
    assert "is not running" in told.err
    assert list(heard(run.operator)) == []


def test_notes_and_marks_are_taken_after_the_end_too(llmops: Llmops, run: RunFolder) -> None:
    assert llmops("gameday", "note", "action: alert on 401s").code == 0
    assert llmops("gameday", "mark", "resolved", "--run", "gameday-1").code == 0
    assert [word.text for word in heard(run.operator)] == ["action: alert on 401s", "resolved"]


@pytest.mark.parametrize(
    ("words", "because"),
    [
        (("mark", "detectd"), "'detectd' is no mark"),
        (("note", "x", "--run", "gameday-2"), "gameday-2 holds no game day"),
        (("note", "x", "--runs-dir", "none"), "there is no game day in none"),
        (("note", "x" * 2001), "a note of 2001 characters"),
    ],
)
def test_what_cannot_be_said_is_told_in_a_sentence(
    llmops: Llmops, run: RunFolder, words: tuple[str, ...], because: str
) -> None:
    told = llmops("gameday", *words)
    assert told.code == 2
    assert because in told.err
    assert list(heard(run.operator)) == []
