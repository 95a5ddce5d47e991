"""The provider says that the request took too long: 408, or Gemini's 504."""

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
        google = context.request.provider == "gemini"  # its DEADLINE_EXCEEDED is HTTP 504 (google.rpc)
        return provider_error(context, "timeout", status=None if google else 408)
