"""Requests that meet the fault reach no other provider: for errors that another would give too, or that must stay."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.experiments.checks.base import AtMost, Planned
from llmops.chaos.experiments.evidence import Evidence, UserRequest
from llmops.chaos.experiments.selection import met_at


@dataclass(frozen=True)
class NoFallback(AtMost):
    """A prompt too long, or one that a filter stopped, must not travel on; nor any request whose fallbacks are off."""

    said: ClassVar[str] = "reached another provider, and must not"

    def counts(self, request: UserRequest, evidence: Evidence) -> bool:
        met = met_at(request, evidence)
        return met is not None and any(attempt.provider not in met[1] for attempt in request.attempts)

    def unmeasurable(self, planned: Planned) -> str:
        return "" if len(planned.providers) > 1 else "there is one provider only: nothing to fall back to"
