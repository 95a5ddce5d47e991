"""Answer well and keep the connection, then reset it when it is used again."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.http1 import header, is_chunked
from llmops.chaos.wire.parts import Action, AnswerHead, Part, ResetOnReuse

BODILESS = {204, 304}  # RFC 9112, 6.3


@dataclass(frozen=True)
class HalfOpenKeepAlive:
    """The next request on the same connection meets a RST; a client that makes a new one sees nothing."""

    family: ClassVar[Family] = "transport"
    reads: ClassVar[Reads] = "pieces"

    def stage(self, context: FaultContext) -> Stage:
        return _HalfOpen(context)


class _HalfOpen:
    def __init__(self, context: FaultContext) -> None:
        self._context = context

    def feed(self, part: Part) -> Iterable[Part | Action]:
        yield part
        if not isinstance(part, AnswerHead):
            return
        if not self._context.keep_alive or closes(part):
            self._context.not_applied("the connection ends with this answer: there is no next request")
            return
        self._context.note("the next request on this connection is reset")
        yield ResetOnReuse()


def closes(head: AnswerHead) -> bool:
    """Whether the answer says so; one that comes as it is and has no framing ends with its connection too."""
    if b"close" in (header(head.headers, b"connection") or b"").lower():
        return True
    has_body = head.status not in BODILESS
    framed = is_chunked(head.headers) or header(head.headers, b"content-length") is not None
    return bool(head.raw) and has_body and not framed
