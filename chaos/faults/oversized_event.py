"""Make one event of a stream larger than readers expect."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.bounds import at_least
from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.parts import Action, Part
from llmops.chaos.wire.payload import payload_of, rewritten
from llmops.chaos.wire.streams import Seen, each_event


@dataclass(frozen=True)
class OversizedEvent:
    """The event with text number `piece` gets a field `obfuscation`, as OpenAI pads its events, of `size_bytes`."""

    size_bytes: int = 70_000  # asyncio's readers stop at 65,536
    piece: int = 1

    family: ClassVar[Family] = "stream"
    reads: ClassVar[Reads] = "events"

    def __post_init__(self) -> None:
        at_least(1, size_bytes=self.size_bytes, piece=self.piece)

    def stage(self, context: FaultContext) -> Stage:
        return each_event(context, self._change)

    def _change(self, seen: Seen) -> Iterator[Part | Action]:
        payload = payload_of(seen.event) if seen.is_text and seen.pieces == self.piece else None
        if payload is None:
            yield seen.event
            return
        payload["obfuscation"] = "x" * self.size_bytes
        event = rewritten(seen.event, payload)
        seen.context.note(
            "oversized event", piece=self.piece, bytes_before=len(seen.event.raw), bytes_after=len(event.raw)
        )
        yield event
