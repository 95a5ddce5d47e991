"""An error that no retry will mend is not retried at the same provider."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.experiments.checks.base import AtMost
from llmops.chaos.experiments.evidence import Attempt, Evidence, UserRequest


@dataclass(frozen=True)
class NonRetryableNotRetried(AtMost):
    """Counted over the requests that met one. Another provider may be asked."""

    statuses: tuple[int, ...] = (400, 401, 403, 404, 413, 422)
    kinds: tuple[str, ...] = ("insufficient_quota",)  # error kinds that no waiting mends, whatever their status

    said: ClassVar[str] = "were retried after an error that no retry will mend"

    def asked(self, evidence: Evidence) -> list[UserRequest]:
        return [request for request in super().asked(evidence) if any(map(self._is_final, request.attempts))]

    def counts(self, request: UserRequest, evidence: Evidence) -> bool:  # noqa: ARG002 - of all checks
        finals = [attempt for attempt in request.attempts if self._is_final(attempt)]
        return any(
            later.provider == final.provider and later.started_at >= final.ended_at
            for final in finals
            for later in request.attempts
            if later is not final
        )

    def _is_final(self, attempt: Attempt) -> bool:
        kinds = {str(receipt.details.get("error_kind")) for receipt in attempt.receipts} | {attempt.error_type}
        return attempt.status in self.statuses or bool(kinds & set(self.kinds))
