"""Answer in a language that nobody asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, get_args

from llmops.chaos import texts
from llmops.chaos.faults.base import Family, FaultContext, Holding, Reads, Stage, require_one_of
from llmops.chaos.wire.text_edit import TextEdit, Usage, edited_text


@dataclass(frozen=True)
class WrongLanguage:
    """`language` names one of the texts in data/texts.toml."""

    language: str = "thai"
    usage: Usage = "adjusted"  # adjusted: output tokens scaled by characters; left: as the provider counted

    family: ClassVar[Family] = "content"
    reads: ClassVar[Reads] = "events"
    holds: ClassVar[Holding] = "event"
    choices: ClassVar[Mapping[str, Sequence[str]]] = {"language": texts.names("wrong_language")}

    def __post_init__(self) -> None:
        require_one_of("language", self.language, self.choices["language"])
        require_one_of("usage", self.usage, get_args(Usage))

    def stage(self, context: FaultContext) -> Stage:
        said = texts.text("wrong_language", self.language)
        return edited_text(context, TextEdit(f"answer in {self.language}", constant=said, usage=self.usage))
