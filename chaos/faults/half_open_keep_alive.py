"""Answer well and keep the connection, then reset it when it is used again."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.parts import Action, AnswerHead, Part, ResetOnReuse


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
        if isinstance(part, AnswerHead):
            self._context.note("the next request on this connection is reset")
            yield ResetOnReuse()
