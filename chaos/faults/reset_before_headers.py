"""Reset the connection when the request has come, before any byte of an answer; the upstream is not asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.bounds import at_least
from llmops.chaos.faults.base import Family, FaultContext
from llmops.chaos.wire.parts import Action, Part, Reset, Wait


@dataclass(frozen=True)
class ResetBeforeHeaders:
    """RST `after_s` seconds after the request."""

    after_s: float = 0.0

    family: ClassVar[Family] = "transport"

    def __post_init__(self) -> None:
        at_least(0, after_s=self.after_s)

    def answer(self, context: FaultContext) -> Iterable[Part | Action]:
        yield Wait(self.after_s)
        context.note("reset before the headers", after_s=self.after_s)
        yield Reset()
