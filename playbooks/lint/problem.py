"""What is wrong with a page, and where; and what the command line says of a command."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Problem:
    """One thing to mend."""

    line: int
    text: str
    hint: str = ""


@dataclass(frozen=True)
class Parsed:
    """What the command line makes of the words of a command."""

    problem: str = ""  # a sentence; empty: it parses
    hint: str = ""
    reads: Sequence[str] = ()  # files that must be there
    writes: Sequence[str] = ()
    inner: Sequence[str] = ()  # the words of a command that it would run


class ParseCommand(Protocol):
    """Parses the words after `llmops` and runs nothing; `mention`: a command may be named without its arguments."""

    def __call__(self, words: Sequence[str], *, mention: bool) -> Parsed: ...
