"""Why a run proves nothing, whatever its checks would say: each reason has a name and a sentence."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

from llmops.chaos.experiments.evidence import Attempt, Evidence, Phase, Receipt, UserRequest
from llmops.chaos.experiments.firing import Firing
from llmops.chaos.experiments.outcomes import claims_success, is_good, outcome_of
from llmops.chaos.experiments.seen import seen
from llmops.chaos.experiments.selection import attempts_in, phases_of, requests_of

LEAST_BASELINE = 10  # requests
HEALTHY_RATIO = 0.95  # of the baseline answered whole, at the first attempt: all of fewer than 20
UNATTRIBUTED_RATIO = 0.05  # of all attempts, that may belong to nobody
SHOWN_CHARACTERS = 200  # of what the system said
READ_BYTES = 4096  # of it, in which secrets are looked for
RECEIPTS_RATIO = 0.9  # of the requests that a proxy says it did something to
SENT_RATIO = 0.9  # of the planned requests that must have been sent
EDGE_S = 0.25  # between the clocks of load and proxy
KEY_WANTED = (401, 403)  # statuses by which a system refuses who asks
NOT_FOUND = (404, 405)
PHASE_EDGE_S = 1.0  # around a phase, for requests that were scheduled on its edge


NO_ANSWER = {
    "connect": "nothing listens at the system's URL, or it takes no connection",
    "tls": "TLS with the system failed: is it https, and its certificate trusted?",
    "timeout": "the system said nothing before the deadline",
    "reset": "the system broke the connections off",
    "protocol": "what the system said is no HTTP: is it https?",
    "cancelled": "the run was stopped before",
}
"""By how the connections failed."""

YIELDS_TO_A_FAIL = frozenset({"system_ended", "not_recovered"})
"""What is a fault of the system itself: a check that sees it says more."""


@dataclass(frozen=True)
class Reason:
    """One reason why a run is INVALID."""

    code: str
    text: str

    @property
    def sentence(self) -> str:
        return f"{self.code.replace('_', ' ')}: {self.text}"


Judge = Callable[[Evidence], Iterator[str]]


def reasons(evidence: Evidence, firings: Sequence[Firing]) -> list[Reason]:
    """All that hold, those first that explain the others."""
    found = [Reason(code, text) for code, judge in _JUDGES.items() for text in judge(evidence)]
    return [*found, *(Reason("fault_not_as_planned", firing.problem) for firing in firings if firing.problem)]


def is_readable(found: Sequence[Reason]) -> bool:
    """Whether checks can make sense of the evidence at all."""
    return not {"broken_evidence", "not_a_number"} & {reason.code for reason in found}


def _providers_not_reached(evidence: Evidence) -> Iterator[str]:
    """The system answered, and nothing that it did is seen: all else follows from that."""
    answers = Counter(request.status for request in evidence.requests if request.status is not None)
    if not answers or any(True for _ in _all_attempts(evidence)):
        return
    status = answers.most_common(1)[0][0]
    beside = f" ({len(evidence.probes)} that were no inference did)" if evidence.probes else ""
    begins = f"of {len(evidence.requests)} requests none reached a proxy{beside}, most were answered by status {status}"
    if status in KEY_WANTED:
        yield f"{begins}: {_about_the_key(evidence, status)}"
        return
    path = ", with the path that its providers want" if evidence.probes else ""
    yield f"{begins}: is the base URL of each provider in the system that of its proxy{path}? Does no cache answer?"


def _about_the_key(evidence: Evidence, status: int) -> str:
    """What to do where the system refuses who asks."""
    if not evidence.key_given:
        return "give the load the system's key (`system.headers`, or --header with --target)"
    body = next((request.answer_body for request in evidence.requests if request.status == status), None) or b""
    said = " ".join(evidence.redact(body[:READ_BYTES].decode("utf-8", "replace")).split())[:SHOWN_CHARACTERS]
    told = f"; it said: {said}" if said else ""
    return f"the key that was given (`system.headers` or --header) was refused: is it the system's own?{told}"


def _route_not_found(evidence: Evidence) -> Iterator[str]:
    """A path that the provider does not have, where the base URL lost or doubled one."""
    asked = [a for request in requests_of(evidence, phases_of(evidence, kind="baseline")) for a in request.attempts]
    lost = [attempt for attempt in asked if attempt.upstream_status in NOT_FOUND]
    if lost and len(lost) > len(asked) / 2:
        where = f"{lost[0].provider} answered {lost[0].upstream_status} at {lost[0].route.partition('?')[0]}"
        yield (
            f"{len(lost)} of {len(asked)} attempts of the baseline found nothing: {where}. Is that a path of its API? "
            "`{NAME.base_url}` has the path of its `upstream`, which for OpenAI's is /v1. And has it the model?"
        )


def _broke_off(evidence: Evidence) -> Iterator[str]:
    if evidence.broke_off:
        yield evidence.broke_off


def _system_ended(evidence: Evidence) -> Iterator[str]:
    """Whatever it had answered until then: a gateway that goes away stands nothing."""
    if evidence.system_ended:
        yield evidence.system_ended


def not_recovered(evidence: Evidence) -> Iterator[Reason]:
    """For a run of which no expectation judges whether the system came back: of any repetition it must have."""
    for repetition in sorted({phase.repetition for phase in evidence.phases}):
        after = [p for p in phases_of(evidence, kind="recover") if p.repetition == repetition]
        requests = requests_of(evidence, after)
        good = sum(is_good(request, evidence) for request in requests)
        if good < HEALTHY_RATIO * len(requests):
            yield Reason(
                "not_recovered",
                f"{good} of {len(requests)} answers of the recovery were good, {HEALTHY_RATIO:.0%} must be, and "
                "nothing judges it: expect `alive_afterwards`, or make the recovery longer",
            )
            return


def _not_a_number(evidence: Evidence) -> Iterator[str]:
    for request in evidence.requests:
        times = [request.scheduled_at, request.sent_at, request.deadline_s, *request.piece_times]
        times += [at for at in (request.ended_at, request.first_token_at) if at is not None]
        if not all(map(isfinite, times)):
            yield f"a time of request {request.id}"
            return
    for attempt in _all_attempts(evidence):
        if not isfinite(attempt.started_at) or not isfinite(attempt.ended_at):
            yield f"a time of call {attempt.call} at {attempt.provider}"
            return
    if not all(isfinite(phase.began_at) and isfinite(phase.ended_at) for phase in evidence.phases):
        yield "a time of a phase"


def _broken_evidence(evidence: Evidence) -> Iterator[str]:
    """What contradicts itself: whoever wrote it is broken."""
    ids = Counter(request.id for request in evidence.requests)
    calls = Counter((attempt.provider, attempt.call, attempt.started_at) for _, attempt in attempts_in(evidence))
    phases = Counter((phase.name, phase.repetition) for phase in evidence.phases)
    yield from (f"{n} requests have the id {name}" for name, n in ids.items() if n > 1)
    yield from (f"call {call[1]} at {call[0]} belongs to {n} requests" for call, n in calls.items() if n > 1)
    yield from (f"{n} phases are named {name}" for (name, _), n in phases.items() if n > 1)
    strangers = {a.provider for a in _all_attempts(evidence)} - set(evidence.providers)
    yield from (f"attempts reached {name}, which is none of the providers" for name in sorted(strangers))
    yield from _proxy_disagrees(evidence)
    yield from _out_of_order(evidence)


def _proxy_disagrees(evidence: Evidence) -> Iterator[str]:
    """A proxy that goes wrong: it counted what it wrote no receipts of."""
    planned = {(one.provider, one.name) for phase in evidence.phases for one in phase.injections if not one.below_http}
    for key in sorted(planned):
        counts = [count for count in evidence.proxy_counts if (count.provider, count.injection) == key]
        receipts = [receipt for receipt in evidence.receipts if (receipt.provider, receipt.injection) == key]
        hit, applied = sum(count.hit for count in counts), sum(count.applied for count in counts)
        written = len({receipt.call for receipt in receipts if receipt.applied})
        if (hit and not receipts) or written < RECEIPTS_RATIO * applied:
            yield (
                f"the proxy's own counts and receipts disagree: it says that {key[1]} on {key[0]} hit {hit} requests "
                f"and did something to {applied}, and it wrote receipts of {written}; what it said is in proxy.log, if "
                "it said anything"
            )


def _out_of_order(evidence: Evidence) -> Iterator[str]:
    by_key = {(phase.name, phase.repetition): phase for phase in evidence.phases}
    yield from (f"phase {p.name} ends before it begins" for p in evidence.phases if p.ended_at < p.began_at)
    for request in evidence.requests:
        phase = by_key.get((request.phase, request.repetition))
        if phase is None:
            yield f"request {request.id} is of no phase of the run"
        elif not phase.began_at - PHASE_EDGE_S <= request.scheduled_at <= phase.ended_at + PHASE_EDGE_S:
            yield f"request {request.id} was scheduled outside its phase {phase.name}"
        if request.ended_at is not None and request.ended_at < request.sent_at:
            yield f"request {request.id} ended before it was sent"


def _system_not_reached(evidence: Evidence) -> Iterator[str]:
    if not evidence.requests and not evidence.broke_off:
        yield "no request was sent"
    elif evidence.requests and all(request.status is None for request in evidence.requests):
        error = Counter(request.transport_error for request in evidence.requests).most_common(1)[0][0]
        why = NO_ANSWER.get(error, "no head of an answer came")
        yield f"none of {len(evidence.requests)} requests was answered: {why}"


def _clocks_disagree(evidence: Evidence) -> Iterator[str]:
    early = sum(attempt.started_at < request.sent_at - EDGE_S for request, attempt in attempts_in(evidence))
    if early:
        yield f"{early} attempts began before their request was sent"
    late = sum(_began_after_its_answer(request) for request in evidence.requests)
    if late:
        yield f"{late} answers ended before their first attempt began"


def _began_after_its_answer(request: UserRequest) -> bool:
    if request.ended_at is None or not request.attempts or not claims_success(request):
        return False
    return min(attempt.started_at for attempt in request.attempts) > request.ended_at + EDGE_S


def _baseline(evidence: Evidence) -> Iterator[str]:
    """Of each repetition: they are independent only where each begins well."""
    repetitions = sorted({phase.repetition for phase in evidence.phases})
    if not repetitions:
        yield "no phase was run"
    for repetition in repetitions:
        problem = _unhealthy(
            evidence, [p for p in evidence.phases if (p.repetition, p.kind) == (repetition, "baseline")]
        )
        if problem:
            yield problem if len(repetitions) == 1 else f"{problem} (repetition {repetition})"


def _unhealthy(evidence: Evidence, phases: list[Phase]) -> str:
    requests = requests_of(evidence, phases)
    if len(requests) < LEAST_BASELINE:
        return f"{len(requests)} requests, {LEAST_BASELINE} are needed"
    if any(attempt.receipts for request in requests for attempt in request.attempts):
        return "a fault was applied in it"
    outcomes = Counter(outcome_of(request, evidence) for request in requests)
    if outcomes["ok"] < HEALTHY_RATIO * len(requests):
        shown = ", ".join(f"{n} {name}" for name, n in outcomes.most_common())
        worst = next(name for name, _ in outcomes.most_common() if name != "ok")
        first = next(found for request in requests if (found := seen(request, evidence)).outcome == worst)
        return f"{HEALTHY_RATIO:.0%} of its requests must be ok, and they are {shown}; the first {first.sentence}"
    unseen = sum(not request.attempts for request in requests)
    if unseen > (1 - HEALTHY_RATIO) * len(requests):
        return f"{unseen} of its {len(requests)} requests reached no provider that is watched"
    return ""


def _unattributed(evidence: Evidence) -> Iterator[str]:
    lost, known = len(evidence.unattributed), sum(1 for _ in attempts_in(evidence))
    if lost > UNATTRIBUTED_RATIO * (lost + known):
        which = f"{lost} of {lost + known}" if known else f"all {lost}"
        yield (
            f"{which} attempts belong to no request, at most {UNATTRIBUTED_RATIO:.0%} may: does the system forward the "
            "header x-llmops-request-id, or else the last user message as it came? Does nobody else use its providers?"
        )


def _too_few_requests(evidence: Evidence) -> Iterator[str]:
    if not any(phase.kind == "inject" for phase in evidence.phases) and not evidence.broke_off:
        yield "no phase of the method was run"
    for phase in evidence.phases:
        sent = len(requests_of(evidence, [phase]))
        if sent < SENT_RATIO * phase.planned_requests or not sent:
            yield f"phase {phase.name} planned {phase.planned_requests} requests, and {sent} were sent"


def _fault_stayed(evidence: Evidence) -> Iterator[str]:
    """A fault that was never taken off, or an attempt that it hit and that began after it was."""
    for injection in (injection for phase in evidence.phases for injection in phase.injections):
        if injection.on_at is not None and injection.off_at is None:
            yield f"{injection.fault} on {injection.provider} was never taken off"
    recovery = requests_of(evidence, phases_of(evidence, kind="recover"))
    hit = {r.fault for request in recovery for a in request.attempts for r in a.receipts if _began_late(a, evidence)}
    yield from (f"{fault} was applied in the recovery" for fault in sorted(hit))
    method = requests_of(evidence, phases_of(evidence))
    late = {r.fault for request in method for a in request.attempts for r in a.receipts if _was_off(a, r, evidence)}
    yield from (f"{fault} was applied when it was off" for fault in sorted(late))


def _began_late(attempt: Attempt, evidence: Evidence) -> bool:
    """After every injection of its provider had ended."""
    ended = [
        injection.off_at
        for phase in evidence.phases
        for injection in phase.injections
        if injection.provider == attempt.provider and injection.off_at is not None
    ]
    before = [off_at for off_at in ended if off_at + EDGE_S < attempt.started_at]
    return bool(before) or not ended


def _was_off(attempt: Attempt, receipt: Receipt, evidence: Evidence) -> bool:
    """Whether each time of the injection that had begun was over when the attempt began."""
    begun = [
        injection.off_at
        for phase in evidence.phases
        for injection in phase.injections
        if (injection.provider, injection.name) == (receipt.provider, receipt.injection)
        and injection.on_at is not None
        and injection.on_at - EDGE_S <= attempt.started_at
    ]
    return bool(begun) and all(off_at is not None and off_at + EDGE_S < attempt.started_at for off_at in begun)


def _all_attempts(evidence: Evidence) -> Iterator[Attempt]:
    yield from (attempt for _, attempt in attempts_in(evidence))
    yield from evidence.unattributed


_JUDGES: dict[str, Judge] = {
    "providers_not_reached": _providers_not_reached,
    "system_not_reached": _system_not_reached,
    "route_not_found": _route_not_found,
    "broke_off": _broke_off,
    "system_ended": _system_ended,
    "not_a_number": _not_a_number,
    "broken_evidence": _broken_evidence,
    "clocks_disagree": _clocks_disagree,
    "unattributed": _unattributed,  # before the baseline: what is not followed seems to reach no provider
    "baseline_unhealthy": _baseline,
    "too_few_requests": _too_few_requests,
    "fault_stayed": _fault_stayed,
}
