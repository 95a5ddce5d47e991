"""When the fault first hit, was noticed, was coped with, and was over, as a caller and the wire saw it."""

from collections.abc import Sequence
from dataclasses import dataclass

from llmops.chaos.experiments.evidence import Evidence, Phase, UserRequest
from llmops.chaos.experiments.outcomes import is_good, outcome_of
from llmops.chaos.experiments.selection import attempts_in, first_hit, is_due, phases_of, receipts_of, requests_of

LASTING_RATIO = 0.95  # of the requests from a moment on that must be good for it to be the end of trouble
LEAST_LASTING = 5  # requests from it on


@dataclass(frozen=True)
class Moments:
    """Epoch seconds, of the first repetition; None: it did not come to pass, or cannot be known."""

    first_receipt: float | None = None  # the first applied receipt on a user request; below HTTP: the state was on
    detected: float | None = None  # the system turned to another attempt, for the first request that met the fault
    mitigated: float | None = None  # the end of the first good answer since, from which on callers were served
    recovered: float | None = None  # the same after the last fault was off, with one attempt a request


def moments_of(evidence: Evidence) -> Moments:
    """The moments of the first repetition."""
    repetition = min((phase.repetition for phase in evidence.phases), default=1)
    inject = [phase for phase in phases_of(evidence) if phase.repetition == repetition]
    recover = [phase for phase in phases_of(evidence, kind="recover") if phase.repetition == repetition]
    first = _first_receipt(evidence, inject)
    if first is None:
        return Moments()
    since = [request for request in requests_of(evidence, inject) if _met_or_after(request, first)]
    after = requests_of(evidence, recover)
    return Moments(
        first_receipt=first,
        detected=_detected(since, inject, first),
        mitigated=_lasting(since, [is_good(request, evidence) for request in since]),
        recovered=_lasting(after, [outcome_of(request, evidence) == "ok" for request in after]),
    )


def _first_receipt(evidence: Evidence, phases: Sequence[Phase]) -> float | None:
    keys = {(phase.name, phase.repetition) for phase in phases}
    mine = [request for request, _ in attempts_in(evidence) if (request.phase, request.repetition) in keys]
    moments = [receipt.at for request in mine for receipt in receipts_of(request)]
    states = [
        injection.on_at
        for phase in phases
        for injection in phase.injections
        if injection.below_http and injection.on_at is not None
    ]
    return min([*moments, *states], default=None)


def _met_or_after(request: UserRequest, first: float) -> bool:
    """Sent since the fault first hit, or hit by it."""
    return request.sent_at >= first or any(True for _ in receipts_of(request))


def _detected(requests: Sequence[UserRequest], phases: Sequence[Phase], first: float) -> float | None:
    """The start of the next attempt of any request that met the fault; below HTTP of the first that came through."""
    by_key = {(phase.name, phase.repetition): phase for phase in phases}
    turns: list[float] = []
    for request in requests:
        phase = by_key[request.phase, request.repetition]
        hit = first_hit(request, phase)
        if hit is not None:
            turns += [a.started_at for a in request.attempts if a is not hit and a.started_at > hit.started_at]
        elif any(is_due(request, injection) for injection in phase.injections if injection.below_http):
            turns += [attempt.started_at for attempt in request.attempts]
    return min((at for at in turns if at >= first), default=None)


def _lasting(requests: Sequence[UserRequest], good: Sequence[bool]) -> float | None:
    """The end of the first good one from which on nearly all are."""
    left, kept = len(requests), sum(good)
    for request, is_one in zip(requests, good, strict=True):
        if is_one and left >= LEAST_LASTING and kept >= LASTING_RATIO * left:
            return request.ended_at
        left, kept = left - 1, kept - is_one
    return None
