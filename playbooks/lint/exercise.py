"""Whose a runbook is, and when it was last put to use: from its head, or from lines of its own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from llmops.playbooks.head import Headed
from llmops.playbooks.lint.problem import Problem

LINE = re.compile(r"^\W*(owner|last[ _]exercised)\W*[:|]\W*(.*?)[\s*_|]*$", re.IGNORECASE)
NOBODY = {"", "todo", "tbd", "none", "nobody", "unknown", "n/a", "?"}
DAYS_PER_WEEK = 7
EXERCISED_KINDS = (None, "runbook")


@dataclass(frozen=True)
class Exercise:
    """What a page says of itself."""

    owner: str = ""
    last: date | None = None
    age_days: int | None = None  # None: unknown
    must_be: bool = True  # exercised: a post-mortem or a brief is of its day
    problems: tuple[Problem, ...] = ()


def exercise_of(parts: Headed, today: date, max_age_weeks: float) -> Exercise:
    """Owner, day and age of a page, and what is wrong with them."""
    told = _told(parts)
    owner, owner_line = told.get("owner", ("", 1))
    owner = _words(owner)
    problems = [] if owner else [Problem(owner_line, "nobody owns this page", "`owner: NAME` in its head")]
    if parts.head.get("kind") not in EXERCISED_KINDS:
        return Exercise(owner, must_be=False, problems=tuple(problems))
    said, line = told.get("last_exercised", (None, 1))
    last = _date(said)
    problems += [Problem(line, text, hint) for text, hint in _stale(said, last, today, max_age_weeks)]
    if last is None or last > today:
        return Exercise(owner, problems=tuple(problems))
    return Exercise(owner, last, (today - last).days, problems=tuple(problems))


def _words(said: object) -> str:
    """An owner, or several; nobody where it is a placeholder or no text."""
    owners = [each.strip() for each in (said if isinstance(said, list) else [said]) if isinstance(each, str)]
    return ", ".join(each for each in owners if each.lower() not in NOBODY)


def _stale(said: object, last: date | None, today: date, max_age_weeks: float) -> Iterator[tuple[str, str]]:
    hint = "exercise it, then say so: `last_exercised: YYYY-MM-DD` in its head"
    if last is None:
        text = said.strip() if isinstance(said, str) else ""
        nothing = text.lower() in {*NOBODY, "never"}
        yield ("it was never exercised" if nothing else f"last_exercised is {text!r}, which is no date", hint)
    elif last > today:
        yield (f"it was last exercised on {last}, which is in the future", hint)
    elif (age := (today - last).days) > max_age_weeks * DAYS_PER_WEEK:
        yield (f"it was last exercised {age} days ago, and {max_age_weeks:g} weeks are the most", hint)


def _date(said: object) -> date | None:
    if isinstance(said, datetime):
        return said.date()
    if isinstance(said, date):
        return said
    try:
        return date.fromisoformat(said.strip()) if isinstance(said, str) else None
    except ValueError:
        return None


def _told(parts: Headed) -> dict[str, tuple[object, int]]:
    """By name, with the line: of the head, else the first line of the page that says it."""
    told: dict[str, tuple[object, int]] = {}
    for at, line in enumerate(parts.body.splitlines(), parts.body_line):
        if found := LINE.match(line):
            told.setdefault(found[1].lower().replace(" ", "_"), (found[2], at))
    named = ("owner", "last_exercised")
    return told | {name: (parts.head[name], parts.line_of(name)) for name in named if name in parts.head}
