"""Tokens follow one another in time, while the fault lasts."""

from dataclasses import dataclass

from llmops.chaos.experiments.checks.base import Percentile, Planned
from llmops.chaos.experiments.evidence import UserRequest
from llmops.chaos.experiments.latency import tpot_s


@dataclass(frozen=True)
class Tpot(Percentile):
    """(E2E - TTFT) / (n - 1) of each request; one that had no two tokens, or no success, is beyond every limit."""

    def measured_s(self, request: UserRequest) -> float | None:
        return tpot_s(request)

    def unmeasurable(self, planned: Planned) -> str:
        return (
            super().unmeasurable(planned)
            if planned.stream
            else "only a streamed answer has a time per token: set load.stream"
        )
