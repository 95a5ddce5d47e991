"""Answer as if the prompt had taken over: an obedient sentence, then the user's own words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, get_args

from llmops.chaos import texts
from llmops.chaos.faults.base import Family, FaultContext, Holding, Reads, Stage, require_one_of
from llmops.chaos.wire.text_edit import TextEdit, Usage, edited_text


@dataclass(frozen=True)
class InjectionEcho:
    """`text` names one of the openings in data/texts.toml; the last user message follows."""

    text: str = "obedient"
    usage: Usage = "adjusted"  # adjusted: output tokens scaled by characters; left: as the provider counted

    family: ClassVar[Family] = "content"
    reads: ClassVar[Reads] = "events"
    holds: ClassVar[Holding] = "event"
    choices: ClassVar[Mapping[str, Sequence[str]]] = {"text": texts.names("injection_echo")}

    def __post_init__(self) -> None:
        require_one_of("text", self.text, self.choices["text"])
        require_one_of("usage", self.usage, get_args(Usage))

    def stage(self, context: FaultContext) -> Stage:
        asked = context.request.asked
        if asked is None or not asked.user_text:
            context.not_applied("the request has no text of a user to echo")
        said = texts.text("injection_echo", self.text) + (asked.user_text if asked else "")
        return edited_text(context, TextEdit("echo of the prompt", constant=said, usage=self.usage))
