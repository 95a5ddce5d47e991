"""After a provider is well again, requests go to it again in time."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.experiments.checks.base import AtLeast, Planned, PlannedPhase
from llmops.chaos.experiments.evidence import Evidence, PhaseKind, UserRequest
from llmops.chaos.experiments.selection import phases_of, requests_of
from llmops.errors import BadInput


@dataclass(frozen=True)
class BreakerCloses(AtLeast):
    """Of the requests sent `within_s` or more after the last fault ended, most must go to the provider first."""

    within_s: float = 10.0
    provider: str = ""  # the preferred one, unless given

    kind: ClassVar[PhaseKind] = "recover"
    said: ClassVar[str] = "went to the recovered provider first"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.within_s >= 0:
            raise BadInput(f"within_s is {self.within_s}", hint="seconds, 0 or more")

    def asked(self, evidence: Evidence) -> list[UserRequest]:
        well_at = _well_at(evidence)
        return [
            request
            for request in requests_of(evidence, phases_of(evidence, self.phases, self.kind))
            if request.repetition in well_at and request.sent_at >= well_at[request.repetition] + self.within_s
        ]

    def counts(self, request: UserRequest, evidence: Evidence) -> bool:
        provider = self.provider or next(iter(evidence.providers), "")
        return bool(request.attempts) and request.attempts[0].provider == provider

    def planned_requests(self, phase: PlannedPhase) -> int:
        if not phase.duration_s:
            return phase.requests
        return int(phase.requests * max(0.0, 1 - self.within_s / phase.duration_s))

    def unmeasurable(self, planned: Planned) -> str:
        unknown = self.provider and self.provider not in planned.providers
        return f"no provider is named {self.provider!r}" if unknown else ""


def _well_at(evidence: Evidence) -> dict[int, float]:
    """When the last fault of each repetition ended."""
    well_at: dict[int, float] = {}
    for phase in evidence.phases:
        for injection in phase.injections:
            if injection.off_at is not None:
                well_at[phase.repetition] = max(injection.off_at, well_at.get(phase.repetition, 0.0))
    return well_at
