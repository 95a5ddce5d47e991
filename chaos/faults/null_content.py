"""Answer with no text at all, as the dialect says it: null, no block, no part."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.each_payload import each_payload
from llmops.chaos.wire.payload import Payload, Touched
from llmops.chaos.wire.slots import Shape


@dataclass(frozen=True)
class NullContent:
    """Chat: `content: null`; Anthropic: no text block; Gemini: no parts; Responses: no message, in a body only."""

    family: ClassVar[Family] = "content"
    reads: ClassVar[Reads] = "events"

    def stage(self, context: FaultContext) -> Stage:
        dialect = context.request.dialect
        bodies_only = dialect is not None and dialect.name == "openai_responses"
        return each_payload(context, "no content", _without_text, streams=False if bodies_only else None)


def _without_text(payload: Payload, shape: Shape) -> Touched:
    return shape.drop_text(payload)
