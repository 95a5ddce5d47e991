"""Leave out the terminal mark of a stream ([DONE], message_stop, response.completed)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.parts import Action, Part
from llmops.chaos.wire.streams import Seen, each_event

TERMINATED = frozenset({"openai_chat", "openai_responses", "anthropic_messages"})


@dataclass(frozen=True)
class MissingTerminator:
    """The stream ends cleanly otherwise. Gemini has no terminal mark."""

    family: ClassVar[Family] = "stream"
    reads: ClassVar[Reads] = "events"

    def stage(self, context: FaultContext) -> Stage:
        return each_event(context, _without_terminal, TERMINATED)


def _without_terminal(seen: Seen) -> Iterator[Part | Action]:
    if seen.is_terminal:
        seen.context.note("terminal mark left out", bytes_left_out=len(seen.event.raw))
    else:
        yield seen.event
