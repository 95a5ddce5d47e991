"""No user request causes more attempts than its budget."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos import intervals
from llmops.chaos.experiments.checks.base import LOOSEST, CheckResult, Counted, few, require_rules_out, worst
from llmops.chaos.experiments.evidence import Evidence, UserRequest
from llmops.chaos.experiments.selection import Of
from llmops.chaos.intervals import RULES_OUT
from llmops.errors import BadInput

MOST_ATTEMPTS = 100  # ten times what is a storm: hardly any system could go over more


@dataclass(frozen=True)
class Attempts(Counted):
    """Retries of all layers multiply: each request may cause `at_most` attempts, over all providers."""

    of: Of = "hit"
    at_most: int = 3  # attempts of one user request
    over_ratio: float = 0.0  # of the requests that may go over it
    rules_out: float = RULES_OUT  # with over_ratio 0: none over passes where a true ratio of this is ruled out

    said: ClassVar[str] = "went over their budget of attempts"

    def __post_init__(self) -> None:
        if not 1 <= self.at_most <= MOST_ATTEMPTS:
            raise BadInput(f"at_most is {self.at_most}", hint=f"attempts of one request: 1 to {MOST_ATTEMPTS}")
        if not 0 <= self.over_ratio <= LOOSEST:
            raise BadInput(f"over_ratio is {self.over_ratio}", hint=f"a ratio from 0 to {LOOSEST}")
        require_rules_out(self.rules_out)

    def judge(self, evidence: Evidence) -> CheckResult:
        return few(self, evidence, self.over_ratio, self.rules_out)

    def counts(self, request: UserRequest, evidence: Evidence) -> bool:  # noqa: ARG002 - of all checks
        return len(request.attempts) > self.at_most

    def least_requests(self) -> int:
        return intervals.least_samples(self.over_ratio, rules_out=self.rules_out)

    def least_to_fail(self) -> int:
        return worst(1 - self.over_ratio)
