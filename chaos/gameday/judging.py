"""The verdict of a game day, from what its run has left: of the whole, of each phase, and of each hypothesis."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from llmops.chaos import intervals
from llmops.chaos.experiments.assembly import evidence_of
from llmops.chaos.experiments.evidence import Attempt, Evidence, Phase, UserRequest
from llmops.chaos.experiments.firing import firing_of
from llmops.chaos.experiments.outcomes import is_good
from llmops.chaos.experiments.plan import Plan
from llmops.chaos.experiments.selection import hit_requests, phases_of, requests_of
from llmops.chaos.experiments.stepping import Left
from llmops.chaos.experiments.validity import reasons
from llmops.chaos.experiments.verdict import ScenarioVerdict, judge
from llmops.chaos.gameday.canary import NAME as CANARY
from llmops.chaos.gameday.clock import Gap, on_the_clock
from llmops.chaos.gameday.loader import GamedayPlan, Stated
from llmops.chaos.gameday.past import CRASHED, Past
from llmops.chaos.gameday.run_folder import RunFolder
from llmops.chaos.intervals import Word
from llmops.ports import PriceOf

EDGE_S = 0.05  # before its phase began, in which a request may have been due


@dataclass(frozen=True)
class PhaseFound:
    """What one phase shows."""

    phase: Phase
    sent: int
    failed: int  # not whole, not in time, or from a model that may not answer
    hit: int  # met a fault
    invalid: str  # why it proves nothing; empty: it is what was planned
    beyond: str  # how far over the blast radius of the plan; empty: within

    @property
    def failed_ratio(self) -> float | None:
        return self.failed / self.sent if self.sent else None


@dataclass(frozen=True)
class HypothesisFound:
    """What became of a hypothesis."""

    stated: Stated
    word: Word
    reason: str


@dataclass(frozen=True)
class Found:
    """All of it."""

    evidence: Evidence  # on the clock of the run
    verdict: ScenarioVerdict
    phases: tuple[PhaseFound, ...]
    hypotheses: tuple[HypothesisFound, ...]
    gaps: tuple[Gap, ...]


def found_in(folder: RunFolder, plan: GamedayPlan, steps: Plan, past: Past, price_of: PriceOf | None) -> Found:
    """What the run of this folder shows so far."""
    return found_of(plan, steps, _evidence(folder, steps, past, price_of), past.gaps)


def found_of(plan: GamedayPlan, steps: Plan, evidence: Evidence, gaps: Sequence[Gap]) -> Found:
    """What this evidence shows, which is on the clock of the run."""
    phases = tuple(_phase(phase, evidence, plan, gaps) for phase in evidence.phases)
    more = [each.expectation for each in plan.hypotheses if each.expectation not in steps.expectations]
    told = judge(evidence, [*steps.expectations, *dict.fromkeys(more)])
    hypotheses = tuple(_hypothesis(each, evidence, phases) for each in plan.hypotheses)
    return Found(evidence, _with_gaps(told, phases), phases, hypotheses, tuple(gaps))


def _evidence(folder: RunFolder, steps: Plan, past: Past, price_of: PriceOf | None) -> Evidence:
    """Without what is not judged: the canary, pauses, second looks at the baseline, and what a crash cut off."""
    left = Left(
        [each.phase(past.last_sign_at) for each in past.phases],
        past.kept.requests,
        past.state_probes,
        past.notes,
        broke_off(past),
    )
    whole = evidence_of(steps, left, folder.proxy, price_of)
    began = {phase.name: phase.began_at for phase in left.phases}
    aside, lost = past.kept.aside, past.kept.lost
    deadline_s = steps.experiment.load.deadline_s

    def is_lost(attempt: Attempt) -> bool:
        if attempt.request_id in lost:
            return True
        return attempt.followed_by == "messages_hash" and any(
            gap.from_at - deadline_s <= attempt.started_at <= gap.to_at for gap in past.gaps
        )

    judged = replace(
        whole,
        requests=tuple(
            each
            for each in whole.requests
            if each.id not in aside
            and each.scheduled_at >= began.get(each.phase, 0.0) - EDGE_S
            and not _reaches_into(each, past.gaps)
        ),
        receipts=tuple(each for each in whole.receipts if each.injection != CANARY),
        unattributed=tuple(each for each in whole.unattributed if not is_lost(each)),
    )
    return on_the_clock(judged, past.gaps)


def _reaches_into(request: UserRequest, gaps: Sequence[Gap]) -> bool:
    """Whether an attempt of it began while the clock stood: the fault that it was to meet was off by then."""
    return any(gap.from_at <= attempt.started_at < gap.to_at for gap in gaps for attempt in request.attempts)


def broke_off(past: Past) -> str:
    """Why the run ended before its end; empty: it did not."""
    if past.ended:
        return "it was interrupted" if past.broke_off == "CancelledError" else past.broke_off
    cut = past.interrupted
    where = f" in {cut.step.name}" if cut is not None else ""
    return f"the run has no end: its process was killed{where}, or still goes on"


def _phase(phase: Phase, evidence: Evidence, plan: GamedayPlan, gaps: Sequence[Gap]) -> PhaseFound:
    sent = requests_of(evidence, [phase])
    hit = len(hit_requests(evidence, [phase]))
    return PhaseFound(
        phase,
        len(sent),
        sum(not is_good(each, evidence) for each in sent),
        hit,
        _named(_problem(phase, evidence), phase, gaps),
        _beyond(hit, len(sent), plan.gameday.blast_radius.request_ratio.get(phase.name)),
    )


def _problem(phase: Phase, evidence: Evidence) -> str:
    """Why this phase proves nothing, beside the baseline and without the other phases."""
    baseline = [each for each in phases_of(evidence, kind="baseline") if each.name != phase.name]
    names = {each.name for each in [*baseline, phase]}
    own = replace(
        evidence,
        phases=tuple(each for each in evidence.phases if each.name in names),
        requests=tuple(each for each in evidence.requests if each.phase in names),
        unattributed=tuple(a for a in evidence.unattributed if phase.began_at <= a.started_at <= phase.ended_at),
        broke_off=evidence.broke_off or "-",  # so that a phase without faults alone is no fault
    )
    found = reasons(own, [firing_of(one, phase, own) for one in phase.injections])
    return next((each.sentence for each in found if each.code != "broke_off"), "")


def _named(problem: str, phase: Phase, gaps: Sequence[Gap]) -> str:
    """With the gap that it may come from."""
    mine = [gap for gap in gaps if gap.phase == phase.name and gap.why == CRASHED]
    if not problem or not mine:
        return problem
    lengths = ", ".join(f"{gap.length_s:.1f} s" for gap in mine)
    return f"{problem}; the run was killed in it and taken up after {lengths}"


def _with_gaps(verdict: ScenarioVerdict, phases: Sequence[PhaseFound]) -> ScenarioVerdict:
    """An INVALID that a phase explains better, because it names the gap, says so."""
    told = next((each.invalid for each in phases if "the run was killed in it" in each.invalid), "")
    if verdict.word != "INVALID" or not told or not told.startswith(verdict.reason):
        return verdict
    return replace(verdict, reason=told)


def _beyond(hit: int, sent: int, allowed: float | None) -> str:
    if allowed is None or not sent or allowed >= 1:
        return ""
    low, _ = intervals.wilson(hit, sent)
    if low <= allowed:
        return ""
    return f"{hit} of {sent} requests met a fault, and the blast radius is {allowed:.3g}"


def _hypothesis(stated: Stated, evidence: Evidence, phases: Sequence[PhaseFound]) -> HypothesisFound:
    """INVALID where a phase that it is about proves nothing, whatever the check would say."""
    check = stated.expectation.check
    about = phases_of(evidence, check.phases, getattr(check, "kind", "inject"))
    missing = [name for name in check.phases if name not in {phase.name for phase in about}]
    if missing or not about:
        return HypothesisFound(stated, "INVALID", f"{', '.join(missing) or 'its phases'} never came to be")
    for each in phases:
        if each.phase in about and each.invalid:
            return HypothesisFound(stated, "INVALID", f"{each.phase.name}: {each.invalid}")
    result = check.judge(evidence)
    return HypothesisFound(stated, result.word, result.reason)
