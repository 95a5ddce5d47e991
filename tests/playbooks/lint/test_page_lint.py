"""All that is wrong with a page, in the order of its lines."""

from datetime import date
from pathlib import Path

import pytest

from llmops.errors import BadInput
from llmops.playbooks.lint.page_lint import linted
from llmops.playbooks.lint.problem import ParseCommand

GOOD = "---\nowner: ann\nlast_exercised: 2026-11-20\n---\n`llmops load`, [here](page.md)\n"


def test_a_good_page_has_no_problem(tmp_path: Path, command_line: ParseCommand, today: date) -> None:
    (tmp_path / "page.md").write_text(GOOD)
    found = linted(tmp_path / "page.md", command_line, today=today, max_age_weeks=12)
    assert (found.commands, found.links, found.problems) == (1, 1, ())


def test_each_kind_of_problem_is_told_at_its_line(tmp_path: Path, command_line: ParseCommand, today: date) -> None:
    bad = "---\nowner: TODO\nlast_exercised: 2026-01-01\n---\n`llmops nope` {{ x }}\n\n[here](gone.md)\n"
    (tmp_path / "page.md").write_text(bad)
    found = linted(tmp_path / "page.md", command_line, today=today, max_age_weeks=12)
    assert [each.line for each in found.problems] == [2, 3, 5, 5, 7]


def test_an_empty_page_is_no_runbook(tmp_path: Path, command_line: ParseCommand, today: date) -> None:
    (tmp_path / "page.md").write_text(GOOD.partition("`")[0])
    found = linted(tmp_path / "page.md", command_line, today=today, max_age_weeks=12)
    assert [each.text for each in found.problems] == ["there is nothing in it"]


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.md", None, "cannot read"),
        ("a.md", b"\xff", "is not UTF-8 text"),
        ("a.md.j2", b"x", "is a template"),
        ("a.md", b"---\na: [\n---\n", "is not valid YAML"),
    ],
)
def test_what_is_no_page_is_refused(  # noqa: PLR0917 - its parameters and its fixtures
    name: str, data: bytes | None, why: str, tmp_path: Path, command_line: ParseCommand, today: date
) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(BadInput, match=why):
        linted(tmp_path / name, command_line, today=today, max_age_weeks=12)
