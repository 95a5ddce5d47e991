"""404 because the model is not there any more."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext
from llmops.chaos.http_answers import provider_error
from llmops.chaos.wire.parts import Action, Part


@dataclass(frozen=True)
class ModelRetired:
    """Names the model that was asked for; gateways forget to fail over on it."""

    family: ClassVar[Family] = "http"

    def answer(self, context: FaultContext) -> Iterable[Part | Action]:
        return provider_error(context, "model_not_found")
