"""No truncated or empty answer is passed as success."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.experiments.checks.base import AtMost
from llmops.chaos.experiments.evidence import Evidence, UserRequest
from llmops.chaos.experiments.outcomes import is_laundered


@dataclass(frozen=True)
class Laundered(AtMost):
    """The caller was told of success, and a part of the answer, or all of it, is missing."""

    said: ClassVar[str] = "were passed as success although cut or empty"

    def counts(self, request: UserRequest, evidence: Evidence) -> bool:  # noqa: ARG002 - of all checks
        return is_laundered(request)
