"""The report as GitHub-flavoured Markdown."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest

from llmops.renderers.md import Md
from llmops.report import Bar, Chart, Column, Finding, Report, Source, Table, Verdict


def table_of(cell: str) -> Table:
    return Table("t", "T", [Column("a", "A"), Column("b", "B", "usd")], [[cell, Decimal("1.5")]])


def test_the_answer_comes_first_and_every_part_has_its_heading(full_report: Report) -> None:
    page = Md().render(full_report)
    assert page.startswith("# What the log cost\n\n**BUY**: the API is cheaper\n")
    assert re.findall(r"^#+ .*$", page, re.MULTILINE) == [
        "# What the log cost",
        "### What would change it",
        "## By model",
        "## Monthly",
        "## What to know",
        "## Sources",
        "## Not covered",
    ]


def test_a_table_has_its_numbers_on_the_right_and_its_totals_bold(full_report: Report) -> None:
    assert (
        "| Model | Tokens | USD |\n"
        "| --- | ---: | ---: |\n"
        "| gpt-5 | 1,234,567 | 68.84 |\n"
        "| mystery | 12 | – |\n"
        "| **total** | **1,234,579** | **68.84** |\n"
    ) in Md().render(full_report)


def test_a_chart_becomes_a_table_of_its_ends(full_report: Report) -> None:
    page = Md().render(full_report)
    assert "| api | – | 100.00 | – |\n" in page
    assert "| self-host | 0.00 | 900.00 | 1,000.00 |\n" in page


def test_an_empty_report_has_no_empty_headings(empty_report: Report) -> None:
    assert "##" not in Md().render(empty_report)


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("a|b", r"a\|b"),
        ("a\\|b", r"a\\\|b"),
        ("two\nlines", "two lines"),
        ("<script>", "&lt;script>"),
        ("[x](javascript:y)", r"[x]\(javascript:y)"),
        ("[bold]", "[bold]"),
        ("\x1b[31m", r"\\x1b[31m"),
    ],
)
def test_a_cell_stays_one_cell(empty_report: Report, cell: str, written: str) -> None:
    page = Md().render(replace(empty_report, tables=[table_of(cell)]))
    assert f"| {written} | 1.50 |\n" in page


def test_no_text_of_a_log_becomes_html_or_a_new_line(empty_report: Report) -> None:
    trap = "<img>\n# head"
    report = replace(
        empty_report,
        title=trap,
        verdict=Verdict("BUY", trap, [trap]),
        summary=[trap],
        findings=[Finding("info", trap, trap)],
        tables=[replace(table_of(trap), title=trap, note=trap)],
        charts=[Chart("c", trap, "usd", [Bar(trap, 1)])],
        sources=[Source(trap, trap, url=trap)],
        not_covered=[trap],
    )
    page = Md().render(report)
    assert "<img>" not in page
    assert "\n# head" not in page
    assert page.count("&lt;img> # head") == 15
