import errno
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.proxy.journal import Journal, stamp
from llmops.errors import OutsideFailed


def lines_of(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_moment_has_microseconds_and_says_utc() -> None:
    assert stamp(datetime(2026, 11, 25, 10, 0, 0, 123456, UTC)) == "2026-11-25T10:00:00.123456Z"
    assert stamp(datetime(2026, 11, 25, 10, tzinfo=UTC)) == "2026-11-25T10:00:00.000000Z"


def test_a_line_is_in_the_file_when_write_returns_and_says_its_run(tmp_path: Path) -> None:
    path = tmp_path / "new" / "proxy.jsonl"
    journal = Journal(path, now=lambda: datetime(2026, 11, 25, tzinfo=UTC))
    journal.write("note", what="hello")
    expected = {"schema_version": 1, "kind": "note", "at": "2026-11-25T00:00:00.000000Z", "run": journal.run}
    assert lines_of(path) == [{**expected, "what": "hello"}]
    assert path.stat().st_mode & 0o777 == 0o600
    journal.close()


def test_two_runs_in_one_file_can_be_told_apart(tmp_path: Path) -> None:
    for _ in range(2):
        journal = Journal(tmp_path / "p.jsonl")
        journal.wire({"kind": "wire", "call": 1})
        journal.close()
    first, second = lines_of(tmp_path / "p.jsonl")
    assert first["call"] == second["call"] == 1
    assert first["run"] != second["run"]


def test_wire_records_wait_for_their_batch_and_a_receipt_takes_them_along(tmp_path: Path) -> None:
    later: list[Any] = []

    class Loop:
        def call_later(self, _delay: float, callback: Any) -> None:
            later.append(callback)

    journal = Journal(tmp_path / "p.jsonl")
    journal.batch_on(Loop())
    journal.wire({"call": 1})
    journal.wire({"call": 2})
    assert (lines_of(tmp_path / "p.jsonl"), len(later)) == ([], 1)
    journal.write("receipt", call=3)
    assert [line["call"] for line in lines_of(tmp_path / "p.jsonl")] == [1, 2, 3]
    later[0]()
    assert len(lines_of(tmp_path / "p.jsonl")) == 3


def test_a_journal_that_was_taken_away_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    journal = Journal(path)
    journal.write("note", what="before")
    path.rename(tmp_path / "p.jsonl.1")
    journal.write("note", what="moved: it still goes there")  # as a log that is rotated by renaming expects
    (tmp_path / "p.jsonl.1").unlink()
    journal.write("note", what="after")
    assert [line["what"] for line in lines_of(path)] == ["after"]
    journal.close()


def test_once_a_line_could_not_be_written_no_line_is_and_each_try_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures: list[OSError] = []
    journal = Journal(tmp_path / "p.jsonl")
    journal.on_failure = failures.append
    journal.write("note", what="before")

    def full(_fd: int, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.write", full)
        with pytest.raises(OSError, match="No space left"):
            journal.write("receipt", call=1)
    with pytest.raises(OSError, match="No space left"):
        journal.write("receipt", call=2)  # though there is room again: a line of it may be torn
    journal.close()
    assert [error.errno for error in failures] == [errno.ENOSPC]
    assert [line["what"] for line in lines_of(tmp_path / "p.jsonl")] == ["before"]


def test_a_line_that_was_torn_takes_no_line_of_the_next_run_with_it(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text('{"what":"whole"}\n{')
    for what in ("first", "second"):  # of two runs: no empty line between whole ones
        journal = Journal(path)
        journal.write("note", what=what)
        journal.close()
    whole, torn, *after = path.read_text().splitlines()
    assert (whole, torn) == ('{"what":"whole"}', "{")
    assert [json.loads(line)["what"] for line in after] == ["first", "second"]


def test_a_journal_that_cannot_be_opened_is_something_outside(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutsideFailed, match="cannot write the journal"):
        Journal(tmp_path / "file" / "p.jsonl")


@pytest.mark.parametrize("value", [2**64, "\ud800"])
def test_a_value_that_is_no_good_json_costs_no_line(tmp_path: Path, value: object) -> None:
    journal = Journal(tmp_path / "p.jsonl")
    journal.write("note", what=value)
    journal.wire({"what": value})
    journal.close()
    assert [line["what"] for line in lines_of(tmp_path / "p.jsonl")] == [value, value]


def test_what_looks_like_a_key_is_in_no_line(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "p.jsonl")
    key = "sk-ant-api03-0123456789"
    journal.write("receipt", request_id=key)
    journal.wire({"route": f"/v1/models/{key}", "request_id": None, "request_body": f'{{"api_key":"{key}","n":1}}'})
    journal.close()
    receipt, wire = lines_of(tmp_path / "p.jsonl")
    assert receipt["request_id"] == "REDACTED"
    assert (wire["route"], wire["request_id"]) == ("/v1/models/REDACTED", None)
    assert wire["request_body"] == '{"api_key":"REDACTED","n":1}'


def test_without_a_file_listeners_still_hear_of_all_but_wire_records() -> None:
    heard: list[Any] = []
    journal = Journal(None)
    journal.listeners.append(heard.append)
    journal.write("note", what="hello")
    journal.wire({"call": 1})
    journal.close()
    assert [line["what"] for line in heard] == ["hello"]
