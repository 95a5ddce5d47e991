"""Send events of a stream twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.bounds import at_least
from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.parts import Action, Part
from llmops.chaos.wire.streams import Seen, each_event


@dataclass(frozen=True)
class DuplicateChunks:
    """Each `every`-th event with text comes twice."""

    every: int = 5

    family: ClassVar[Family] = "stream"
    reads: ClassVar[Reads] = "events"

    def __post_init__(self) -> None:
        at_least(1, every=self.every)

    def stage(self, context: FaultContext) -> Stage:
        return each_event(context, self._change)

    def _change(self, seen: Seen) -> Iterator[Part | Action]:
        yield seen.event
        if seen.is_text and seen.pieces % self.every == 0:
            seen.context.note("event sent twice", piece=seen.pieces)
            yield seen.event
