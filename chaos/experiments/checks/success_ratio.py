"""Enough requests are answered with success, as HTTP and the protocol say it."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.experiments.checks.base import AtLeast
from llmops.chaos.experiments.evidence import Evidence, UserRequest
from llmops.chaos.experiments.outcomes import claims_success, is_hang


@dataclass(frozen=True)
class SuccessRatio(AtLeast):
    """What a status dashboard counts: a 2xx without an error event, in time. It says nothing about the answer."""

    said: ClassVar[str] = "were answered with success in time"

    def counts(self, request: UserRequest, evidence: Evidence) -> bool:  # noqa: ARG002 - of all checks
        return claims_success(request) and not is_hang(request)
