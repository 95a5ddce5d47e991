"""Promise another length than the body has, then close."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.http1 import changed_head, header, with_header
from llmops.chaos.wire.parts import Action, AnswerHead, End, Fin, Part
from llmops.errors import BadInput


@dataclass(frozen=True)
class WrongContentLength:
    """Content-Length is off by `by_bytes`: too long (the client waits, then sees a cut) or too short (a lost tail)."""

    by_bytes: int = 10

    family: ClassVar[Family] = "transport"
    reads: ClassVar[Reads] = "pieces"

    def __post_init__(self) -> None:
        if self.by_bytes == 0:
            raise BadInput("a Content-Length that is off by 0 is right", hint="such as 10 or -10")

    def stage(self, context: FaultContext) -> Stage:
        return _WrongLength(context, self.by_bytes)


class _WrongLength:
    def __init__(self, context: FaultContext, by_bytes: int) -> None:
        self._context = context
        self._by_bytes = by_bytes
        self.bound = False  # once the length is wrong the connection must end behind the body

    def feed(self, part: Part) -> Iterable[Part | Action]:
        if isinstance(part, AnswerHead):
            yield self._head(part)
        elif isinstance(part, End) and self.bound:
            yield Fin()
        else:
            yield part

    def _head(self, head: AnswerHead) -> AnswerHead:
        written = header(head.headers, b"content-length")
        if written is None or not written.isdigit():
            self._context.not_applied("the answer has no Content-Length")
            return head
        wrong = int(written) + self._by_bytes
        if wrong < 0:
            self._context.not_applied(f"the answer is shorter than {-self._by_bytes} bytes")
            return head
        self.bound = True
        self._context.note("Content-Length", was=int(written), is_now=wrong)
        return changed_head(head, headers=with_header(head.headers, b"content-length", b"%d" % wrong))
