"""The first visible token comes in time, while the fault lasts."""

from dataclasses import dataclass

from llmops.chaos.experiments.checks.base import Percentile, Planned
from llmops.chaos.experiments.evidence import UserRequest
from llmops.chaos.experiments.latency import ttft_s


@dataclass(frozen=True)
class Ttft(Percentile):
    """From when the request was due to its first visible piece; one that never showed any is beyond every limit."""

    def measured_s(self, request: UserRequest) -> float | None:
        return ttft_s(request)

    def unmeasurable(self, planned: Planned) -> str:
        return (
            super().unmeasurable(planned)
            if planned.stream
            else "only a streamed answer has a first token: set load.stream"
        )
