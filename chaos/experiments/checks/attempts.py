"""No user request causes more attempts than its budget."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.experiments import intervals
from llmops.chaos.experiments.checks.base import CheckResult, Counted, few, require_rules_out
from llmops.chaos.experiments.evidence import Evidence, UserRequest
from llmops.chaos.experiments.intervals import RULES_OUT
from llmops.chaos.experiments.selection import Of
from llmops.errors import BadInput


@dataclass(frozen=True)
class Attempts(Counted):
    """Retries of all layers multiply: each request may cause `at_most` attempts, over all providers."""

    of: Of = "hit"
    at_most: int = 3  # attempts of one user request
    over_ratio: float = 0.0  # of the requests that may go over it
    rules_out: float = RULES_OUT  # with over_ratio 0: none over passes where a true ratio of this is ruled out

    said: ClassVar[str] = "went over their budget of attempts"

    def __post_init__(self) -> None:
        if self.at_most < 1:
            raise BadInput(f"at_most is {self.at_most}", hint="attempts of one request: 1 or more")
        if not 0 <= self.over_ratio < 1:
            raise BadInput(f"over_ratio is {self.over_ratio}", hint="a ratio from 0 to below 1")
        require_rules_out(self.rules_out)

    def judge(self, evidence: Evidence) -> CheckResult:
        return few(self, evidence, self.over_ratio, self.rules_out)

    def counts(self, request: UserRequest, evidence: Evidence) -> bool:  # noqa: ARG002 - of all checks
        return len(request.attempts) > self.at_most

    def least_requests(self) -> int:
        return intervals.least_samples(self.over_ratio, rules_out=self.rules_out)
