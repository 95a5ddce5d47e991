"""The timeline of a run, for a page: phases, faults, and what each request saw and caused."""

from datetime import UTC, datetime
from math import isfinite

from llmops.chaos.experiments.evidence import Attempt, Evidence, UserRequest
from llmops.chaos.experiments.outcomes import outcome_of
from llmops.report import Span, Timeline, TimelineAttempt, TimelineRequest

MOST_REQUESTS = 2000  # that a page can show; of more the first are drawn, and the rest is counted


def timeline_of(evidence: Evidence) -> Timeline | None:
    """Seconds from the beginning of the first phase; None where none was run, or a time is no time."""
    if not evidence.phases:
        return None
    zero = min(phase.began_at for phase in evidence.phases)
    requests = sorted(evidence.requests, key=lambda request: request.scheduled_at)
    try:
        return Timeline(
            began_at=datetime.fromtimestamp(zero, UTC),
            phases=[
                Span(phase.name, phase.kind, _since(phase.began_at, zero), _since(phase.ended_at, zero))
                for phase in evidence.phases
            ],
            faults=[*_faults(evidence, zero)],
            requests=[_request(request, evidence, zero) for request in requests[:MOST_REQUESTS]],
            left_out=max(0, len(requests) - MOST_REQUESTS),
        )
    except (ValueError, OverflowError):
        return None


def _faults(evidence: Evidence, zero: float) -> list[Span]:
    return [
        Span(one.fault, one.provider, _since(one.on_at, zero), _since(one.off_at or phase.ended_at, zero))
        for phase in evidence.phases
        for one in phase.injections
        if one.on_at is not None
    ]


def _request(request: UserRequest, evidence: Evidence, zero: float) -> TimelineRequest:
    return TimelineRequest(
        id=request.id,
        from_s=_since(request.scheduled_at, zero),
        to_s=None if request.ended_at is None else _since(request.ended_at, zero),
        outcome=outcome_of(request, evidence),
        attempts=[_attempt(attempt, zero) for attempt in request.attempts],
    )


def _attempt(attempt: Attempt, zero: float) -> TimelineAttempt:
    began, ended = _since(attempt.started_at, zero), _since(attempt.ended_at, zero)
    return TimelineAttempt(attempt.provider, began, ended, attempt.status, attempt.faults)


def _since(at: float, zero: float) -> float:
    """ValueError for a time that is none: no page can show it."""
    if not isfinite(at - zero):
        raise ValueError(f"{at} is no time")
    return round(at - zero, 3)
