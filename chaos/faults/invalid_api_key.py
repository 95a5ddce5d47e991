"""The key is good and is called wrong, an authentication outage: 401; Gemini's is 400, Bedrock's 403."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext
from llmops.chaos.http_answers import provider_error
from llmops.chaos.wire.parts import Action, Part


@dataclass(frozen=True)
class InvalidApiKey:
    """As on 2026-04-28 (Anthropic) and 2026-02-17 (OpenRouter): the key is not to blame."""

    family: ClassVar[Family] = "http"

    def answer(self, context: FaultContext) -> Iterable[Part | Action]:
        return provider_error(context, "invalid_api_key")
