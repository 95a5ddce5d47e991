"""Errors a user can cause: one sentence, one hint, one exit code."""

import difflib
from collections.abc import Iterable
from enum import IntEnum


class ExitCode(IntEnum):
    """What the process says to a pipeline."""

    PASS = 0
    FAILED = 1  # a gate or hypothesis failed: the answer is no
    BAD_INPUT = 2  # wrong usage, unreadable or unknown input
    NO_DATA = 3  # invalid or no data: the question could not be answered
    OUTSIDE_FAILED = 4  # provider, cloud, missing tool


class LlmopsError(Exception):
    """An error that is shown to the user as a sentence and a hint, never as a traceback."""

    exit_code = ExitCode.BAD_INPUT

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class BadInput(LlmopsError):
    """The input or the usage is wrong, and the user can mend it."""


class UnknownName(BadInput):
    """A name that no registered thing has; the hint names the nearest."""


class NoData(LlmopsError):
    """The input is well formed and there is nothing in it to answer from."""

    exit_code = ExitCode.NO_DATA


class OutsideFailed(LlmopsError):
    """Something outside failed: a provider, a cloud, a missing tool."""

    exit_code = ExitCode.OUTSIDE_FAILED


MOST_NAMES = 30  # of which all are told: more are a wall of text


def nearest_hint(name: str, known: Iterable[str], *, listed_by: str = "") -> str:
    """The hint for a name that is not known: the nearest one, or all of them; of many, the command that lists them."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    if listed_by and len(names) > MOST_NAMES:
        return f"`{listed_by}` lists all {len(names)}"
    return f"known: {', '.join(names)}" if names else ""
