"""A small command line to lint by, and today."""

from collections.abc import Sequence
from datetime import date

import pytest

from llmops.playbooks.lint.problem import ParseCommand, Parsed

TODAY = date(2026, 11, 26)


def parse(words: Sequence[str], *, mention: bool) -> Parsed:
    """Knows `gate FILE`, which reads; `load --out FILE`, which writes; `watch -- CMD…`, which would run one."""
    first, rest = words[0], list(words[1:])
    if first == "gate":
        return Parsed(reads=rest) if rest or mention else Parsed("missing argument 'FILE'")
    if first == "load":
        return Parsed(writes=rest[1:]) if not rest or rest[0] == "--out" else Parsed(f"no such option: {rest[0]}")
    if first == "watch":
        return Parsed(inner=rest[rest.index("--") + 1 :] if "--" in rest else ())
    return Parsed(f"no such command {first!r}")


@pytest.fixture
def command_line() -> ParseCommand:
    return parse


@pytest.fixture
def today() -> date:
    return TODAY
