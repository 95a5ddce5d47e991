"""Bounds of the numbers that configure faults and toxics."""

from collections.abc import Mapping
from dataclasses import dataclass

from llmops.errors import BadInput


@dataclass(frozen=True)
class Limit:
    """The most that a parameter may be, in either direction, and why."""

    most: int
    why: str

    def __str__(self) -> str:
        return f"at most {self.most:,}: {self.why}"


MOST_DIGITS = 40  # of a number in a message

WHOLE = Limit(2**53 - 1, "the largest whole number that every reader of JSON keeps exactly")
SECONDS = Limit(31_536_000, "a year; clocks and dates must still hold it")
LIMITS = {
    "comments": Limit(1_000_000, "15 MB, made in memory at once"),
    "dimensions": Limit(65_536, "numbers of each vector, made in memory"),
    "factor": Limit(1_000_000, "the counts must stay numbers that every reader of JSON keeps exactly"),
    "seconds": SECONDS,
    "size_bytes": Limit(64 * 1024 * 1024, "made in memory; the proxy edits no larger answer"),
    "times": Limit(10_000, "the text is made in memory"),
    "words": Limit(1_000, "each repetition is made in memory"),
}
"""By parameter; others in seconds (`_s`) have SECONDS, and all numbers WHOLE."""


def limit_of(name: str) -> Limit:
    """The limit of a parameter of this name."""
    return LIMITS.get(name) or (SECONDS if name.endswith("_s") else WHOLE)


def check_limits(what: str, values: Mapping[str, object]) -> None:
    """BadInput that names the first number beyond its limit, or that is none, and says why."""
    for name, value in values.items():
        limit = limit_of(name)
        if isinstance(value, int | float) and not -limit.most <= value <= limit.most:
            raise BadInput(f"{what}: {name} is {_shown(value)}", hint=f"give {limit}")


def _shown(value: float) -> str:
    """A number with many digits by their count: Python itself writes out no more than 4,300."""
    if isinstance(value, float) or abs(value) < 10**MOST_DIGITS:
        return str(value)
    return f"a whole number of {value.bit_length():,} bits"


def at_least(minimum: float, **values: float) -> None:
    """BadInput that names the first value below `minimum`, or that is no number."""
    for name, value in values.items():
        if not minimum <= value < float("inf"):
            raise BadInput(f"{name} is {value}", hint=f"give {minimum} or more")


def above(minimum: float, **values: float) -> None:
    """BadInput that names the first value that is not above `minimum`."""
    for name, value in values.items():
        if not minimum < value < float("inf"):
            raise BadInput(f"{name} is {value}", hint=f"give more than {minimum}")
