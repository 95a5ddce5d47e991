from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from llmops.chaos.reliability.check import Checks, chosen_validators
from llmops.chaos.reliability.check_report import Limits, check_report
from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.reliability.lines import COMPRESSED, Rejected, SetAside
from llmops.errors import ExitCode

NOW = datetime(2026, 11, 26, tzinfo=UTC)
GOOD = "I am an assistant, and what I say is true."


def report_of(checks: Checks, **limits: Any) -> Any:
    return check_report(checks, Limits(**limits), system={}, started_at=NOW, finished_at=NOW)


@pytest.mark.parametrize(("limit", "word", "code"), [(24.9, "FAIL", ExitCode.FAILED), (25.0, "PASS", ExitCode.PASS)])
def test_one_bad_answer_of_four_is_25_percent(
    said: Callable[..., Checked], limit: float, word: str, code: ExitCode
) -> None:
    checks = Checks(chosen_validators())
    for number, text in enumerate((GOOD, GOOD, GOOD, "<|im_end|>")):
        checks.add(number, said(text))
    report = report_of(checks, max_invalid_percent=limit)
    assert (report.verdict.word, report.exit_code) == (word, code)
    metric = report.metrics[0]
    assert (metric.name, metric.value, metric.n, metric.numerator) == ("invalid_answers_ratio", 0.25, 4, 1)


def test_where_nothing_was_judged_there_is_no_pass(said: Callable[..., Checked]) -> None:
    checks = Checks(chosen_validators())
    checks.add(1, SetAside("recorded without bodies"))
    checks.add(2, said("I", finish="length", max_tokens=1))
    report = report_of(checks, max_invalid_percent=100)
    assert (report.verdict.word, report.exit_code) == ("INVALID", ExitCode.NO_DATA)
    assert report.metrics[0].value is None
    assert report.findings[0].hint == "run the proxy with --record-bodies"


@pytest.mark.parametrize(("rejected", "word"), [(1, "PASS"), (2, "INVALID")])
def test_a_log_that_cannot_be_read_is_no_pass(said: Callable[..., Checked], rejected: int, word: str) -> None:
    """One of 100 lines is 1 %, which may be; two of 101 are more."""
    checks = Checks(chosen_validators(["leak"]))
    for number in range(99):
        checks.add(number, said(GOOD))
    for number in range(rejected):
        checks.add(100 + number, Rejected("no JSON object"))
    assert report_of(checks).verdict.word == word


def test_bodies_that_were_recorded_compressed_are_told_with_what_to_do() -> None:
    checks = Checks(chosen_validators(["leak"]))
    checks.add(1, Rejected(COMPRESSED))
    assert "Accept-Encoding: identity" in report_of(checks).findings[0].hint


def test_what_is_bad_is_bad_however_much_could_not_be_read(said: Callable[..., Checked]) -> None:
    checks = Checks(chosen_validators(["leak"]))
    checks.add(1, said("<|im_end|>"))
    checks.add(2, Rejected("no JSON object"))
    assert report_of(checks).exit_code == ExitCode.FAILED


def test_the_tables_say_who_found_what_and_what_was_not_read(said: Callable[..., Checked]) -> None:
    checks = Checks(chosen_validators())
    checks.add(7, said("<|im_end|>"))
    checks.add(8, SetAside("a note of the journal, no exchange"))
    tables = {table.name: table.rows for table in report_of(checks).tables}
    assert ("leak", 0, 1, 0) in tables["validators"]
    assert (7, "leak", "a control token in the text", "chatml: <|im_end|>") in tables["examples"]
    assert ("leak", "invalid", "a control token in the text", 1) in tables["reasons"]
    assert tables["not_judged"] == [("set aside", "a note of the journal, no exchange", 1)]
