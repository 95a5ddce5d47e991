"""What is said at a second terminal comes whole into the file, whoever else writes."""

import threading
from pathlib import Path

import pytest

from llmops.chaos.gameday.run_folder import RunFolder
from llmops.chaos.gameday.words import LONGEST_CHARACTERS, heard, say
from llmops.errors import BadInput


def test_words_of_many_at_once_are_all_heard_whole(tmp_path: Path) -> None:
    folder, long = RunFolder(tmp_path), "x" * LONGEST_CHARACTERS

    def talk(name: str) -> None:
        for number in range(50):
            say(folder, "note", f"{name}{number} {long[:1900]}")

    threads = [threading.Thread(target=talk, args=(name,)) for name in "abcd"]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    words = [word.text.split()[0] for word in heard(folder.operator)]
    assert sorted(words) == sorted(f"{name}{number}" for name in "abcd" for number in range(50))


def test_a_word_has_the_moment_in_which_it_was_said(tmp_path: Path) -> None:
    say(RunFolder(tmp_path), "mark", "detected", now=lambda: 12.5)
    (word,) = heard(tmp_path / "operator.jsonl")
    assert (word.at, word.what, word.text) == (12.5, "mark", "detected")


def test_only_a_run_that_goes_on_can_be_paused_skipped_and_aborted(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    for what in ("pause", "go_on", "skip", "abort"):
        with pytest.raises(BadInput, match="is not running"):
            say(folder, what)
    with folder.held():
        say(folder, "pause")
    assert [word.what for word in heard(folder.operator)] == ["pause"]


def test_what_is_no_mark_and_what_is_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="'detectd' is no mark"):
        say(RunFolder(tmp_path), "mark", "detectd")
    with pytest.raises(BadInput, match="a note of 2001 characters"):
        say(RunFolder(tmp_path), "note", "x" * (LONGEST_CHARACTERS + 1))
    assert not (tmp_path / "operator.jsonl").exists()


def test_a_pause_of_what_is_paused_is_told_so(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    with folder.held():
        say(folder, "pause")
        say(folder, "pause")  # the run has not come to it yet
        folder.journal.write_bytes(b'{"what": "began"}\n{"what": "paused"}\n')
        with pytest.raises(BadInput, match="is paused already"):
            say(folder, "pause")
        say(folder, "go_on")
        say(folder, "pause")  # the run may have gone on
        folder.journal.write_bytes(b'{"what": "paused"}\n{"what": "began"}\n')
        say(folder, "pause")  # killed in a pause and taken up, it goes on
    assert [word.what for word in heard(folder.operator)] == ["pause", "pause", "go_on", "pause", "pause"]


def test_a_mark_after_the_end_of_a_run_is_no_detection(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.journal.write_bytes(b'{"what": "began"}\n{"what": "phase ended"}\n')
    say(folder, "mark", "detected")  # it was killed, and may be taken up
    folder.journal.write_bytes(b'{"what": "began"}\n{"what": "ended"}\n')
    with pytest.raises(BadInput, match="the run has ended"):
        say(folder, "mark", "detected")
    say(folder, "note", "what we would do otherwise")
    folder.journal.write_bytes(b'{"what": "began"}\n{"what": "ended"}\n{"what": "began"}\n')
    say(folder, "mark", "mitigated")
    assert [word.text for word in heard(folder.operator)] == ["detected", "what we would do otherwise", "mitigated"]


def test_a_note_of_an_action_is_one(tmp_path: Path) -> None:
    assert say(RunFolder(tmp_path), "note", "Action: alert on 401s").is_action
    assert not say(RunFolder(tmp_path), "note", "no action needed").is_action


def test_a_line_that_no_command_has_written_is_passed_over(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.operator.write_bytes(
        b'no json\n{"at": "x", "what": "note"}\n{"what": "abort"}\n{"at": 1, "what": "explode"}\n[]\n'
    )
    say(folder, "note", "heard")
    assert [word.text for word in heard(folder.operator)] == ["heard"]
