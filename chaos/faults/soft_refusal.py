"""Answer with a polite refusal in plain text, finished as if it were an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, get_args

from llmops.chaos import texts
from llmops.chaos.faults.base import Family, FaultContext, Holding, Reads, Stage, require_one_of
from llmops.chaos.wire.text_edit import TextEdit, Usage, edited_text


@dataclass(frozen=True)
class SoftRefusal:
    """`text` names one of the refusals in data/texts.toml."""

    text: str = "sorry"
    usage: Usage = "adjusted"  # adjusted: output tokens scaled by characters; left: as the provider counted

    family: ClassVar[Family] = "content"
    reads: ClassVar[Reads] = "events"
    holds: ClassVar[Holding] = "event"
    choices: ClassVar[Mapping[str, Sequence[str]]] = {"text": texts.names("soft_refusal")}

    def __post_init__(self) -> None:
        require_one_of("text", self.text, self.choices["text"])
        require_one_of("usage", self.usage, get_args(Usage))

    def stage(self, context: FaultContext) -> Stage:
        said = texts.text("soft_refusal", self.text)
        return edited_text(context, TextEdit(f"soft refusal {self.text}", constant=said, usage=self.usage))
