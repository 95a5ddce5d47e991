"""What all commands share at the command line."""

import io
import os
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer

from llmops.cli_options import check_format, day, finish, moment_s
from llmops.errors import BadInput, ExitCode, UnknownName
from llmops.renderers.json import Json
from llmops.renderers.text import Text
from llmops.report import Report, Verdict

TODAY = date(2026, 11, 25)


def finished(report: Report, output_format: str, out: Path | None) -> int:
    with pytest.raises(typer.Exit) as caught:
        finish(report, output_format, out)
    return caught.value.exit_code


def test_a_report_goes_to_standard_output(full_report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    assert finished(full_report, "json", None) == 0
    assert capsys.readouterr() == (Json().render(full_report), "")


def test_text_that_is_piped_is_plain_and_80_columns_wide(
    full_report: Report, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr("llmops.cli_options.shutil", SimpleNamespace(get_terminal_size=os.terminal_size))
    finished(full_report, "text", None)
    assert capsys.readouterr().out == Text().render(full_report)


@pytest.mark.parametrize(("columns", "width"), [(79, 79), (100, 100), (101, 100), (300, 100)])
def test_a_wide_terminal_is_used_up_to_a_hundred_columns(
    empty_report: Report, columns: int, width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = SimpleNamespace(get_terminal_size=lambda _: os.terminal_size((columns, 24)))
    monkeypatch.setattr("llmops.cli_options.shutil", wide)
    finished(replace(empty_report, verdict=Verdict("BUY", "so")), "text", None)
    assert max(len(line) for line in capsys.readouterr().out.splitlines()) == width


@pytest.mark.parametrize("no_color", [True, False])
def test_a_terminal_gets_colour_unless_it_declines(
    no_color: bool, full_report: Report, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    finished(full_report, "text", None)
    assert ("\x1b[" in capsys.readouterr().out) is not no_color


def test_the_exit_code_is_the_verdicts(empty_report: Report, tmp_path: Path) -> None:
    verdict = Verdict("INCONCLUSIVE", "too short a log", exit_code=ExitCode.NO_DATA)
    assert finished(replace(empty_report, verdict=verdict), "md", tmp_path / "report.md") == 3


def test_out_writes_the_file_and_nothing_else(
    full_report: Report, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report.txt"
    finished(full_report, "text", out)
    assert out.read_text(encoding="utf-8") == Text().render(full_report)
    assert capsys.readouterr() == ("", "")


def test_a_file_that_cannot_be_written_is_bad_input(full_report: Report, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"cannot write .*: No such file or directory") as caught:
        finish(full_report, "text", tmp_path / "no-such-folder" / "report.txt")
    assert caught.value.hint


def test_a_reader_that_goes_away_leaves_the_verdict(empty_report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    with open(write_end, "w", encoding="utf-8") as gone:  # noqa: PTH123 - a descriptor, not a path
        monkeypatch.setattr(sys, "stdout", gone)
        assert finished(replace(empty_report, verdict=Verdict("PASS", "so")), "json", None) == 0
        monkeypatch.undo()


def test_the_name_of_a_format_is_checked_before_the_work() -> None:
    check_format("json")
    with pytest.raises(UnknownName, match="no format is named 'jsn'") as caught:
        check_format("jsn")
    assert caught.value.hint == "did you mean 'json'?"


def test_a_day_is_today_or_a_date() -> None:
    assert day("today", "--price-date", today=TODAY) == TODAY
    assert day("2025-06-10", "--price-date", today=TODAY) == date(2025, 6, 10)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "10/06/2025"])
def test_what_is_no_day_names_the_option(text: str) -> None:
    with pytest.raises(BadInput, match="--price-date"):
        day(text, "--price-date", today=TODAY)


@pytest.mark.parametrize(
    ("text", "epoch_s"),
    [
        ("1970-01-02", 86_400),
        ("1970-01-01T01:00:00", 3_600),  # UTC where it names no zone
        ("1970-01-01T01:00:00Z", 3_600),
        ("1970-01-01T01:00:00+01:00", 0),
        ("2026-11-25T14:00:00Z", 1_795_615_200),  # date -u -d 2026-11-25T14:00 +%s
    ],
)
def test_a_moment_is_utc(text: str, epoch_s: int) -> None:
    assert moment_s(text, "--since") == epoch_s


def test_what_is_no_moment_names_the_option() -> None:
    with pytest.raises(BadInput, match="--since 'noon'"):
        moment_s("noon", "--since")


def test_a_stream_that_is_no_file_is_written_to(empty_report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    page = io.StringIO()
    monkeypatch.setattr(sys, "stdout", page)
    finished(empty_report, "text", None)
    assert page.getvalue() == "Nothing\n"
