"""Flood a stream with comment lines, which every client must skip."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.bounds import at_least
from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.parts import Action, Event, Part, Wait
from llmops.chaos.wire.streams import Seen, each_event

COMMENT = b": keep-alive\n\n"


@dataclass(frozen=True)
class KeepAliveFlood:
    """`comments` of them before the text number `before_piece` (from 1), `every_s` apart: alive, and no progress."""

    comments: int = 1000
    before_piece: int = 1
    every_s: float = 0.0

    family: ClassVar[Family] = "stream"
    reads: ClassVar[Reads] = "events"

    def __post_init__(self) -> None:
        at_least(1, comments=self.comments, before_piece=self.before_piece)
        at_least(0, every_s=self.every_s)

    def stage(self, context: FaultContext) -> Stage:
        return each_event(context, self._change)

    def _change(self, seen: Seen) -> Iterator[Part | Action]:
        if seen.is_text and seen.pieces == self.before_piece:
            seen.context.note("comments", comments=self.comments, every_s=self.every_s, before_piece=seen.pieces)
            yield from self._flood(seen.context)
        yield seen.event

    def _flood(self, context: FaultContext) -> Iterator[Part | Action]:
        if not self.every_s:
            yield Event(COMMENT * self.comments)
            return
        for _ in range(self.comments):
            if context.ended:
                return
            yield Event(COMMENT)
            yield Wait(self.every_s)
