"""Expectations that cannot hold together, because one request cannot be both: refused with the line of the later."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from llmops.chaos.experiments.checks.attempts import Attempts
from llmops.chaos.experiments.checks.base import AtLeast, AtMost, Check, Counted, Planned, PlannedPhase
from llmops.chaos.experiments.checks.fallback_used import FallbackUsed
from llmops.chaos.experiments.checks.functional_success import FunctionalSuccess
from llmops.chaos.experiments.checks.honest_error import HonestError
from llmops.chaos.experiments.checks.no_fallback import NoFallback
from llmops.chaos.experiments.checks.success_ratio import SuccessRatio
from llmops.chaos.experiments.loader import Source
from llmops.chaos.experiments.verdict import Expectation

SLACK = 1e-9  # of ratios, which are floats


@dataclass(frozen=True)
class _Demand:
    """So large a ratio of the judged requests must have this in common."""

    what: str
    ratio: float
    check: Counted


def refuse_contradicting(expectations: Sequence[Expectation], planned: Planned, source: Source) -> None:
    """BadInput for the first two that cannot both hold."""
    demands = [(at, each.name, one) for at, each in enumerate(expectations) for one in _demands(each.check)]
    for (_, first, one), (at, second, other) in combinations(demands, 2):
        if {one.what, other.what} in EXCLUSIVE and _too_much(one, other, planned):
            message = f"{second} and {first}: no request can be both, and they are asked of the same ones"
            hint = "limit each to `phases` of its own, or take one away"
            raise source.refusal(message, "expectations", at, second, hint=hint)


EXCLUSIVE: tuple[set[str], ...] = (
    {"a good answer", "an error"},
    {"another provider", "no other provider"},
    {"another provider", "one attempt"},
)


def _demands(check: Check) -> Iterator[_Demand]:
    for kind, demand in _OF.items():
        if isinstance(check, kind):
            yield from demand(check)


def _at_least(what: str) -> "Callable[[AtLeast], Iterator[_Demand]]":
    def demands(check: AtLeast) -> Iterator[_Demand]:
        yield _Demand(what, check.at_least, check)

    return demands


def _stays(check: AtMost) -> Iterator[_Demand]:
    yield _Demand("no other provider", 1 - check.at_most, check)


def _alone(check: Attempts) -> Iterator[_Demand]:
    if check.at_most == 1:
        yield _Demand("one attempt", 1 - check.over_ratio, check)


_OF: "dict[type[Counted], Callable[..., Iterator[_Demand]]]" = {
    FunctionalSuccess: _at_least("a good answer"),
    SuccessRatio: _at_least("a good answer"),
    HonestError: _at_least("an error"),
    FallbackUsed: _at_least("another provider"),
    NoFallback: _stays,
    Attempts: _alone,
}


def _too_much(one: _Demand, other: _Demand, planned: Planned) -> bool:
    """Of the requests that both judge, more are asked for than there are."""
    mine, theirs = one.check.planned_phases(planned), other.check.planned_phases(planned)
    shared = [phase for phase in mine if phase in theirs]
    alone = "one attempt" in {one.what, other.what}
    if not shared or (alone and any(phase.below_http for phase in mine)):  # there a lost connection is no attempt
        return False
    if mine == theirs and one.check.of == other.check.of:
        return one.ratio + other.ratio > 1 + SLACK
    counts = [_count(phases, demand.check) for phases, demand in ((mine, one), (theirs, other))]
    both = [_count(shared, demand.check) for demand in (one, other)]
    if None in counts or None in both:
        return False
    (n, m), overlap = counts, min(each for each in both if each is not None)
    return one.ratio * (n or 0) + other.ratio * (m or 0) > (n or 0) + (m or 0) - overlap + SLACK


def _count(phases: Sequence[PlannedPhase], check: Counted) -> int | None:
    """How many requests of these phases it judges; None where the dice do not tell."""
    if check.of == "hit" and any(phase.hit_requests is None for phase in phases):
        return None
    return sum(map(check.planned_requests, phases))
