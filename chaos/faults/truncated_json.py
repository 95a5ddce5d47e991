"""Cut the body of an answer, with a Content-Length that is true to what is left."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage, require
from llmops.chaos.wire.parts import Action, Body, Part
from llmops.chaos.wire.stages import Parts


@dataclass(frozen=True)
class TruncatedJson:
    """`keep_ratio` of the decoded bytes stay. Of a stream see malformed_chunk and clean_end_mid_answer."""

    keep_ratio: float = 0.5

    family: ClassVar[Family] = "content"
    reads: ClassVar[Reads] = "body"

    def __post_init__(self) -> None:
        require(0 <= self.keep_ratio < 1, f"keep_ratio is {self.keep_ratio}, and must be from 0 to below 1")

    def stage(self, context: FaultContext) -> Stage:
        return _Cut(context, self.keep_ratio)


class _Cut(Parts):
    def __init__(self, context: FaultContext, keep_ratio: float) -> None:
        super().__init__(context)
        self._keep_ratio = keep_ratio

    def body(self, body: Body) -> Iterator[Part | Action]:
        kept = body.data[: int(len(body.data) * self._keep_ratio)]
        if body.data:
            self.context.note("body cut", bytes_before=len(body.data), bytes_after=len(kept))
        yield Body(kept) if body.data else body
