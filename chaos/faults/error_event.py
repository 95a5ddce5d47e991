"""Put the provider's own error event into a stream: first, after the role chunk, or in the middle."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.bounds import at_least
from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage, require_one_of
from llmops.chaos.wire.errors import NoSuchErrorInDialectError, all_kinds
from llmops.chaos.wire.parts import Action, End, Event, Part
from llmops.chaos.wire.streams import Seen, each_event

POSITIONS = ("first", "after_role", "mid")


@dataclass(frozen=True)
class ErrorEvent:
    """After it the stream ends cleanly, as providers do: HTTP 200, an error, no terminal mark."""

    position: str = "mid"  # after_role: behind the first event (message_start, response.created)
    kind: str = "overloaded"
    after_pieces: int = 10  # of text, for mid
    event_line: bool = True  # without it anthropic-python does not see the error; OpenAI's chat and Gemini have none

    family: ClassVar[Family] = "stream"
    reads: ClassVar[Reads] = "events"
    choices: ClassVar[Mapping[str, Sequence[str]]] = {"position": POSITIONS, "kind": all_kinds()}

    def __post_init__(self) -> None:
        require_one_of("position", self.position, self.choices["position"])
        require_one_of("kind", self.kind, self.choices["kind"])
        at_least(1, after_pieces=self.after_pieces)

    def stage(self, context: FaultContext) -> Stage:
        dialect = context.request.dialect
        if dialect is not None and dialect.name == "gemini" and self.position == "after_role":
            context.not_applied("Gemini's stream has no event before its text")
        return each_event(context, self._change)

    def _change(self, seen: Seen) -> Iterator[Part | Action]:
        if not self._is_here(seen):
            yield seen.event
            return
        try:
            events = list(seen.dialect.stream_error(self.kind, **self._details(seen)))
        except NoSuchErrorInDialectError as error:
            seen.context.not_applied(str(error))
            yield seen.event
            return
        sent = events if self.event_line else [_unnamed(raw) for raw in events]
        more = {} if self.event_line else {"event_line": "this dialect has none" if sent == events else "left out"}
        seen.context.note(
            "error event", error_kind=self.kind, after_events=seen.events - 1, after_pieces=self._before(seen), **more
        )
        yield from map(Event, sent)
        yield End()

    def _is_here(self, seen: Seen) -> bool:
        if seen.context.reason_not_applied:
            return False
        if self.position == "mid":
            return seen.is_text and self._before(seen) == self.after_pieces
        return seen.events == (1 if self.position == "first" else 2)

    def _before(self, seen: Seen) -> int:
        return seen.pieces - seen.is_text

    def _details(self, seen: Seen) -> dict[str, object]:
        asked = seen.context.request.asked
        return {"model": asked.model if asked else None, "sequence_number": seen.events - 1}


def _unnamed(raw: bytes) -> bytes:
    return b"".join(line for line in raw.splitlines(keepends=True) if not line.startswith(b"event:"))
