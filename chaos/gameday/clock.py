"""The clock of a run, that stands still while it is paused or was dead: what was measured is put on it to be judged."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from llmops.chaos.experiments.evidence import Attempt, Evidence, Injection, Phase, Receipt, StateProbe, UserRequest


@dataclass(frozen=True)
class Gap:
    """A stretch in which the clock of the run stood; epoch seconds."""

    from_at: float
    to_at: float
    why: str  # paused, crashed
    phase: str = ""  # in which; empty: between two

    @property
    def length_s(self) -> float:
        return max(0.0, self.to_at - self.from_at)


def stood_s(at: float, gaps: Sequence[Gap]) -> float:
    """How long the clock had stood by then."""
    return sum(min(at, gap.to_at) - gap.from_at for gap in gaps if gap.from_at < at)


def on_the_clock(evidence: Evidence, gaps: Sequence[Gap]) -> Evidence:
    """The same, as if the gaps had not been: a request moves as a whole, so that how long it took stays."""
    if not gaps:
        return evidence

    def moment(at: float) -> float:
        return at - stood_s(at, gaps)

    return replace(
        evidence,
        phases=tuple(_phase(each, gaps) for each in evidence.phases),
        requests=tuple(_request(each, gaps) for each in evidence.requests),
        receipts=tuple(_receipt(each, stood_s(each.at, gaps)) for each in evidence.receipts),
        unattributed=tuple(_attempt(each, stood_s(each.started_at, gaps)) for each in evidence.unattributed),
        probes=tuple(_attempt(each, stood_s(each.started_at, gaps)) for each in evidence.probes),
        state_probes=tuple(replace(each, at=moment(each.at)) for each in evidence.state_probes if _runs(each, gaps)),
    )


def _runs(probe: StateProbe, gaps: Sequence[Gap]) -> bool:
    return not any(gap.from_at <= probe.at < gap.to_at for gap in gaps)


def _phase(phase: Phase, gaps: Sequence[Gap]) -> Phase:
    return replace(
        phase,
        began_at=phase.began_at - stood_s(phase.began_at, gaps),
        ended_at=phase.ended_at - stood_s(phase.ended_at, gaps),
        injections=tuple(_injection(each, gaps) for each in phase.injections),
    )


def _injection(one: Injection, gaps: Sequence[Gap]) -> Injection:
    on_at = None if one.on_at is None else one.on_at - stood_s(one.on_at, gaps)
    off_at = None if one.off_at is None else one.off_at - stood_s(one.off_at, gaps)
    return replace(one, on_at=on_at, off_at=off_at)


def _request(request: UserRequest, gaps: Sequence[Gap]) -> UserRequest:
    away = stood_s(request.scheduled_at, gaps)
    return replace(
        request,
        scheduled_at=request.scheduled_at - away,
        sent_at=request.sent_at - away,
        ended_at=None if request.ended_at is None else request.ended_at - away,
        first_token_at=None if request.first_token_at is None else request.first_token_at - away,
        piece_times=tuple(at - away for at in request.piece_times),
        attempts=tuple(_attempt(each, away) for each in request.attempts),
    )


def _attempt(attempt: Attempt, away: float) -> Attempt:
    return replace(
        attempt,
        started_at=attempt.started_at - away,
        ended_at=attempt.ended_at - away,
        receipts=tuple(_receipt(each, away) for each in attempt.receipts),
    )


def _receipt(receipt: Receipt, away: float) -> Receipt:
    return replace(receipt, at=receipt.at - away)
