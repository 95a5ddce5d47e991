"""No request outlives its deadline."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.experiments.checks.base import AtMost
from llmops.chaos.experiments.evidence import Evidence, UserRequest
from llmops.chaos.experiments.outcomes import is_hang


@dataclass(frozen=True)
class Hang(AtMost):
    """Nothing, neither answer nor error, ended it before the deadline of the load."""

    said: ClassVar[str] = "had no end before their deadline"

    def counts(self, request: UserRequest, evidence: Evidence) -> bool:  # noqa: ARG002 - of all checks
        return is_hang(request)
