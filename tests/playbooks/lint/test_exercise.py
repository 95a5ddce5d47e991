"""A runbook has an owner and a day on which it was put to use, not longer ago than it may be."""

from datetime import date

import pytest

from llmops.playbooks.head import headed
from llmops.playbooks.lint.exercise import Exercise, exercise_of


def exercise(text: str, today: date, weeks: float = 12) -> Exercise:
    return exercise_of(headed(text, "page.md"), today, weeks)


def told(found: Exercise) -> list[tuple[int, str]]:
    return [(each.line, each.text) for each in found.problems]


def page(last: str, kind: str = "runbook") -> str:
    return f"---\ntitle: x\nkind: {kind}\nowner: ann\nlast_exercised: {last}\n---\nbody\n"


def test_an_owner_and_a_day_are_read_from_the_head(today: date) -> None:
    found = exercise(page("2026-11-16"), today)
    assert (found.owner, found.last, found.age_days, told(found)) == ("ann", date(2026, 11, 16), 10, [])


@pytest.mark.parametrize(
    "text",
    [
        "Owner: ann\n\nLast exercised: 2026-11-16\n",
        "| Owner | ann |\n| **Last exercised** | 2026-11-16 |\n",
        "**Owner:** ann\n- last_exercised: 2026-11-16",
    ],
)
def test_they_are_read_from_lines_of_a_page_without_a_head(text: str, today: date) -> None:
    found = exercise(text, today)
    assert (found.owner, found.age_days, told(found)) == ("ann", 10, [])


@pytest.mark.parametrize(("last", "stale"), [("2026-09-03", False), ("2026-09-02", True)])
def test_it_is_stale_after_twelve_weeks_and_not_on_their_last_day(last: str, stale: bool, today: date) -> None:
    expected = [(5, "it was last exercised 85 days ago, and 12 weeks are the most")]  # 12 * 7 = 84
    assert told(exercise(page(last), today)) == (expected if stale else [])


def test_how_old_it_may_be_is_given(today: date) -> None:
    assert told(exercise(page("2026-11-16"), today, weeks=2)) == []
    assert "1.4 weeks" in told(exercise(page("2026-11-16"), today, weeks=1.4))[0][1]  # 9.8 days


@pytest.mark.parametrize(
    ("last", "why"),
    [
        ("never", "it was never exercised"),
        ("", "it was never exercised"),
        ("soon", "last_exercised is 'soon', which is no date"),
        ("2026-11-27", "it was last exercised on 2026-11-27, which is in the future"),
    ],
)
def test_a_day_that_is_none_leaves_its_age_unknown(last: str, why: str, today: date) -> None:
    found = exercise(page(last), today)
    assert (found.age_days, told(found)) == (None, [(5, why)])


def test_a_page_that_says_nothing_has_neither(today: date) -> None:
    assert told(exercise("# Words\n", today)) == [(1, "nobody owns this page"), (1, "it was never exercised")]


@pytest.mark.parametrize("owner", ["TODO", "''", "tbd", "'?'"])
def test_a_placeholder_is_no_owner(owner: str, today: date) -> None:
    assert told(exercise(page("2026-11-16").replace("ann", owner), today)) == [(4, "nobody owns this page")]


def test_several_may_own_it(today: date) -> None:
    assert exercise(page("2026-11-16").replace("ann", "[ann, ' bob ']"), today).owner == "ann, bob"


@pytest.mark.parametrize("head", ["owner: &a [*a]", "owner: {a: b}", "owner: 7"])
def test_what_is_no_name_owns_nothing(head: str, today: date) -> None:
    assert told(exercise(page("2026-11-16").replace("owner: ann", head), today)) == [(4, "nobody owns this page")]


def test_aliases_without_end_are_not_written_out(today: date) -> None:
    many = "".join(f"b{n}: &b{n} [{', '.join([f'*b{n - 1}'] * 9)}]\n" for n in range(1, 10))
    text = f"---\nb0: &b0 [x]\n{many}owner: *b9\nlast_exercised: *b9\n---\nbody\n"
    assert [why for _, why in told(exercise(text, today))] == ["nobody owns this page", "it was never exercised"]


@pytest.mark.parametrize("kind", ["post-mortem", "brief"])
def test_a_page_of_its_day_is_never_stale(kind: str, today: date) -> None:
    found = exercise(page("never", kind), today)
    assert (found.must_be, told(found)) == (False, [])
