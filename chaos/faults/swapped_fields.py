"""Swap the values of two fields of one kind in structured output: the tool that lies."""

from dataclasses import dataclass
from random import Random
from typing import ClassVar, get_args

from llmops.chaos.faults.base import Family, FaultContext, Holding, Reads, Stage, require_one_of
from llmops.chaos.wire.payload import written
from llmops.chaos.wire.stages import CannotEditError
from llmops.chaos.wire.structured import objects_in, structured
from llmops.chaos.wire.text_edit import TextEdit, TextSlot, edited_text


@dataclass(frozen=True)
class SwappedFields:
    """It still parses and still keeps its schema; where no object has two such fields, nothing is changed."""

    where: TextSlot = "text"  # or tool_arguments

    family: ClassVar[Family] = "content"
    reads: ClassVar[Reads] = "events"
    holds: ClassVar[Holding] = "text"

    def __post_init__(self) -> None:
        require_one_of("where", self.where, get_args(TextSlot))

    def stage(self, context: FaultContext) -> Stage:
        edit = TextEdit("fields swapped", rewrite=lambda text: _swapped(text, context.rng), slot=self.where)
        return edited_text(context, edit)


def _swapped(text: str, rng: Random) -> str:
    value = structured(text)
    pairs = [(holder, one, other) for holder in objects_in(value) for one, other in _pairs(holder)]
    if not pairs:
        raise CannotEditError("no object has two different values of one kind")
    holder, one, other = rng.choice(pairs)
    holder[one], holder[other] = holder[other], holder[one]
    return written(value).decode()


def _pairs(holder: dict[str, object]) -> list[tuple[str, str]]:
    names = list(holder)
    return [
        (one, other)
        for at, one in enumerate(names)
        for other in names[at + 1 :]
        if type(holder[one]) is type(holder[other]) and holder[one] != holder[other]
    ]
