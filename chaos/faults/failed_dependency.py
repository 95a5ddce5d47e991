"""424: something behind the provider failed, as Bedrock says it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext
from llmops.chaos.http_answers import provider_error
from llmops.chaos.wire.parts import Action, Part


@dataclass(frozen=True)
class FailedDependency:
    """Gateways forget this status. Gemini has no such error: there it is reported as not applied."""

    family: ClassVar[Family] = "http"

    def answer(self, context: FaultContext) -> Iterable[Part | Action]:
        return provider_error(context, "failed_dependency")
