"""Enough answers are good: whole, valid, in time, from an allowed model, and the true one where the truth is known."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.experiments.checks.base import AtLeast
from llmops.chaos.experiments.evidence import Evidence, UserRequest
from llmops.chaos.experiments.outcomes import is_good


@dataclass(frozen=True)
class FunctionalSuccess(AtLeast):
    """Every answer of a simulated provider is known beforehand, so that a refusal, a leak or another language is
    another text.
    """

    said: ClassVar[str] = "got a good answer in time"

    def counts(self, request: UserRequest, evidence: Evidence) -> bool:
        return is_good(request, evidence)
