"""Say that a filter withheld the answer: its finish reason, and no text."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext, Holding, Reads, Stage
from llmops.chaos.wire.text_edit import TextEdit, edited_text


@dataclass(frozen=True)
class ContentFilterFinish:
    """Chat: content_filter; Gemini: SAFETY; Responses: incomplete; Anthropic: stop_reason refusal."""

    family: ClassVar[Family] = "content"
    reads: ClassVar[Reads] = "events"
    holds: ClassVar[Holding] = "event"

    def stage(self, context: FaultContext) -> Stage:
        return edited_text(context, TextEdit("withheld by a filter", constant="", finish="content_filter"))
