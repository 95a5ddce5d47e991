"""Give the body a few bytes at a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.bounds import above
from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.parts import Action, AnswerHead, End, Event, Part, Piece, Wait


@dataclass(frozen=True)
class Trickle:
    """`step_bytes` of the body every `every_s` seconds; a body that is no longer than one step passes as it is."""

    step_bytes: int = 1
    every_s: float = 0.05

    family: ClassVar[Family] = "transport"
    reads: ClassVar[Reads] = "pieces"

    def __post_init__(self) -> None:
        above(0, step_bytes=self.step_bytes, every_s=self.every_s)

    def stage(self, context: FaultContext) -> Stage:
        return _Trickle(context, self)


class _Trickle:
    def __init__(self, context: FaultContext, fault: Trickle) -> None:
        self._context = context
        self._fault = fault
        self._passed_bytes = 0
        self._begun = False

    def feed(self, part: Part) -> Iterable[Part | Action]:
        if isinstance(part, AnswerHead | End):
            yield part
            return
        data = part.raw if isinstance(part, Event) else part.data
        self._passed_bytes += len(data)
        if not self._begun:
            if self._passed_bytes <= self._fault.step_bytes:
                yield part
                return
            self._begun = True
            self._context.note("trickled the body", step_bytes=self._fault.step_bytes, every_s=self._fault.every_s)
        for start in range(0, len(data), self._fault.step_bytes):
            yield Wait(self._fault.every_s)
            yield Piece(data[start : start + self._fault.step_bytes])
