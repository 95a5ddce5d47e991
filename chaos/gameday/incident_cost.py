"""What an incident cost at the providers: what its phases used, against the same requests at the baseline's mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from llmops.chaos.experiments.evidence import Evidence, Phase
from llmops.chaos.experiments.outcomes import is_good
from llmops.chaos.experiments.selection import phases_of, requests_of
from llmops.chaos.experiments.spending import LEAST_REQUESTS, usd_of, wasted_tokens


@dataclass(frozen=True)
class IncidentCost:
    """None is not measured, which is never zero."""

    requests: int  # of the phases with faults
    usd: Decimal | None  # of all their attempts
    usual_usd: Decimal | None  # what as many requests cost at the baseline's mean
    unserved: int  # of these requests: an answer that nobody got costs nothing, and is no saving
    wasted_tokens: int  # of attempts whose answer no caller got, as far as they were counted

    @property
    def more_usd(self) -> Decimal | None:
        """What the incident cost: below zero where the fallback is cheaper."""
        return None if self.usd is None or self.usual_usd is None else self.usd - self.usual_usd


def incident_cost(evidence: Evidence) -> IncidentCost:
    """Over all phases with faults."""
    inject = requests_of(evidence, phases_of(evidence))
    usd = usd_in(evidence, phases_of(evidence))
    before = requests_of(evidence, phases_of(evidence, kind="baseline"))
    usual = usd_in(evidence, phases_of(evidence, kind="baseline")) if len(before) >= LEAST_REQUESTS else None
    return IncidentCost(
        len(inject),
        usd,
        None if usual is None else usual * len(inject) / len(before),
        sum(not is_good(request, evidence) for request in inject),
        sum(map(wasted_tokens, inject)),
    )


def usd_in(evidence: Evidence, phases: Sequence[Phase]) -> Decimal | None:
    """Of the attempts of their requests."""
    requests = requests_of(evidence, phases)
    return usd_of([attempt for request in requests for attempt in request.attempts], evidence.price_of)
