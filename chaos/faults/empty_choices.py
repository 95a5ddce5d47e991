"""Answer with an empty list of choices (Gemini: candidates)."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.each_payload import each_payload, put_all
from llmops.chaos.wire.payload import Payload, Touched
from llmops.chaos.wire.slots import Shape


@dataclass(frozen=True)
class EmptyChoices:
    """In a stream every event has none. Anthropic and Responses have no choices."""

    family: ClassVar[Family] = "content"
    reads: ClassVar[Reads] = "events"

    def stage(self, context: FaultContext) -> Stage:
        return each_payload(context, "no choices", _without_choices, dialects=frozenset({"openai_chat", "gemini"}))


def _without_choices(payload: Payload, shape: Shape) -> Touched:
    return put_all(payload, shape, "choices", [])
