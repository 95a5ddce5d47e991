"""Count too many tokens."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage, require
from llmops.chaos.wire.each_payload import each_payload
from llmops.chaos.wire.payload import Payload, Touched
from llmops.chaos.wire.slots import TOKEN_KINDS, Shape

COUNTED = frozenset({"openai_chat", "openai_responses", "openai_embeddings", "anthropic_messages", "gemini"})


@dataclass(frozen=True)
class UsageInflated:
    """All counts of the answer are multiplied, so that they still add up."""

    factor: int = 10

    family: ClassVar[Family] = "content"
    reads: ClassVar[Reads] = "events"

    def __post_init__(self) -> None:
        require(self.factor > 1, f"factor is {self.factor}, and must be above 1")

    def stage(self, context: FaultContext) -> Stage:
        return each_payload(context, f"usage times {self.factor}", self._inflated, dialects=COUNTED)

    def _inflated(self, payload: Payload, shape: Shape) -> Touched:
        slots = [slot for slot in shape.slots(payload) if slot.kind in TOKEN_KINDS and slot.value]
        for slot in slots:
            slot.put(slot.value * self.factor)
        return bool(slots)
