"""Refuse by the dialect's own means: a refusal field or part, or Anthropic's stop reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos import texts
from llmops.chaos.faults.base import Family, FaultContext, Holding, Reads, Stage, require_one_of
from llmops.chaos.wire.stages import Parts, shape_for
from llmops.chaos.wire.text_edit import TextEdit, edited_text

REFUSERS = frozenset({"openai_chat", "openai_responses", "anthropic_messages"})


@dataclass(frozen=True)
class RefusalField:
    """Gemini has no such field: it blocks, see content_filter_finish."""

    text: str = "policy"

    family: ClassVar[Family] = "content"
    reads: ClassVar[Reads] = "events"
    holds: ClassVar[Holding] = "event"
    choices: ClassVar[Mapping[str, Sequence[str]]] = {"text": texts.names("refusal")}

    def __post_init__(self) -> None:
        require_one_of("text", self.text, self.choices["text"])

    def stage(self, context: FaultContext) -> Stage:
        shape = shape_for(context, REFUSERS)
        if shape is None:
            return Parts(context)
        words = texts.text("refusal", self.text)
        edit = TextEdit("refusal", constant=words, also=lambda payload: shape.refuse(payload, words))
        return edited_text(context, edit)
