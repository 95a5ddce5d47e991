"""Reset the connection in the middle of the answer's body."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.bounds import at_least
from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.cut import CutBody
from llmops.chaos.wire.parts import Action, Part, Reset


@dataclass(frozen=True)
class ResetMidBody:
    """RST after `after_bytes` of the body (as it is coded); a shorter answer passes."""

    after_bytes: int = 200

    family: ClassVar[Family] = "transport"
    reads: ClassVar[Reads] = "pieces"

    def __post_init__(self) -> None:
        at_least(0, after_bytes=self.after_bytes)

    def stage(self, context: FaultContext) -> Stage:
        def ending(_rest: bytes) -> Iterable[Part | Action]:
            context.note("reset mid-body", after_bytes=self.after_bytes)
            yield Reset()

        return CutBody(self.after_bytes, ending)
