"""Requests that meet the fault reach another provider in time."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.experiments.checks.base import AtLeast, Planned
from llmops.chaos.experiments.evidence import Evidence, UserRequest
from llmops.chaos.experiments.selection import Of, met_at
from llmops.errors import BadInput


@dataclass(frozen=True)
class FallbackUsed(AtLeast):
    """From the start of the first attempt that was hit to the start of the first on another provider. Below HTTP there
    is no attempt to start from: then from when the caller sent the request.
    """

    of: Of = "hit"
    within_s: float = 10.0
    to: str = ""  # the provider it must reach; any other unless given

    said: ClassVar[str] = "reached another provider in time"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.within_s > 0:
            raise BadInput(f"within_s is {self.within_s}", hint="seconds above 0")

    def counts(self, request: UserRequest, evidence: Evidence) -> bool:
        start = met_at(request, evidence)
        if start is None:
            return False
        began, hit = start
        return any(
            0 <= attempt.started_at - began <= self.within_s
            for attempt in request.attempts
            if attempt.provider not in hit and self.to in {"", attempt.provider}
        )

    def unmeasurable(self, planned: Planned) -> str:
        if self.to and self.to not in planned.providers:
            return f"no provider is named {self.to!r}"
        return "" if len(planned.providers) > 1 else "there is one provider only: nothing to fall back to"
