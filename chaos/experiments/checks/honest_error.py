"""When everything is down, the caller is told so by an error."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.experiments.checks.base import AtLeast
from llmops.chaos.experiments.evidence import Evidence, UserRequest
from llmops.chaos.experiments.outcomes import claims_success, is_hang
from llmops.chaos.experiments.selection import Of
from llmops.errors import BadInput

FIRST_ERROR, LAST_ERROR = 400, 599


@dataclass(frozen=True)
class HonestError(AtLeast):
    """By an HTTP status, or by the protocol's error event, in time. A connection that breaks says nothing."""

    of: Of = "hit"
    least_status: int = FIRST_ERROR  # 500 where the caller did nothing wrong
    events: bool = True  # whether an error event inside a 200 will do

    said: ClassVar[str] = "were told by an error"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not FIRST_ERROR <= self.least_status <= LAST_ERROR:
            raise BadInput(f"least_status is {self.least_status}", hint="400 to 599")

    def counts(self, request: UserRequest, evidence: Evidence) -> bool:  # noqa: ARG002 - of all checks
        if is_hang(request) or claims_success(request):
            return False
        by_status = request.status is not None and request.status >= self.least_status
        return by_status or (self.events and request.error_event)
