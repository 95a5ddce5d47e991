"""Give the body at no more than a number of bytes a second."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.bounds import above
from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.parts import Action, AnswerHead, End, Event, Part, Piece, Wait

STEP_S = 0.05


@dataclass(frozen=True)
class ThrottledAnswer:
    """`bytes_per_second` of the body as it is coded."""

    bytes_per_second: float = 1000.0

    family: ClassVar[Family] = "transport"
    reads: ClassVar[Reads] = "pieces"

    def __post_init__(self) -> None:
        above(0, bytes_per_second=self.bytes_per_second)

    def stage(self, context: FaultContext) -> Stage:
        return _Throttle(context, self.bytes_per_second)


class _Throttle:
    def __init__(self, context: FaultContext, bytes_per_second: float) -> None:
        self._context = context
        self._rate = bytes_per_second
        self._step = max(1, int(bytes_per_second * STEP_S))
        self._begun = False

    def feed(self, part: Part) -> Iterable[Part | Action]:
        if isinstance(part, AnswerHead | End):
            yield part
            return
        if not self._begun:
            self._begun = True
            self._context.note("throttled the body", bytes_per_second=self._rate)
        data = part.raw if isinstance(part, Event) else part.data
        for start in range(0, len(data), self._step):
            piece = data[start : start + self._step]
            yield Wait(len(piece) / self._rate)
            yield Piece(piece)
