"""The quota or the money is used up: an error that no retry will mend."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal

from llmops.chaos.faults.base import Family, FaultContext
from llmops.chaos.http_answers import provider_error
from llmops.chaos.wire.parts import Action, Part

ANTHROPIC_KIND = {
    "tier": "spend_limit",
    "contract": "spend_limit_contract",
    "user": "spend_limit_user",
    "billing": "insufficient_quota",
}


@dataclass(frozen=True)
class InsufficientQuota:
    """OpenAI: 429 `insufficient_quota`. Gemini: 429 of the day. Anthropic has four, by `spend_limit`."""

    family: ClassVar[Family] = "http"

    spend_limit: Literal["tier", "contract", "user", "billing"] = "tier"  # Anthropic's: 429, 429, 400, 402

    def answer(self, context: FaultContext) -> Iterable[Part | Action]:
        anthropic = context.request.provider == "anthropic"
        return provider_error(context, ANTHROPIC_KIND[self.spend_limit] if anthropic else "insufficient_quota")
