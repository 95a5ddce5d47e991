"""Refuse connections: the system answers every SYN with RST, as if nothing listened."""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from llmops.chaos.faults.base import Family
from llmops.chaos.wire.parts import Action, Reset


@dataclass(frozen=True)
class Refused:
    """Always on, the listener stops listening. By count or probability the connection is accepted, then reset."""

    family: ClassVar[Family] = "transport"
    stops_listening: ClassVar[bool] = True

    def on_accept(self, rng: Random) -> Iterable[Action]:  # noqa: ARG002 - no dice needed
        yield Reset()
