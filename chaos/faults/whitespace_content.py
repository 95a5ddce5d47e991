"""Answer with nothing but white space."""

from dataclasses import dataclass
from typing import ClassVar, get_args

from llmops.chaos.faults.base import Family, FaultContext, Holding, Reads, Stage, require, require_one_of
from llmops.chaos.wire.text_edit import TextEdit, Usage, edited_text


@dataclass(frozen=True)
class WhitespaceContent:
    """What a check for an empty string lets pass."""

    text: str = " \n\n"
    usage: Usage = "adjusted"  # adjusted: output tokens scaled by characters; left: as the provider counted

    family: ClassVar[Family] = "content"
    reads: ClassVar[Reads] = "events"
    holds: ClassVar[Holding] = "event"

    def __post_init__(self) -> None:
        require(self.text.isspace(), f"text is {self.text!r}, and must be white space")
        require_one_of("usage", self.usage, get_args(Usage))

    def stage(self, context: FaultContext) -> Stage:
        return edited_text(context, TextEdit("white space", constant=self.text, usage=self.usage))
