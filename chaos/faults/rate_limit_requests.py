"""429 because of too many requests a minute, with the provider's own body and headers."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.bounds import at_least
from llmops.chaos.faults.base import Family, FaultContext
from llmops.chaos.http_answers import provider_error
from llmops.chaos.wire.parts import Action, Part


@dataclass(frozen=True)
class RateLimitRequests:
    """Stateless: each request that is hit is refused. `rate_limiter` counts."""

    family: ClassVar[Family] = "http"

    requests_per_minute: int = 60  # told as the limit
    retry_after_s: int = 1  # told in the header, and in the body where the provider does

    def __post_init__(self) -> None:
        at_least(1, requests_per_minute=self.requests_per_minute)
        at_least(0, retry_after_s=self.retry_after_s)

    def answer(self, context: FaultContext) -> Iterable[Part | Action]:
        limit = self.requests_per_minute
        return provider_error(
            context, "rate_limit_requests", limit=limit, used=limit, requested=1, retry_after_s=self.retry_after_s
        )
