"""Accept the connection and never answer the TLS handshake; needs a TLS listener."""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from llmops.chaos.bounds import above
from llmops.chaos.faults.base import Family
from llmops.chaos.wire.parts import Action, Fin, Wait


@dataclass(frozen=True)
class HandshakeStall:
    """Stalled for `for_s`, then closed."""

    for_s: float = 3600.0

    family: ClassVar[Family] = "transport"
    needs_tls: ClassVar[bool] = True

    def __post_init__(self) -> None:
        above(0, for_s=self.for_s)

    def on_accept(self, rng: Random) -> Iterable[Action]:  # noqa: ARG002 - no dice needed
        yield Wait(self.for_s)
        yield Fin()
