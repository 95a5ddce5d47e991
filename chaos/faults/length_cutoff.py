"""Cut the text and say that it was cut for its length."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext, Holding, Reads, Stage, require
from llmops.chaos.wire.text_edit import TextEdit, edited_text


@dataclass(frozen=True)
class LengthCutoff:
    """`keep_ratio` of the characters stay; the finish reason is the dialect's word for the limit."""

    keep_ratio: float = 0.3

    family: ClassVar[Family] = "content"
    reads: ClassVar[Reads] = "events"
    holds: ClassVar[Holding] = "text"

    def __post_init__(self) -> None:
        require(0 <= self.keep_ratio < 1, f"keep_ratio is {self.keep_ratio}, and must be from 0 to below 1")

    def stage(self, context: FaultContext) -> Stage:
        return edited_text(context, TextEdit("cut for length", rewrite=self._cut, finish="length"))

    def _cut(self, text: str) -> str:
        return text[: int(len(text) * self.keep_ratio)]
