"""Break the JSON of one event in the middle of a stream, which then goes on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.bounds import at_least
from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage, require_one_of
from llmops.chaos.wire import sse
from llmops.chaos.wire.parts import Action, Event, Part
from llmops.chaos.wire.streams import Seen, each_event

HOW = ("cut", "garbage")


@dataclass(frozen=True)
class MalformedChunk:
    """The event with text number `piece` (from 1) loses its second half, or is replaced by what is no JSON."""

    piece: int = 10
    how: str = "cut"

    family: ClassVar[Family] = "stream"
    reads: ClassVar[Reads] = "events"
    choices: ClassVar[Mapping[str, Sequence[str]]] = {"how": HOW}

    def __post_init__(self) -> None:
        at_least(1, piece=self.piece)
        require_one_of("how", self.how, self.choices["how"])

    def stage(self, context: FaultContext) -> Stage:
        return each_event(context, self._change)

    def _change(self, seen: Seen) -> Iterator[Part | Action]:
        data = sse.data_of(seen.event.raw)
        if not (seen.is_text and seen.pieces == self.piece and data):
            yield seen.event
            return
        broken = data[: len(data) // 2] if self.how == "cut" else b"{not json"
        seen.context.note("malformed chunk", piece=self.piece, bytes_before=len(data), bytes_after=len(broken))
        yield Event(sse.with_data(seen.event.raw, broken))
