"""Answer with an empty text, and say it is complete."""

from dataclasses import dataclass
from typing import ClassVar, get_args

from llmops.chaos.faults.base import Family, FaultContext, Holding, Reads, Stage, require_one_of
from llmops.chaos.wire.text_edit import TextEdit, Usage, edited_text


@dataclass(frozen=True)
class EmptyContent:
    """The text is `""`; finish reason and all else stay."""

    usage: Usage = "adjusted"  # adjusted: output tokens scaled by characters; left: as the provider counted

    family: ClassVar[Family] = "content"
    reads: ClassVar[Reads] = "events"
    holds: ClassVar[Holding] = "event"

    def __post_init__(self) -> None:
        require_one_of("usage", self.usage, get_args(Usage))

    def stage(self, context: FaultContext) -> Stage:
        return edited_text(context, TextEdit("empty content", constant="", usage=self.usage))
