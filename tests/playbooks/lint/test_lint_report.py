"""What lint found, as a result that a gate can ask for the age and the problems of runbooks."""

from datetime import UTC, date, datetime

from llmops.playbooks.lint.exercise import Exercise
from llmops.playbooks.lint.lint_report import report_of
from llmops.playbooks.lint.page_lint import Linted
from llmops.playbooks.lint.problem import Problem
from llmops.report import Report

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
FRESH = Linted("a.md", Exercise("ann", date(2026, 11, 16), 10), 3, 1, ())
OLDER = Linted("b.md", Exercise("ann", date(2026, 11, 6), 20), 1, 0, ())
BAD = Linted("c.md", Exercise("ann", None, None), 1, 0, (Problem(5, "it was never exercised", "do"), Problem(9, "x")))
BRIEF = Linted("d.md", Exercise("ann", must_be=False), 0, 0, ())


def report(*pages: Linted) -> Report:
    return report_of(pages, started_at=NOON, finished_at=NOON, tool_version="0.1.0")


def metrics(*pages: Linted) -> dict[tuple[str, str], object]:
    return {(each.name, each.scope.get("runbook", "")): each.value for each in report(*pages).metrics}


def test_the_oldest_age_and_all_problems_stand_for_the_whole() -> None:
    assert metrics(FRESH, OLDER) == {
        ("runbook_age_days", ""): 20,
        ("runbook_age_days", "a.md"): 10,
        ("runbook_age_days", "b.md"): 20,
        ("runbook_problems", ""): 0,
        ("runbook_problems", "a.md"): 0,
        ("runbook_problems", "b.md"): 0,
    }


def test_an_age_that_is_unknown_leaves_that_of_the_whole_unknown() -> None:
    found = metrics(FRESH, BAD)
    assert (found["runbook_age_days", ""], found["runbook_problems", ""]) == (None, 2)


def test_a_page_of_its_day_has_no_age() -> None:
    assert metrics(FRESH, BRIEF)["runbook_age_days", ""] == 10
    assert ("runbook_age_days", "d.md") not in metrics(FRESH, BRIEF)
    assert metrics(BRIEF)["runbook_age_days", ""] is None


def test_what_is_wrong_fails_and_is_named() -> None:
    found = report(FRESH, BAD)
    assert found.verdict is not None
    assert (found.verdict.word, found.exit_code) == ("FAIL", 1)
    assert found.verdict.because == "c.md:5: it was never exercised (and 1 more, see below)."
    assert [each.text for each in found.findings] == ["c.md:5: it was never exercised", "c.md:9: x"]


def test_where_nothing_is_wrong_it_passes() -> None:
    found = report(FRESH, OLDER)
    assert found.verdict is not None
    assert (found.verdict.because, found.exit_code) == ("2 pages with 4 commands: nothing is wrong.", 0)
