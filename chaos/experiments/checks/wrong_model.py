"""No answer comes from a model that may not answer."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.experiments.checks.base import AtMost
from llmops.chaos.experiments.evidence import Evidence, UserRequest
from llmops.chaos.experiments.outcomes import is_wrong_model


@dataclass(frozen=True)
class WrongModel(AtMost):
    """The wire says who answered, whether the caller could see it or not."""

    said: ClassVar[str] = "were answered by a model that may not"

    def counts(self, request: UserRequest, evidence: Evidence) -> bool:
        return is_wrong_model(request, evidence)
