"""Hold the whole answer back for a while, with jitter."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.bounds import at_least
from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.parts import Action, AnswerHead, Part, Wait
from llmops.errors import BadInput


@dataclass(frozen=True)
class DelayedAnswer:
    """The head waits `delay_s` ± `jitter_s` (uniform) longer than the upstream took."""

    delay_s: float = 1.0
    jitter_s: float = 0.0

    family: ClassVar[Family] = "transport"
    reads: ClassVar[Reads] = "pieces"

    def __post_init__(self) -> None:
        at_least(0, delay_s=self.delay_s, jitter_s=self.jitter_s)
        if self.jitter_s > self.delay_s:
            raise BadInput(f"a jitter of {self.jitter_s} s around {self.delay_s} s", hint="jitter_s is at most delay_s")

    def stage(self, context: FaultContext) -> Stage:
        return _Delay(context, self.delay_s + self.jitter_s * context.rng.uniform(-1, 1))


class _Delay:
    def __init__(self, context: FaultContext, seconds: float) -> None:
        self._context = context
        self._seconds = seconds

    def feed(self, part: Part) -> Iterable[Part | Action]:
        if isinstance(part, AnswerHead):
            self._context.note("delayed the answer", seconds=round(self._seconds, 6))
            yield Wait(self._seconds)
        yield part
