"""The journal of a run: its steps and notes, redacted; and reading a journal that is still being written."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson

from llmops.chaos.experiments.redaction import redacted
from llmops.chaos.proxy.journal import Journal


class RunJournal:
    """What the runner did and saw, a line a step; no secret gets in."""

    def __init__(self, path: Path | None, redact: Callable[[str], str] = lambda text: text) -> None:
        self._journal = Journal(path)
        self._redact = redact

    def step(self, what: str, **fields: object) -> None:
        """Something that the runner did."""
        self._journal.write("step", what=what, **redacted(fields, self._redact))

    def note(self, what: str, **fields: object) -> None:
        """Something that the runner saw."""
        self._journal.write("note", what=what, **redacted(fields, self._redact))

    def close(self) -> None:
        self._journal.close()


def finished_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a journal that have their end; the last one may be half written."""
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield orjson.loads(line)
