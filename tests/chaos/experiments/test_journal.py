import json
from pathlib import Path

import pytest

from llmops.chaos.experiments.journal import RunJournal, finished_lines
from llmops.chaos.experiments.redaction import redactor


def test_steps_and_notes_are_lines_with_kind_and_time(tmp_path: Path) -> None:
    journal = RunJournal(tmp_path / "j.jsonl")
    journal.step("phase began", phase="cut")
    journal.note("state probe", held=True)
    journal.close()
    lines = [json.loads(line) for line in (tmp_path / "j.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(line["kind"], line["what"]) for line in lines] == [("step", "phase began"), ("note", "state probe")]
    assert all(line["schema_version"] == 1 and line["at"].endswith("Z") for line in lines)


def test_no_secret_gets_into_a_journal(tmp_path: Path) -> None:
    journal = RunJournal(tmp_path / "j.jsonl", redactor(["hunter22"]))
    journal.step("began", command=["x", "--key", "hunter22"], env={"deep": {"er": "hunter22"}})
    journal.close()
    assert "hunter22" not in (tmp_path / "j.jsonl").read_text(encoding="utf-8")


def test_a_journal_is_for_its_owner_only(tmp_path: Path) -> None:
    RunJournal(tmp_path / "j.jsonl").close()
    assert (tmp_path / "j.jsonl").stat().st_mode & 0o777 == 0o600


def test_a_line_that_is_still_being_written_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").write_bytes(b'{"a": 1}\n{"a": 2}\n{"a": ')
    assert [line["a"] for line in finished_lines(tmp_path / "p.jsonl")] == [1, 2]


def test_a_finished_line_that_is_no_json_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").write_bytes(b"rubbish\n")
    with pytest.raises(ValueError, match=r"."):
        list(finished_lines(tmp_path / "p.jsonl"))
