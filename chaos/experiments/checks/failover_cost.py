"""A request does not cost much more while the fault lasts."""

from dataclasses import dataclass
from decimal import Decimal

from llmops.chaos.experiments.checks.base import MOST_TIMES, CheckResult, Phased, Planned, held
from llmops.chaos.experiments.evidence import Evidence, UserRequest
from llmops.chaos.experiments.selection import Of, judged, phases_of, requests_of
from llmops.chaos.experiments.spending import LEAST_REQUESTS, usd_of
from llmops.errors import BadInput
from llmops.money import shown_usd


@dataclass(frozen=True)
class FailoverCost(Phased):
    """USD a request at catalogue prices, all its attempts together, against that of the baseline. A mean of all, not a
    sample: no interval. Not measured where no prices were given, or an attempt has none.
    """

    at_most_times: float = 3.0
    of: Of = "hit"

    def __post_init__(self) -> None:
        if not 0 < self.at_most_times <= MOST_TIMES:
            hint = f"above 0, to {MOST_TIMES:g}: 2 is twice the baseline"
            raise BadInput(f"at_most_times is {self.at_most_times}", hint=hint)

    def judge(self, evidence: Evidence) -> CheckResult:
        asked = judged(evidence, phases_of(evidence, self.phases, self.kind), self.of)
        before = requests_of(evidence, phases_of(evidence, kind="baseline"))
        n, usual, spent = min(len(asked), len(before)), _mean_usd(before, evidence), _mean_usd(asked, evidence)
        if usual is None or spent is None or usual == 0 or n < LEAST_REQUESTS:
            return CheckResult(
                "INVALID", f"not measured: {_why(evidence, n)}", n, limit=self.at_most_times, unit="times"
            )
        ratio = float(spent / usual)
        word, ending = held(ratio <= self.at_most_times)
        shown = f"{shown_usd(spent)} USD a request, {shown_usd(usual)} in the baseline, {ratio:.3g} times"
        reason = f"{shown}: at most {self.at_most_times:g} times {ending}"
        return CheckResult(word, reason, n, ratio, self.at_most_times, unit="times")

    def least_requests(self) -> int:
        return LEAST_REQUESTS

    def unmeasurable(self, planned: Planned) -> str:
        return "" if planned.priced else "there are no prices to measure it with"


def _mean_usd(requests: list[UserRequest], evidence: Evidence) -> Decimal | None:
    total = usd_of([attempt for request in requests for attempt in request.attempts], evidence.price_of)
    return None if total is None or not requests else total / len(requests)


def _why(evidence: Evidence, n: int) -> str:
    if evidence.price_of is None:
        return "no prices were given"
    return "an attempt has no price" if n >= LEAST_REQUESTS else f"{n} requests, {LEAST_REQUESTS} are needed"
