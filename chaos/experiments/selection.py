"""Which requests a judge looks at: those of some phases, and among them those that met the fault."""

from collections.abc import Iterator, Sequence
from typing import Literal

from llmops.chaos.experiments.evidence import Attempt, Evidence, Injection, Phase, PhaseKind, Receipt, UserRequest

Of = Literal["hit", "all"]
"""Judged over the requests that met the fault, or over all of the phases."""


def phases_of(evidence: Evidence, names: Sequence[str] = (), kind: PhaseKind = "inject") -> list[Phase]:
    """The phases of these names, or of this kind where no names are given."""
    return [phase for phase in evidence.phases if (phase.name in names if names else phase.kind == kind)]


def requests_of(evidence: Evidence, phases: Sequence[Phase]) -> list[UserRequest]:
    """All requests of these phases, as they were scheduled."""
    keys = {(phase.name, phase.repetition) for phase in phases}
    found = [request for request in evidence.requests if (request.phase, request.repetition) in keys]
    return sorted(found, key=lambda request: request.scheduled_at)


def hit_requests(evidence: Evidence, phases: Sequence[Phase]) -> list[UserRequest]:
    """Those that met a fault of their phase: by a receipt, or because they were due while its state held."""
    by_key = {(phase.name, phase.repetition): phase for phase in phases}
    return [
        request
        for request in requests_of(evidence, phases)
        if met_fault(request, by_key[request.phase, request.repetition])
    ]


def judged(evidence: Evidence, phases: Sequence[Phase], of: Of) -> list[UserRequest]:
    """The requests to judge; where the phases plan no fault at all, every request."""
    if of == "all" or not any(phase.injections for phase in phases):
        return requests_of(evidence, phases)
    return hit_requests(evidence, phases)


def met_fault(request: UserRequest, phase: Phase) -> bool:
    """Whether a fault of the phase was applied to an attempt of the request, or a state held when it was sent."""
    planned = {(injection.provider, injection.name) for injection in phase.injections}
    if any((receipt.provider, receipt.injection) in planned for receipt in receipts_of(request)):
        return True
    return met_state(request, [phase])


def met_state(request: UserRequest, phases: Sequence[Phase]) -> bool:
    """Whether it was sent while a fault below HTTP of its own phase held: its first connection was in vain."""
    own = (phase for phase in phases if (phase.name, phase.repetition) == (request.phase, request.repetition))
    return any(is_due(request, one) for phase in own for one in phase.injections if one.below_http)


def is_due(request: UserRequest, injection: Injection) -> bool:
    """Whether it was sent while the injection was on, by its schedule's own time."""
    return is_on(injection, request.sent_at)


def is_on(injection: Injection, at: float) -> bool:
    """Whether the injection was on at this moment."""
    if injection.on_at is None or injection.off_at is None or not injection.on_at <= at <= injection.off_at:
        return False
    return injection.schedule.is_open(at - injection.on_at)


def receipts_of(request: UserRequest) -> Iterator[Receipt]:
    """All receipts that were applied to its attempts."""
    for attempt in request.attempts:
        yield from attempt.receipts


def attempts_in(evidence: Evidence) -> Iterator[tuple[UserRequest, Attempt]]:
    """Every attributed attempt with its request."""
    for request in evidence.requests:
        for attempt in request.attempts:
            yield request, attempt


def first_hit(request: UserRequest, phase: Phase) -> Attempt | None:
    """The first attempt that a fault of the phase was applied to."""
    planned = {(injection.provider, injection.name) for injection in phase.injections}
    return next(
        (
            attempt
            for attempt in request.attempts
            if any((receipt.provider, receipt.injection) in planned for receipt in attempt.receipts)
        ),
        None,
    )


def met_at(request: UserRequest, evidence: Evidence) -> tuple[float, set[str]] | None:
    """When the request first met a fault of its phase, and at which providers: by its first attempt that was hit; below
    HTTP, where there is no attempt to see, when it was sent.
    """
    phase = next((p for p in evidence.phases if (p.name, p.repetition) == (request.phase, request.repetition)), None)
    if phase is None:
        return None
    hit = first_hit(request, phase)
    if hit is not None:
        return hit.started_at, {hit.provider}
    providers = {one.provider for one in phase.injections if one.below_http and is_due(request, one)}
    return (request.sent_at, providers) if providers else None
