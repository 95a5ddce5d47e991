"""Answers end in time, while the fault lasts."""

from dataclasses import dataclass

from llmops.chaos.experiments.checks.base import Percentile
from llmops.chaos.experiments.evidence import UserRequest
from llmops.chaos.experiments.latency import e2e_s


@dataclass(frozen=True)
class E2e(Percentile):
    """From when the request was due to its end; one that ended in an error is beyond every limit."""

    def measured_s(self, request: UserRequest) -> float | None:
        return e2e_s(request)
