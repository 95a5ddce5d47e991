"""429 because of too many tokens a minute, with the provider's own body and headers."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.bounds import at_least
from llmops.chaos.faults.base import Family, FaultContext
from llmops.chaos.http_answers import provider_error
from llmops.chaos.wire.parts import Action, Part


@dataclass(frozen=True)
class RateLimitTokens:
    """Stateless: each request that is hit is refused. `rate_limiter` counts."""

    family: ClassVar[Family] = "http"

    tokens_per_minute: int = 30_000  # told as the limit
    used_tokens: int = 29_500  # told as used where the provider does
    requested_tokens: int = 1_000  # told as asked for where the provider does
    retry_after_s: int = 1  # told in the header, and in the body where the provider does

    def __post_init__(self) -> None:
        for name in ("tokens_per_minute", "requested_tokens"):
            at_least(1, **{name: getattr(self, name)})
        for name in ("used_tokens", "retry_after_s"):
            at_least(0, **{name: getattr(self, name)})

    def answer(self, context: FaultContext) -> Iterable[Part | Action]:
        return provider_error(
            context,
            "rate_limit_tokens",
            limit=self.tokens_per_minute,
            used=self.used_tokens,
            requested=self.requested_tokens,
            retry_after_s=self.retry_after_s,
        )
