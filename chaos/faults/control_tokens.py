"""Leak the control tokens of a chat template into the text."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos import texts
from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage, require_one_of
from llmops.chaos.wire.text_edit import TextEdit, edited_text

WHERE = ("start", "middle", "end")


@dataclass(frozen=True)
class ControlTokens:
    """`template` names one of the families of tokens in data/texts.toml."""

    template: str = "chatml"
    where: str = "end"

    family: ClassVar[Family] = "content"
    reads: ClassVar[Reads] = "events"

    def __post_init__(self) -> None:
        require_one_of("template", self.template, texts.names("control_tokens"))
        require_one_of("where", self.where, WHERE)

    def stage(self, context: FaultContext) -> Stage:
        return edited_text(context, TextEdit(f"control tokens of {self.template}", rewrite=self._leaked))

    def _leaked(self, text: str) -> str:
        at = {"start": 0, "middle": len(text) // 2, "end": len(text)}[self.where]
        return text[:at] + texts.text("control_tokens", self.template) + text[at:]
