"""Give the whole answer, framed by the end of the connection, and put that end off."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.bounds import at_least
from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.http1 import changed_head, head_bytes, without_header
from llmops.chaos.wire.parts import Action, AnswerHead, End, Event, Fin, Frame, Part, Wait

FRAMING = (b"content-length", b"transfer-encoding", b"connection", b"keep-alive")


@dataclass(frozen=True)
class SlowFin:
    """Without Content-Length and chunks the client must wait for the FIN, which comes `delay_s` after the body."""

    delay_s: float = 5.0

    family: ClassVar[Family] = "transport"
    reads: ClassVar[Reads] = "pieces"

    def __post_init__(self) -> None:
        at_least(0, delay_s=self.delay_s)

    def stage(self, context: FaultContext) -> Stage:
        return _SlowFin(context, self.delay_s)


class _SlowFin:
    def __init__(self, context: FaultContext, delay_s: float) -> None:
        self._context = context
        self._delay_s = delay_s
        self.bound = True  # its head has no framing any more: the end must be the connection's

    def feed(self, part: Part) -> Iterable[Part | Action]:
        if isinstance(part, AnswerHead):
            self._context.note("took the framing away and put the FIN off", seconds=self._delay_s)
            headers = (*without_header(part.headers, *FRAMING), (b"connection", b"close"))
            yield Frame(head_bytes(changed_head(part, headers=headers)))
        elif isinstance(part, End):
            yield Wait(self._delay_s)
            yield Fin(whole=True)
        else:
            data = part.raw if isinstance(part, Event) else part.data
            yield Frame(data)
