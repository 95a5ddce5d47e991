"""A result from its file."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from llmops.chaos.gates.results.reading import Read, Unusable, Usable, in_words, read_result, read_results

At = Callable[[str | bytes], Read]
WEEK = timedelta(days=7)


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: SimpleNamespace) -> At:
    monkeypatch.chdir(tmp_path)

    def read(text: str | bytes, max_age: timedelta | None = None) -> Read:
        Path("r.json").write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_result(Path("r.json"), make.now, max_age)

    return read


@pytest.fixture
def text(make: SimpleNamespace) -> str:
    return json.dumps(make.data(make.load()))


def why(read: Read) -> str:
    assert isinstance(read, Unusable)
    assert "\n" not in read.reason
    return read.reason


def test_a_result_is_read(at: At, text: str) -> None:
    read = at(text)
    assert isinstance(read, Usable)
    assert (read.file, read.result.kind) == ("r.json", "load")


def test_the_folder_of_a_run_stands_for_its_result(tmp_path: Path, text: str, make: SimpleNamespace) -> None:
    folder = tmp_path / "nightly"
    folder.mkdir()
    assert why(read_result(folder, make.now)) == f"{folder}/result.json is missing"
    (folder / "result.json").write_text(text, encoding="utf-8")
    read = read_result(folder, make.now)
    assert isinstance(read, Usable)
    assert read.file == str(folder)


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        ("", "r.json is empty"),
        (" \n\t", "r.json is empty"),
        ("<html>502 Bad Gateway</html>", "r.json is no JSON: line 1"),
        (b"\x1f\x8b\x08\x00", "r.json is not UTF-8 text"),
        (b"\xef\xbb\xbf{}", "no JSON"),
        ("[]", "r.json is no result of llmops"),
        ('{"a": 1, "a": 2}', "r.json says 'a' twice in one object"),
        ('{"a": NaN}', "r.json holds NaN, which is no number"),
        ('{"a": -Infinity}', "r.json holds -Infinity"),
        ('{"a": 1e99999999999999999999}', "a number in it too long"),
        ('{"a": ' + "9" * 5000 + "}", "a number in it too long"),
        ("[" * 100_000, "it is too deep"),
        ("{} {}", "r.json is no JSON: line 1: Extra data"),
    ],
)
def test_what_is_no_result_is_of_no_use_and_says_why(at: At, spoilt: str | bytes, words: str) -> None:
    assert words in why(at(spoilt))


@pytest.mark.parametrize("share", [0.01, 0.25, 0.5, 0.75, 0.99])
def test_a_result_cut_in_half_says_that_it_may_be_cut(at: At, text: str, share: float) -> None:
    cut = text[: int(len(text) * share)]
    assert "JSON" in why(at(cut))
    assert "cut off" in why(at(text[:-1]))


def test_every_cut_of_a_result_is_of_no_use(at: At, text: str) -> None:
    assert all(isinstance(at(text[:end]), Unusable) for end in range(0, len(text), 97))


def test_a_file_that_is_not_there_is_missing(make: SimpleNamespace, tmp_path: Path) -> None:
    assert why(read_result(tmp_path / "none.json", make.now)).endswith("none.json is missing")


def test_a_result_ends_an_hour_before_noon_and_a_minute_later(at: Any, text: str) -> None:
    """It ended at 11:01; it is noon."""
    assert isinstance(at(text, timedelta(minutes=59)), Usable)
    assert why(at(text, timedelta(minutes=58, seconds=59))) == "r.json is 59 minutes old, and 59 minutes is the most"
    assert why(at(text, timedelta(minutes=30))) == "r.json is 59 minutes old, and 30 minutes is the most"
    assert isinstance(at(text, None), Usable)


def test_a_clock_may_be_five_minutes_ahead_and_no_more(at: Any, make: SimpleNamespace) -> None:
    def ended(minutes: float) -> str:
        return json.dumps(make.data(make.load(started_at=make.now + timedelta(minutes=minutes - 1))))

    assert isinstance(at(ended(5), WEEK), Usable)
    assert why(at(ended(5.1), WEEK)) == "r.json is from the future: 2026-11-25 12:05 UTC"


def test_a_contradiction_is_told(at: At, make: SimpleNamespace) -> None:
    data = make.data(make.load())
    data["metrics"][1]["numerator"] = 3
    said = why(at(json.dumps(data)))
    assert said == "r.json contradicts itself: failed_requests_ratio is 0.01, which 3 of 200 is not"


def test_each_file_is_read_by_itself(at: At, text: str, make: SimpleNamespace) -> None:
    at(text)
    first, second = read_results([Path("r.json"), Path("none.json")], make.now, None)
    assert isinstance(first, Usable)
    assert isinstance(second, Unusable)


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=30), "30 seconds"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(hours=24), "24 hours"),
        (timedelta(days=8), "8 days"),
    ],
)
def test_an_age_in_words(age: timedelta, words: str) -> None:
    assert in_words(age) == words
