"""Whether a planned fault fired: on user requests, on the share that was planned, or as a state that held."""

from dataclasses import dataclass, replace
from math import inf

from llmops.chaos.experiments.evidence import Attempt, Evidence, Injection, Phase, Receipt, UserRequest
from llmops.chaos.experiments.selection import attempts_in, is_due, is_on, requests_of
from llmops.chaos.intervals import wilson
from llmops.chaos.proxy.schedule import Schedule, Subject

SHARE_TOLERANCE = 0.05  # of a planned ratio, beyond the interval: attempts on the edge of on and off
LEAST_DUE = 5  # user requests that must have been due while a state below HTTP held
RAMP_POINTS = 100  # at which a ramp is looked at for its mean
EDGE_S = 0.25  # after it was on and before it was off, in which connections may still pass


@dataclass(frozen=True)
class Firing:
    """What came of one planned injection."""

    injection: Injection
    expected: int | None  # how many attempts (below HTTP: requests) it should have hit; None: cannot be said beforehand
    fired: int  # how many it hit, whosever they were
    on_user_requests: int
    problem: str = ""  # why this is not what was planned; empty: it is


def firing_of(injection: Injection, phase: Phase, evidence: Evidence) -> Firing:
    """What came of an injection of this phase."""
    if injection.on_at is None:
        return Firing(injection, None, 0, 0, f"{_named(injection)} was never on")
    if injection.off_at is None:  # said elsewhere: until then it was on as long as its phase
        injection = replace(injection, off_at=phase.ended_at)
    return _state(injection, phase, evidence) if injection.below_http else _requests(injection, evidence)


def expected_hits(schedule: Schedule, in_scope: int, elapsed_s: float = 0.0) -> float | None:
    """How many of so many in scope a schedule hits; None where its dice are by client, and not by request."""
    if schedule.sticky is not None:
        return None
    tried = in_scope if schedule.first is None else min(in_scope, schedule.first)
    due = tried if schedule.every is None else tried // schedule.every
    return due * schedule.probability_at(elapsed_s)


def schedule_hits(schedule: Schedule, requests: int, duration_s: float) -> float | None:
    """How many of so many requests in so many seconds a schedule hits on the mean; None where nobody can say."""
    until_s = duration_s if schedule.until_s is None else min(schedule.until_s, duration_s)
    open_s = max(0.0, until_s - schedule.after_s)
    in_scope = int(requests * open_s / duration_s)
    if not schedule.ramp:
        return expected_hits(schedule, in_scope)
    moments = (schedule.after_s + open_s * (at + 0.5) / RAMP_POINTS for at in range(RAMP_POINTS))
    mean = sum(map(schedule.probability_at, moments)) / RAMP_POINTS
    hits = expected_hits(Schedule(first=schedule.first, every=schedule.every, sticky=schedule.sticky), in_scope)
    return None if hits is None else hits * mean


def _requests(injection: Injection, evidence: Evidence) -> Firing:
    """Of a fault on requests: receipts decide."""
    name = _named(injection)
    within = _receipts(injection, evidence)
    fired = sum(receipt.applied for receipt in within)
    scoped = [a for request, a in attempts_in(evidence) if _in_scope(injection, request, a) and not _follows(a)]
    hit = sum(any(r.injection == injection.name for r in attempt.receipts) for attempt in scoped)
    expected = _expected(injection, scoped)
    rounded = None if expected is None else round(expected)
    if not fired:
        why = next((f": {r.reason}" for r in within if r.reason), "")
        return Firing(injection, rounded, 0, 0, f"{name} never fired{why}")
    if not hit:
        problem = f"{name} fired {fired} times, and never on a request of the load"
        return Firing(injection, rounded, fired, 0, problem)
    return Firing(injection, rounded, fired, hit, _wrong_share(name, hit, len(scoped), expected, injection.schedule))


def _expected(injection: Injection, scoped: list[Attempt]) -> float | None:
    schedule = injection.schedule
    if not schedule.ramp or schedule.sticky is not None:
        return expected_hits(schedule, len(scoped))
    on_at = injection.on_at or 0.0
    mean = sum(schedule.probability_at(a.started_at - on_at) for a in scoped) / max(1, len(scoped))
    share = expected_hits(Schedule(first=schedule.first, every=schedule.every), len(scoped))
    return None if share is None else share * mean


