"""No error, foreign page or other text than the answer is passed as success."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.experiments.checks.base import AtMost
from llmops.chaos.experiments.evidence import Evidence, UserRequest
from llmops.chaos.experiments.outcomes import is_masked_error


@dataclass(frozen=True)
class MaskedError(AtMost):
    """The caller was told of success, and what came is no answer, or not the true one."""

    said: ClassVar[str] = "were passed as success although an error, or another text than the answer"

    def counts(self, request: UserRequest, evidence: Evidence) -> bool:  # noqa: ARG002 - of all checks
        return is_masked_error(request)
