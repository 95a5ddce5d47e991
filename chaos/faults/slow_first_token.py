"""Let the head pass and hold the first visible token back."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.bounds import at_least
from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.parts import Action, Body, Event, Part, Wait


@dataclass(frozen=True)
class SlowFirstToken:
    """Wait `delay_s` before the first event with text; before the body of an answer that is no stream."""

    delay_s: float = 5.0

    family: ClassVar[Family] = "transport"
    reads: ClassVar[Reads] = "events"

    def __post_init__(self) -> None:
        at_least(0, delay_s=self.delay_s)

    def stage(self, context: FaultContext) -> Stage:
        return _HoldFirst(context, self.delay_s)


class _HoldFirst:
    def __init__(self, context: FaultContext, delay_s: float) -> None:
        self._context = context
        self._delay_s = delay_s
        dialect = context.request.dialect
        self._observer = None if dialect is None else dialect.observer()
        self._held = False

    def feed(self, part: Part) -> Iterable[Part | Action]:
        if not self._held and self._is_first(part):
            self._held = True
            self._context.note("held the first token", seconds=self._delay_s)
            yield Wait(self._delay_s)
        yield part

    def _is_first(self, part: Part) -> bool:
        if isinstance(part, Event):
            return self._observer is None or self._observer.event(part.raw)
        return isinstance(part, Body)
