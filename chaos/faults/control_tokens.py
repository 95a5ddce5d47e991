"""Leak the control tokens of a chat template into the text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos import texts
from llmops.chaos.faults.base import Family, FaultContext, Holding, Reads, Stage, require_one_of
from llmops.chaos.wire.text_edit import TextEdit, edited_text

WHERE = ("start", "middle", "end")


@dataclass(frozen=True)
class ControlTokens:
    """`template` names one of the families of tokens in data/texts.toml."""

    template: str = "chatml"
    where: str = "end"

    family: ClassVar[Family] = "content"
    reads: ClassVar[Reads] = "events"
    holds: ClassVar[Holding] = "text"
    choices: ClassVar[Mapping[str, Sequence[str]]] = {"template": texts.names("control_tokens"), "where": WHERE}

    def __post_init__(self) -> None:
        require_one_of("template", self.template, self.choices["template"])
        require_one_of("where", self.where, self.choices["where"])

    def stage(self, context: FaultContext) -> Stage:
        return edited_text(context, TextEdit(f"control tokens of {self.template}", rewrite=self._leaked))

    def _leaked(self, text: str) -> str:
        at = {"start": 0, "middle": len(text) // 2, "end": len(text)}[self.where]
        return text[:at] + texts.text("control_tokens", self.template) + text[at:]
