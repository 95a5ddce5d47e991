"""403 for a key that may use the model."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext
from llmops.chaos.http_answers import provider_error
from llmops.chaos.wire.parts import Action, Part


@dataclass(frozen=True)
class Forbidden:
    """The provider's own permission error."""

    family: ClassVar[Family] = "http"

    def answer(self, context: FaultContext) -> Iterable[Part | Action]:
        return provider_error(context, "permission")