def _wrong_share(name: str, hit: int, n: int, expected: float | None, schedule: Schedule) -> str:
    if expected is None:
        return ""
    low, high = wilson(hit, n)
    ratio = expected / n
    if schedule.first is None and low - SHARE_TOLERANCE <= ratio <= high + SHARE_TOLERANCE:
        return ""
    if schedule.first is not None and abs(hit - expected) <= max(1.0, SHARE_TOLERANCE * n):
        return ""
    return f"{name} hit {hit} of {n} attempts in its scope, and {expected:.4g} were planned"


def _state(injection: Injection, phase: Phase, evidence: Evidence) -> Firing:
    """Of a fault below HTTP: it held, requests were due, and none of their attempts came through."""
    name = _named(injection)
    due = [request for request in requests_of(evidence, [phase]) if is_due(request, injection)]
    problem = (
        _not_whole_state(injection, name)
        or _not_held(injection, evidence, name)
        or ("" if len(due) >= LEAST_DUE else f"{len(due)} requests were due while {name} held: {LEAST_DUE} are needed")
        or _came_through(injection, due, name)
    )
    return Firing(injection, len(due), 0 if problem else len(due), 0 if problem else len(due), problem)


def _not_whole_state(injection: Injection, name: str) -> str:
    if injection.schedule.is_always:
        return ""
    return f"{name} hits only some connections, and nobody sees whose: give it no first, every, probability or ramp"


def _not_held(injection: Injection, evidence: Evidence, name: str) -> str:
    if "on" not in {receipt.state for receipt in _receipts(injection, evidence)}:
        return f"{name} left no receipt that it was on"
    looked = [
        probe
        for probe in evidence.state_probes
        if (probe.provider, probe.injection) == (injection.provider, injection.name) and _inside(injection, probe.at)
    ]
    if not looked:
        return f"no probe connection saw {name} hold"
    lost = next((probe for probe in looked if not probe.held), None)
    return "" if lost is None else f"{name} did not hold: a probe connection saw {lost.saw or 'an answer'}"


def _came_through(injection: Injection, due: list[UserRequest], name: str) -> str:
    through = sum(
        attempt.provider == injection.provider and _inside(injection, attempt.started_at)
        for request in due
        for attempt in request.attempts
    )
    if not through:
        return ""
    return f"{through} attempts reached {injection.provider} while {name} held: over connections that were open before?"


def _receipts(injection: Injection, evidence: Evidence) -> list[Receipt]:
    """Those of this time of the injection, not of its next; one may come after it is off, when damage is done."""
    same = (injection.provider, injection.name)
    planned = (one for phase in evidence.phases for one in phase.injections if (one.provider, one.name) == same)
    began = injection.on_at or 0.0
    until = min((one.on_at for one in planned if one.on_at is not None and one.on_at > began), default=inf)
    mine = (receipt for receipt in evidence.receipts if (receipt.provider, receipt.injection) == same)
    return [receipt for receipt in mine if began - EDGE_S <= receipt.at < until - EDGE_S]


def _inside(injection: Injection, at: float) -> bool:
    return is_on(injection, at - EDGE_S) and is_on(injection, at + EDGE_S)


def _in_scope(injection: Injection, request: UserRequest, attempt: Attempt) -> bool:
    if attempt.provider != injection.provider or not is_on(injection, attempt.started_at):
        return False
    subject = Subject(
        path=attempt.route.partition("?")[0],
        dialect=attempt.dialect,
        model=attempt.model_asked,
        tenant=request.tenant,
        stream=attempt.stream,
        request_bytes=attempt.request_bytes,
    )
    return injection.scope.allows(subject)


def _follows(attempt: Attempt) -> bool:
    """Whether it met what an earlier request had left on its connection, and no dice were thrown for it."""
    return any("left_by_call" in receipt.details for receipt in attempt.receipts)


def _named(injection: Injection) -> str:
    shown = injection.fault if injection.name == injection.fault else f"{injection.fault} ({injection.name})"
    return f"{shown} on {injection.provider}"
