"""`llmops chaos check` on files: reports, exit codes, and bad input."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ANSWERS = Path(__file__).parents[1] / "answers"
ASKED = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Who are you?"}]}
GOOD = (ANSWERS / "openai_chat_text.json").read_text(encoding="utf-8")


def line(answer: str = GOOD, **more: Any) -> str:
    return json.dumps({"request": ASKED, "response": json.loads(answer), **more}) + "\n"


def wire(**more: Any) -> str:
    base = {
        "schema_version": 1,
        "kind": "wire",
        "at": "2026-11-25T10:00:00Z",
        "route": "/v1/chat/completions",
        "dialect": "openai_chat",
        "upstream_status": 200,
        "ended": "complete",
        "request_body": json.dumps(ASKED),
        "answer_body": GOOD,
    }
    return json.dumps({**base, **more}) + "\n"


def written(tmp_path: Path, *lines: str) -> Path:
    file = tmp_path / "log.jsonl"
    file.write_text("".join(lines), encoding="utf-8")
    return file


OTHER = GOOD.replace('"gpt-4o-2024-08-06"', '"gpt-3.5-turbo-0125"')


def test_good_answers_pass(llmops: Callable[..., Any], tmp_path: Path) -> None:
    ran = llmops("chaos", "check", written(tmp_path, line(), line()))
    assert (ran.code, ran.err) == (0, "")
    assert "2 answers checked by 9 validators" in ran.out
    assert "2 valid, 0 invalid, 0 undecided" in ran.out


def test_a_bad_answer_fails_and_is_named_by_its_line(llmops: Callable[..., Any], tmp_path: Path) -> None:
    ran = llmops("chaos", "check", written(tmp_path, line(), "\n", line(OTHER)), "--format", "json")
    assert ran.code == 1
    report = json.loads(ran.out)
    assert report["verdict"]["word"] == "FAIL"
    (example,) = next(table["rows"] for table in report["tables"] if table["name"] == "examples")
    assert example == [3, "model", "another model than was asked", "gpt-3.5-turbo-0125 for gpt-4o"]


@pytest.mark.parametrize(("percent", "code"), [("49.9", 1), ("50", 0)])
def test_as_many_may_be_bad_as_is_said(llmops: Callable[..., Any], tmp_path: Path, percent: str, code: int) -> None:
    log = written(tmp_path, line(), line(OTHER))
    assert llmops("chaos", "check", log, "--max-invalid", percent).code == code


def test_a_journal_with_bodies_is_read_and_what_else_is_in_it_is_counted(
    llmops: Callable[..., Any], tmp_path: Path
) -> None:
    receipt = json.dumps({"schema_version": 1, "kind": "receipt", "at": "2026-11-25T10:00:00Z"}) + "\n"
    log = written(tmp_path, wire(), receipt, "{half", "\n")
    ran = llmops("chaos", "check", log, "--max-rejected", "50")
    assert ran.code == 0
    assert "1 lines set aside, 1 lines rejected" in ran.out
    assert llmops("chaos", "check", log, "--max-rejected", "49.9").code == 3


def test_a_journal_without_bodies_cannot_be_judged(llmops: Callable[..., Any], tmp_path: Path) -> None:
    ran = llmops("chaos", "check", written(tmp_path, wire(request_body=None, answer_body=None)))
    assert ran.code == 3
    assert "No line could be judged." in ran.out
    assert "--record-bodies" in ran.out


def test_an_answer_cut_short_on_request_is_no_pass(llmops: Callable[..., Any], tmp_path: Path) -> None:
    cut = GOOD.replace('"finish_reason": "stop"', '"finish_reason": "length"')
    one = json.loads(line(cut))
    one["request"]["max_tokens"] = 1
    assert llmops("chaos", "check", written(tmp_path, json.dumps(one))).code == 3


def test_an_empty_file_is_no_data_and_a_missing_one_bad_input(llmops: Callable[..., Any], tmp_path: Path) -> None:
    assert llmops("chaos", "check", written(tmp_path)).code == 3
    missing = llmops("chaos", "check", tmp_path / "none.jsonl")
    assert (missing.code, "Traceback" in missing.err) == (2, False)


def test_a_compressed_file_is_read(llmops: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl.gz"
    file.write_bytes(gzip.compress(line().encode()))
    assert llmops("chaos", "check", file).code == 0
    file.write_bytes(gzip.compress(line().encode())[:-9])
    assert llmops("chaos", "check", file).code == 2


def test_models_that_may_answer_are_named(llmops: Callable[..., Any], tmp_path: Path) -> None:
    log = written(tmp_path, line(OTHER))
    assert llmops("chaos", "check", log, "--allow-model", "gpt-3.5*", "--allow-model", "gpt-4o*").code == 0
    assert llmops("chaos", "check", log, "--allow-model", "gpt-4o*").code == 1


def test_one_validator_may_be_asked_alone(llmops: Callable[..., Any], tmp_path: Path) -> None:
    log = written(tmp_path, line(OTHER))
    assert llmops("chaos", "check", log, "--validator", "language").code == 0
    typo = llmops("chaos", "check", log, "--validator", "langauge")
    assert (typo.code, "did you mean 'language'?" in typo.err) == (2, True)


def test_a_provider_may_leave_the_finish_reason_out(llmops: Callable[..., Any], tmp_path: Path) -> None:
    log = written(tmp_path, line(GOOD.replace('"finish_reason": "stop"', '"finish_reason": null')))
    assert llmops("chaos", "check", log).code == 1
    assert llmops("chaos", "check", log, "--finish-optional").code == 3  # not known to be whole either


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--max-invalid", "101"),
        ("--max-rejected", "101"),
        ("--max-invalid", "-1"),
        ("--dialect", "openai"),
        ("--format", "xml"),
    ],
)
def test_options_that_cannot_be_are_refused(
    llmops: Callable[..., Any], tmp_path: Path, option: str, value: str
) -> None:
    ran = llmops("chaos", "check", written(tmp_path, line()), option, value)
    assert (ran.code, "Traceback" in ran.err) == (2, False)


def test_the_log_is_never_overwritten(llmops: Callable[..., Any], tmp_path: Path) -> None:
    log = written(tmp_path, line())
    assert llmops("chaos", "check", log, "--out", log).code == 2
    assert log.read_text(encoding="utf-8") == line()
