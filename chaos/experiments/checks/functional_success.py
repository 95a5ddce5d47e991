"""Enough answers are good: whole, valid, in time, from an allowed model, and the true one where the truth is known."""

from dataclasses import dataclass, replace
from typing import ClassVar

from llmops.chaos.experiments.checks.base import AtLeast, CheckResult
from llmops.chaos.experiments.evidence import Evidence, UserRequest
from llmops.chaos.experiments.outcomes import claims_success, is_good
from llmops.chaos.experiments.validating import blind_validators, is_valid, require_validators


@dataclass(frozen=True)
class FunctionalSuccess(AtLeast):
    """Every answer of a simulated provider is known beforehand, so that a refusal, a leak or another language is
    another text. Of a real one `validators` look at what came, by the names of `llmops chaos check`.
    """

    validators: tuple[str, ...] = ()

    said: ClassVar[str] = "got a good answer in time"

    def __post_init__(self) -> None:
        super().__post_init__()
        require_validators(self.validators)

    def counts(self, request: UserRequest, evidence: Evidence) -> bool:
        return is_good(request, evidence) and is_valid(request, self.validators)

    def judge(self, evidence: Evidence) -> CheckResult:
        found = super().judge(evidence)
        claimed = [request for request in self.asked(evidence) if claims_success(request)]
        unkept = sum(request.answer_body is None for request in claimed)
        if self.validators and unkept:
            return replace(found, word="INVALID", reason=f"not measured: {unkept} answers were not kept for validators")
        if blind := blind_validators(self.validators):
            return replace(found, word="INVALID", reason=f"not measured: {blind[0]} finds broken answers valid")
        return found
