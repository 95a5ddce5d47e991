"""Accept the connection and never read nor say a word."""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from llmops.chaos.bounds import above
from llmops.chaos.faults.base import Family
from llmops.chaos.wire.parts import Action, Fin, Wait


@dataclass(frozen=True)
class AcceptThenSilence:
    """Silent for `for_s`, then closed. When the injection ends first, the connection is served after all."""

    for_s: float = 3600.0

    family: ClassVar[Family] = "transport"

    def __post_init__(self) -> None:
        above(0, for_s=self.for_s)

    def on_accept(self, rng: Random) -> Iterable[Action]:  # noqa: ARG002 - no dice needed
        yield Wait(self.for_s)
        yield Fin()
