"""For people at a terminal."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from llmops.renderers.text import Text
from llmops.report import Bar, Cell, Chart, Column, Finding, Report, Source, Table, Verdict

ANSI = re.compile(r"\x1b\[")
TRAPS = ["[bold]", "[/]", "[/red]", "[link=x]", "[", ":smile:", "{x}", "%s", "\\[x]"]


def wide(columns: int, cell: Cell, unit: str = "tokens") -> Table:
    heads = [Column("model", "Model"), *(Column(f"c{at}", f"C{at}", unit) for at in range(columns))]
    return Table("t", "Wide", heads, [["some-model", *[cell] * columns]])


def widest(text: str) -> int:
    return max(cell_len(line) for line in text.splitlines())


def test_the_page_of_a_full_report(full_report: Report) -> None:
    assert Text().render(full_report) == PAGE


PAGE = """\
What the log cost
╭─ BUY ────────────────────────────────────────────────────────────────────────╮
│ the API is cheaper                                                           │
│ ↔ ten times the volume                                                       │
╰──────────────────────────────────────────────────────────────────────────────╯
 • 68.84 USD for 19,366 calls.

By model
 Model       Tokens    USD
 gpt-5    1,234,567  68.84
 mystery         12      –
 total    1,234,579  68.84
mystery has no known price

Monthly
 api        ███                                       100.00
 self-host  ░░░░░░░░░░░░░░░░░░░░░░░░░░▌░░░  0.00 to 1,000.00

What to know
 ! 3 rows rejected → see --rejects
 i ok
 ✗ no

Sources
 • genai-prices (2026-11-01): catalogue https://example.org/prices

Not covered
 • quality was not compared
"""


def test_a_report_of_nothing_is_its_title(empty_report: Report) -> None:
    assert Text().render(empty_report) == "Nothing\n"


@pytest.mark.parametrize("width", [60, 80, 100])
def test_no_line_is_wider_than_the_page(full_report: Report, width: int) -> None:
    long = "a sentence that goes on " * 9 + "https://example.org/" + "x" * 120
    report = replace(
        full_report,
        title=long,
        verdict=Verdict("BUY", long, [long]),
        summary=[long],
        findings=[Finding("warn", long, long)],
        tables=[Table("t", long, [Column("a", "A"), Column("b", "B", "usd")], [[long, Decimal(1)]], note=long)],
        charts=[Chart("c", long, "usd", [Bar(long, 1, 0, 10**15)])],
        sources=[Source(long, long, url=long)],
        not_covered=[long],
    )
    assert widest(Text(width=width).render(report)) <= width


@given(
    columns=st.integers(1, 12),
    cell=st.one_of(st.integers(0, 10**18), st.none()),
    label=st.text(max_size=60),
    width=st.integers(60, 100),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_digits_are_never_cut(empty_report: Report, columns: int, cell: int | None, label: str, width: int) -> None:
    table = wide(columns, cell)
    table = replace(table, rows=[[label, *table.rows[0][1:]]])
    page = Text(width=width).render(replace(empty_report, tables=[table]))
    number = "–" if cell is None else f"{cell:,}"
    assert page.count(number) >= columns
    assert widest(page) <= width


def test_a_table_that_is_too_wide_is_written_row_by_row(empty_report: Report) -> None:
    table = replace(wide(6, 123_456_789_012), total=["total", *[1] * 6])
    page = Text().render(replace(empty_report, tables=[table]))
    assert "C5  123,456,789,012" in re.sub(" +", "  ", page)
    assert page.count("123,456,789,012") == 6
    assert page.count("Model") == 2  # the row, and the line of totals


def test_a_table_that_fits_is_a_table(empty_report: Report) -> None:
    page = Text().render(replace(empty_report, tables=[wide(3, 123_456_789_012)]))
    assert "123,456,789,012  123,456,789,012  123,456,789,012" in page


def test_a_long_text_wraps_beside_whole_numbers(empty_report: Report) -> None:
    columns = [Column("model", "Model"), Column("usd", "USD", "usd")]
    rows: list[list[Cell]] = [["a-model-with-a-name-" * 6, Decimal("1234567.89")]]
    page = Text().render(replace(empty_report, tables=[Table("t", "T", columns, rows)]))
    assert "1,234,567.89" in page
    assert "a-model-with-a-name-" * 6 in re.sub(r"\s|1,234,567.89", "", page)


@pytest.mark.parametrize("trap", TRAPS)
def test_markup_in_a_log_is_shown_as_it_is(full_report: Report, trap: str) -> None:
    report = replace(
        full_report,
        title=f"1{trap}",
        verdict=Verdict("BUY", f"2{trap}", [f"3{trap}"]),
        summary=[f"4{trap}"],
        findings=[Finding("info", f"5{trap}", f"6{trap}")],
        tables=[Table("t", f"7{trap}", [Column("a", f"8{trap}")], [[f"9{trap}"]], [f"10{trap}"], f"11{trap}")],
        charts=[Chart("c", f"12{trap}", "usd", [Bar(f"13{trap}", 1)])],
        sources=[Source(f"14{trap}", f"15{trap}", url=f"16{trap}")],
        not_covered=[f"17{trap}"],
    )
    page = Text().render(report)
    assert [number for number in range(1, 18) if f"{number}{trap}" not in page] == []


def test_control_characters_of_a_log_never_reach_the_terminal(empty_report: Report) -> None:
    table = Table("t", "T", [Column("a", "A")], [["\x1b[2Jgone"]])
    page = Text(color=True).render(replace(empty_report, summary=["\x1b[2Jgone"], tables=[table]))
    assert "\x1b[2J" not in page
    assert page.count("\\x1b[2Jgone") == 2


def test_without_colour_there_are_no_codes(full_report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    assert not ANSI.search(Text().render(full_report))


def test_colour_changes_no_word(full_report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    colored = Text(color=True).render(full_report)
    assert ANSI.search(colored)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", colored)
    assert [line.rstrip() for line in plain.splitlines()] == Text().render(full_report).splitlines()


def test_unknown_is_a_dash(full_report: Report) -> None:
    row = next(line for line in Text().render(full_report).splitlines() if "mystery" in line)
    assert row.split() == ["mystery", "12", "–"]


def test_a_bar_from_zero_is_light_up_to_its_value(empty_report: Report) -> None:
    page = Text().render(replace(empty_report, charts=[Chart("c", "C", "usd", [Bar("b", 50, 0, 100)])]))
    assert "░" * 14 + "▌" + "░" * 15 in page


def test_bars_are_drawn_to_one_scale(empty_report: Report) -> None:
    page = Text().render(replace(empty_report, charts=[Chart("c", "C", "usd", [Bar("a", 10), Bar("b", 30)])]))
    assert [line.count("█") for line in page.splitlines() if "█" in line] == [10, 30]


@pytest.mark.parametrize("value", [0, -5])
def test_a_chart_without_a_positive_value_has_no_bars(empty_report: Report, value: int) -> None:
    page = Text().render(replace(empty_report, charts=[Chart("c", "C", "usd", [Bar("a", value)])]))
    assert "█" not in page
    assert f"{value}.00" in page


def test_a_row_of_another_length_than_the_columns_is_refused(empty_report: Report) -> None:
    table = Table("t", "T", [Column("a", "A")], [["one", "two"]])
    with pytest.raises(ValueError, match="zip"):
        Text().render(replace(empty_report, tables=[table]))
