"""Few tokens are paid for that reach no caller."""

from dataclasses import dataclass

from llmops.chaos.experiments.checks.base import LOOSEST, CheckResult, Phased, held, percent
from llmops.chaos.experiments.evidence import Evidence
from llmops.chaos.experiments.selection import Of, judged, phases_of
from llmops.chaos.experiments.spending import LEAST_REQUESTS, tokens_of, wasted_tokens
from llmops.errors import BadInput


@dataclass(frozen=True)
class WastedTokens(Phased):
    """Input and output tokens of attempts whose answer the caller did not get, of all tokens of the requests. Providers
    count them; where one answered without counting, this is not measured. A sum, not a sample: no interval.
    """

    at_most: float = 0.5
    of: Of = "hit"

    def __post_init__(self) -> None:
        if not 0 <= self.at_most <= LOOSEST:
            raise BadInput(f"at_most is {self.at_most}", hint=f"a ratio from 0 to {LOOSEST}")

    def judge(self, evidence: Evidence) -> CheckResult:
        asked = judged(evidence, phases_of(evidence, self.phases, self.kind), self.of)
        n = len(asked)
        counts = [tokens_of(attempt) for request in asked for attempt in request.attempts]
        unknown = counts.count(None)
        total = sum(count for count in counts if count is not None)
        if unknown or not total or n < LEAST_REQUESTS:
            reason = (
                f"{unknown} of {len(counts)} answers say no tokens" if unknown else f"{total} tokens of {n} requests"
            )
            return CheckResult("INVALID", f"not measured: {reason}", n, limit=self.at_most)
        wasted = sum(wasted_tokens(request) for request in asked)
        word, ending = held(wasted <= self.at_most * total)
        shown = f"{wasted:,} of {total:,} tokens of {n} requests reached no caller, {percent(wasted / total)}"
        return CheckResult(word, f"{shown}: at most {percent(self.at_most)} {ending}", n, wasted / total, self.at_most)

    def least_requests(self) -> int:
        return LEAST_REQUESTS
