"""Swap neighbouring events of a stream."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.bounds import at_least
from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.parts import Action, Part
from llmops.chaos.wire.streams import Seen, each_event


@dataclass(frozen=True)
class ReorderedChunks:
    """Each `every`-th event with text comes after the next event with text; a last one that has no next stays."""

    every: int = 4

    family: ClassVar[Family] = "stream"
    reads: ClassVar[Reads] = "events"

    def __post_init__(self) -> None:
        at_least(2, every=self.every)

    def stage(self, context: FaultContext) -> Stage:
        return each_event(context, self._change)

    def _change(self, seen: Seen) -> Iterator[Part | Action]:
        if seen.is_text and seen.pieces % self.every == 0:
            seen.kept.append(seen.event)
            return
        kept, seen.kept = seen.kept, []
        if kept and seen.is_text:
            seen.context.note("events swapped", piece=seen.pieces - 1)
            yield from (seen.event, *kept)
        else:
            yield from (*kept, seen.event)
