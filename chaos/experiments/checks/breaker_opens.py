"""While a provider is broken, requests stop going to it in time."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.experiments.checks.base import AtMost, Planned, PlannedPhase
from llmops.chaos.experiments.evidence import Evidence, Injection, UserRequest
from llmops.chaos.experiments.selection import Of, phases_of, requests_of
from llmops.errors import BadInput


@dataclass(frozen=True)
class BreakerOpens(AtMost):
    """Of the requests that were sent `within_s` or more after the fault began, few may still reach the provider: those
    that probe whether it is well again. A group of one deployment has nowhere else to go, and does not open.
    """

    of: Of = "all"
    at_most: float = 0.1
    within_s: float = 10.0
    provider: str = ""  # the one that the phase breaks, unless given

    said: ClassVar[str] = "still reached the broken provider"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.within_s >= 0:
            raise BadInput(f"within_s is {self.within_s}", hint="seconds, 0 or more")

    def asked(self, evidence: Evidence) -> list[UserRequest]:
        return [
            request
            for phase in phases_of(evidence, self.phases, self.kind)
            for request in requests_of(evidence, [phase])
            if any(self._is_late(request, injection) for injection in phase.injections)
        ]

    def counts(self, request: UserRequest, evidence: Evidence) -> bool:
        broken = {self.provider} if self.provider else _broken(request, evidence)
        return any(attempt.provider in broken for attempt in request.attempts)

    def planned_requests(self, phase: PlannedPhase) -> int:
        if not phase.duration_s:
            return phase.requests
        return int(phase.requests * max(0.0, 1 - self.within_s / phase.duration_s))

    def unmeasurable(self, planned: Planned) -> str:
        unknown = self.provider and self.provider not in planned.providers
        return f"no provider is named {self.provider!r}" if unknown else ""

    def _is_late(self, request: UserRequest, injection: Injection) -> bool:
        if self.provider not in {"", injection.provider} or injection.on_at is None or injection.off_at is None:
            return False
        return injection.on_at + self.within_s <= request.sent_at <= injection.off_at


def _broken(request: UserRequest, evidence: Evidence) -> set[str]:
    return {
        injection.provider
        for phase in evidence.phases
        if (phase.name, phase.repetition) == (request.phase, request.repetition)
        for injection in phase.injections
    }
