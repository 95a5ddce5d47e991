"""408: the provider says that the request took too long."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext
from llmops.chaos.http_answers import provider_error
from llmops.chaos.wire.parts import Action, Part


@dataclass(frozen=True)
class RequestTimeout:
    """At once, and not after a wait. Gateways forget this status."""

    family: ClassVar[Family] = "http"

    def answer(self, context: FaultContext) -> Iterable[Part | Action]:
        return provider_error(context, "timeout", status=408)
