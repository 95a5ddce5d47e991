"""Cut the bytes of a stream inside a character, with a pause between the two parts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.bounds import at_least
from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.parts import Action, Event, Part, Wait
from llmops.chaos.wire.payload import payload_of, rewritten
from llmops.chaos.wire.streams import Seen, each_event

FIRST_OF_MANY = 0xC2  # the lowest byte that begins a character of several (RFC 3629)


@dataclass(frozen=True)
class Utf8Split:
    """The bytes stay what they are (an escaped character becomes the character itself), only the cut moves."""

    pause_s: float = 0.05

    family: ClassVar[Family] = "stream"
    reads: ClassVar[Reads] = "events"

    def __post_init__(self) -> None:
        at_least(0, pause_s=self.pause_s)

    def stage(self, context: FaultContext) -> Stage:
        return each_event(context, self._change)

    def _change(self, seen: Seen) -> Iterator[Part | Action]:
        event = _unescaped(seen.event) if seen.is_text else seen.event
        at = next((at for at, byte in enumerate(event.raw) if byte >= FIRST_OF_MANY), -1)
        if at < 0 or not seen.is_text:
            yield seen.event
            return
        seen.context.note("cut inside a character", byte=at + 1, of=len(event.raw), piece=seen.pieces)
        yield from (Event(event.raw[: at + 1]), Wait(self.pause_s), Event(event.raw[at + 1 :]))


def _unescaped(event: Event) -> Event:
    payload = payload_of(event) if b"\\u" in event.raw else None
    return event if payload is None else rewritten(event, payload)
