"""Swap two neighbouring digits of a number in structured output: the tool that lies."""

from dataclasses import dataclass
from random import Random
from typing import ClassVar, get_args

from llmops.chaos.faults.base import Family, FaultContext, Holding, Reads, Stage, require_one_of
from llmops.chaos.wire.stages import CannotEditError
from llmops.chaos.wire.structured import structured
from llmops.chaos.wire.text_edit import TextEdit, TextSlot, edited_text


@dataclass(frozen=True)
class TransposedDigits:
    """One pair, drawn by seed, in a number or in a string; all else stays byte for byte."""

    where: TextSlot = "text"  # or tool_arguments

    family: ClassVar[Family] = "content"
    reads: ClassVar[Reads] = "events"
    holds: ClassVar[Holding] = "text"

    def __post_init__(self) -> None:
        require_one_of("where", self.where, get_args(TextSlot))

    def stage(self, context: FaultContext) -> Stage:
        edit = TextEdit("digits transposed", rewrite=lambda text: _transposed(text, context.rng), slot=self.where)
        return edited_text(context, edit)


def _transposed(text: str, rng: Random) -> str:
    value = structured(text)
    places = [at for at in range(len(text) - 1) if text[at : at + 2].isdecimal() and text[at] != text[at + 1]]
    rng.shuffle(places)
    for at in places:
        swapped = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        if _parses_to_another(swapped, value):
            return swapped
    raise CannotEditError("no number has two different digits side by side")


def _parses_to_another(text: str, value: object) -> bool:
    """A leading zero is no JSON, and the digits of an escaped character are no number."""
    try:
        return bool(structured(text) != value)
    except CannotEditError:
        return False
