"""502 with a body of the provider's shape."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext
from llmops.chaos.http_answers import provider_error
from llmops.chaos.wire.parts import Action, Part


@dataclass(frozen=True)
class BadGateway:
    """`cdn_html` has the pages of what stands before the provider."""

    family: ClassVar[Family] = "http"

    def answer(self, context: FaultContext) -> Iterable[Part | Action]:
        return provider_error(context, "bad_gateway")
