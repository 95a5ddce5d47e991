"""A result from its file: parsed strictly, of our schema, not too old, in agreement with itself; or why it is none."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from llmops.chaos.gates.quoting import quoted
from llmops.chaos.gates.results.contradictions import contradictions
from llmops.chaos.gates.results.schema import Result, Unreadable, result_from

IN_A_RUN = "result.json"  # of a run's folder
CLOCK_ERROR = timedelta(minutes=5)  # between the machine that wrote it and this one


@dataclass(frozen=True)
class Usable:
    """A result that can be judged."""

    file: str
    result: Result


@dataclass(frozen=True)
class Unusable:
    """A file that holds no result to judge, and why, in a sentence."""

    file: str
    reason: str


Read = Usable | Unusable


def read_results(files: Sequence[Path], now: datetime, max_age: timedelta | None) -> list[Read]:
    """Each of them, in order."""
    return [read_result(file, now, max_age) for file in files]


def read_result(file: Path, now: datetime, max_age: timedelta | None = None) -> Read:
    """The result in a file, or in the folder of a run. `now` has a time zone."""
    path = file / IN_A_RUN if file.is_dir() else file
    try:
        result = result_from(_parsed(path))
        _refuse_contradictions(result)
        _refuse_age(result, now, max_age)
    except Unreadable as error:
        return Unusable(str(file), quoted(f"{path} {error}"))
    return Usable(str(file), result)


def _parsed(path: Path) -> Any:  # noqa: ANN401 - whatever JSON holds
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise Unreadable("is missing") from error
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Unreadable("is not UTF-8 text") from error
    if not text.strip():
        raise Unreadable("is empty")
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant, object_pairs_hook=_without_twins)
    except json.JSONDecodeError as error:
        cut = "cut off, or " if error.pos >= len(text.rstrip()) - 1 else ""
        raise Unreadable(f"is {cut}no JSON: line {error.lineno}: {error.msg}") from error
    except (ValueError, ArithmeticError, RecursionError) as error:  # more digits or brackets than Python takes
        raise Unreadable("is no JSON of ours: it is too deep, or a number in it too long") from error


def _refuse_constant(name: str) -> NoReturn:
    raise Unreadable(f"holds {name}, which is no number")


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twin = next(name for name, _ in pairs if [each for each, _ in pairs].count(name) > 1)
        raise Unreadable(f"says {twin!r} twice in one object")
    return found


def _refuse_contradictions(result: Result) -> None:
    for why in contradictions(result):
        raise Unreadable(f"contradicts itself: {why}")


def _refuse_age(result: Result, now: datetime, max_age: timedelta | None) -> None:
    age = now - result.finished_at
    if age < -CLOCK_ERROR:
        raise Unreadable(f"is from the future: {result.finished_at:%Y-%m-%d %H:%M} UTC")
    if max_age is not None and age > max_age:
        raise Unreadable(f"is {in_words(age)} old, and {in_words(max_age)} is the most")


def in_words(age: timedelta) -> str:
    """A duration in its largest unit, rounded."""
    seconds = age.total_seconds()
    for name, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {name}"
    return f"{seconds:.3g} seconds"
