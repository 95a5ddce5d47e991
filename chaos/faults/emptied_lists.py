"""Empty all lists in structured output: a search that found nothing, says the tool."""

from dataclasses import dataclass
from typing import ClassVar, get_args

from llmops.chaos.faults.base import Family, FaultContext, Holding, Reads, Stage, require_one_of
from llmops.chaos.wire.payload import written
from llmops.chaos.wire.stages import CannotEditError
from llmops.chaos.wire.structured import structured
from llmops.chaos.wire.text_edit import TextEdit, TextSlot, edited_text


@dataclass(frozen=True)
class EmptiedLists:
    """It still parses and mostly still keeps its schema."""

    where: TextSlot = "text"  # or tool_arguments

    family: ClassVar[Family] = "content"
    reads: ClassVar[Reads] = "events"
    holds: ClassVar[Holding] = "text"

    def __post_init__(self) -> None:
        require_one_of("where", self.where, get_args(TextSlot))

    def stage(self, context: FaultContext) -> Stage:
        return edited_text(context, TextEdit("lists emptied", rewrite=_emptied, slot=self.where))


def _emptied(text: str) -> str:
    value = structured(text)
    emptied = _without_items(value)
    if emptied == value:
        raise CannotEditError("there is no list with anything in it")
    return written(emptied).decode()


def _without_items(value: object) -> object:
    if isinstance(value, dict):
        return {name: _without_items(inner) for name, inner in value.items()}
    return [] if isinstance(value, list) else value
