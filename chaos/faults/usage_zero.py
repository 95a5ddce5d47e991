"""Count zero tokens."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.each_payload import each_payload
from llmops.chaos.wire.payload import Payload, Touched
from llmops.chaos.wire.slots import TOKEN_KINDS, Shape

COUNTED = frozenset({"openai_chat", "openai_responses", "openai_embeddings", "anthropic_messages", "gemini"})


@dataclass(frozen=True)
class UsageZero:
    """All counts of the answer are 0: what a bill reads as free."""

    family: ClassVar[Family] = "content"
    reads: ClassVar[Reads] = "events"

    def stage(self, context: FaultContext) -> Stage:
        return each_payload(context, "usage zero", _zeroed, dialects=COUNTED)


def _zeroed(payload: Payload, shape: Shape) -> Touched:
    slots = [slot for slot in shape.slots(payload) if slot.kind in TOKEN_KINDS and slot.value]
    for slot in slots:
        slot.put(0)
    return bool(slots)
