"""End the answer early, but properly framed: nothing on the wire says that anything is missing."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.bounds import at_least
from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.cut import CutBody
from llmops.chaos.wire.http1 import changed_head, header, without_header
from llmops.chaos.wire.parts import Action, AnswerHead, End, Part


@dataclass(frozen=True)
class CleanEndMidAnswer:
    """The proper end after `after_bytes` of the body; a Content-Length becomes chunks."""

    after_bytes: int = 200

    family: ClassVar[Family] = "transport"
    reads: ClassVar[Reads] = "pieces"

    def __post_init__(self) -> None:
        at_least(0, after_bytes=self.after_bytes)

    def stage(self, context: FaultContext) -> Stage:
        return _CleanEnd(context, self.after_bytes)


class _CleanEnd(CutBody):
    """Cuts a body whose head does not promise its length; the receipt comes before whichever is changed first."""

    def __init__(self, context: FaultContext, after_bytes: int) -> None:
        super().__init__(after_bytes, self._end)
        self._context = context
        self._confessed = False

    def feed(self, part: Part) -> Iterable[Part | Action]:
        if isinstance(part, AnswerHead):
            written = header(part.headers, b"content-length")
            if written is not None and written.isdigit() and int(written) > self.after_bytes:
                self._confess()
                part = changed_head(part, headers=without_header(part.headers, b"content-length"))
        return super().feed(part)

    def _end(self, _rest: bytes) -> Iterable[Part | Action]:
        self._confess()
        yield End()

    def _confess(self) -> None:
        if not self._confessed:
            self._confessed = True
            self._context.note("ended cleanly mid-answer", after_bytes=self.after_bytes)
