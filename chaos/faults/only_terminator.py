"""Leave out everything of a stream but its terminal mark."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.parts import Action, Part
from llmops.chaos.wire.streams import Seen, each_event

TERMINATED = frozenset({"openai_chat", "openai_responses", "anthropic_messages"})


@dataclass(frozen=True)
class OnlyTerminator:
    """A stream of nothing but `[DONE]` (or message_stop, response.completed). Gemini has no terminal mark."""

    family: ClassVar[Family] = "stream"
    reads: ClassVar[Reads] = "events"

    def stage(self, context: FaultContext) -> Stage:
        return each_event(context, _terminal_only, TERMINATED)


def _terminal_only(seen: Seen) -> Iterator[Part | Action]:
    if seen.events == 1 and not seen.is_terminal:
        seen.context.note("all events but the terminal one are left out")
    if seen.is_terminal:
        yield seen.event
