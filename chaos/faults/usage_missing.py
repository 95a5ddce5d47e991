"""Count no tokens, although they were asked for."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.each_payload import each_payload
from llmops.chaos.wire.payload import Payload, Touched
from llmops.chaos.wire.slots import Shape

COUNTED = frozenset({"openai_chat", "openai_responses", "openai_embeddings", "anthropic_messages", "gemini"})


@dataclass(frozen=True)
class UsageMissing:
    """OpenAI: null, and no usage chunk in a stream; Anthropic and Gemini: left out."""

    family: ClassVar[Family] = "content"
    reads: ClassVar[Reads] = "events"

    def stage(self, context: FaultContext) -> Stage:
        return each_payload(context, "usage taken away", _uncounted, dialects=COUNTED)


def _uncounted(payload: Payload, shape: Shape) -> Touched:
    slots = [slot for slot in shape.slots(payload) if slot.kind == "usage"]
    if slots and payload.get("object") == "chat.completion.chunk" and payload.get("choices") == []:
        return None
    for slot in slots:
        if shape.null_usage:
            slot.put(None)
        else:
            del slot.holder[slot.name]
    return bool(slots)
