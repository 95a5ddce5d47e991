"""Nobody comes back to a provider before the time that its `Retry-After` told."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.experiments.checks.base import AtMost
from llmops.chaos.experiments.evidence import Attempt, Evidence, UserRequest
from llmops.errors import BadInput

MOST_TOLERANCE_S = 10.0  # with more, most waits that providers tell need not be kept at all


@dataclass(frozen=True)
class RetryAfterRespected(AtMost):
    """Counted over the requests that were told one. Another provider may be asked at once; a later attempt at the same
    one counts as early where it starts before the end of the refusal plus what it told.
    """

    tolerance_s: float = 0.1  # the grain of timers, and of the clock on the wire

    said: ClassVar[str] = "came back before the time they were told"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.tolerance_s <= MOST_TOLERANCE_S:
            raise BadInput(f"tolerance_s is {self.tolerance_s}", hint=f"seconds, 0 to {MOST_TOLERANCE_S:g}")

    def asked(self, evidence: Evidence) -> list[UserRequest]:
        return [request for request in super().asked(evidence) if any(map(_told, request.attempts))]

    def counts(self, request: UserRequest, evidence: Evidence) -> bool:  # noqa: ARG002 - of all checks
        return any(self._came_early(refusal, request) for refusal in filter(_told, request.attempts))

    def _came_early(self, refusal: Attempt, request: UserRequest) -> bool:
        due = refusal.ended_at + (refusal.retry_after_s or 0.0) - self.tolerance_s
        later = (a for a in request.attempts if a.provider == refusal.provider and a.started_at >= refusal.ended_at)
        return any(attempt.started_at < due for attempt in later)


def _told(attempt: Attempt) -> bool:
    return attempt.retry_after_s is not None and attempt.retry_after_s > 0
