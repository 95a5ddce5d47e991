"""What an expectation is: a frozen dataclass whose fields are its configuration, judged over what a run left.

Most count requests: `AtMost` those that break it, `AtLeast` those that keep it; a Wilson interval decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import ClassVar, Literal, Protocol

from llmops.chaos import intervals
from llmops.chaos.experiments.evidence import Evidence, PhaseKind, UserRequest
from llmops.chaos.experiments.percentile import percentile
from llmops.chaos.experiments.selection import Of, judged, phases_of, requests_of
from llmops.chaos.intervals import RULES_OUT, Decision, Word
from llmops.errors import BadInput
from llmops.registry import Registry

Side = Literal["at_least", "at_most"]
LOOSEST = 0.9  # of a ratio: what more than nine in ten may break could hardly fail
MOST_RULED_OUT = 0.25  # none among 12 rules it out; with more, fewer requests would prove something
MOST_TIMES = 100.0  # of what was usual: nothing that works at all is beyond it
EXAMPLES = 3  # ids of requests that broke a check, told with it


@dataclass(frozen=True)
class CheckResult:
    """What a check found. `value` and `limit` are of `unit`; None is not measured."""

    word: Word
    reason: str
    n: int = 0
    value: float | None = None
    limit: float | None = None
    side: Side = "at_most"  # on which side of the limit the value must be
    unit: str = "ratio"
    low: float | None = None  # of the 95 % interval
    high: float | None = None
    needed: int | None = None  # requests with which it would be decided; None where it is, or none would
    examples: tuple[str, ...] = ()  # ids of requests that broke it
    would: Literal["", "pass", "fail"] = ""  # what it found in a run that proves nothing: its word is INVALID then


@dataclass(frozen=True)
class PlannedPhase:
    """A phase before the run, over all repetitions."""

    name: str
    kind: PhaseKind
    requests: int
    hit_requests: int | None = None  # how many should meet the fault; None: its dice do not tell
    duration_s: float | None = None  # of one repetition
    below_http: bool = False  # a fault of it acts on connections


@dataclass(frozen=True)
class Planned:
    """What a run will give its checks."""

    phases: tuple[PlannedPhase, ...]
    providers: tuple[str, ...]
    stream: bool
    priced: bool
    deadline_s: float = inf  # of the load: what takes longer is a hang


class Check(Protocol):
    """One expectation."""

    @property
    def phases(self) -> tuple[str, ...]:
        """Names of the phases it is about; none are all of its kind."""
        ...

    def judge(self, evidence: Evidence) -> CheckResult: ...

    def refusal(self, planned: Planned) -> str:
        """Why it can never pass on this plan, and what it needs; empty: it can."""
        ...


checks: Registry[Check] = Registry("check", "llmops.chaos.experiments.checks")


def make_check(name: str, parameters: Mapping[str, object] | None = None) -> Check:
    """A check from its name and configuration. UnknownName, or BadInput that names the parameter."""
    from dataclasses import MISSING, fields

    from llmops.chaos.proxy.config import check_fields
    from llmops.errors import nearest_hint

    kind = checks.get(name)
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in (parameters or {}).items()}
    known = [each.name for each in fields(kind)]  # type: ignore[arg-type] # every check is a dataclass
    for key in values:
        if key not in known:
            raise BadInput(f"{name} has no parameter {key!r}", hint=nearest_hint(key, known))
    check_fields(name, kind, values)
    needed = [each.name for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING]  # type: ignore[arg-type]
    if missing := [each for each in needed if each not in values]:
        raise BadInput(f"{name} needs {missing[0]}", hint=f"such as `{name}: {{{missing[0]}: …}}`")
    return kind(**values)


@dataclass(frozen=True)
class Phased:
    """What all checks have."""

    phases: tuple[str, ...] = ()

    kind: ClassVar[PhaseKind] = "inject"

    def refusal(self, planned: Planned) -> str:
        """Where there is nothing to measure, or too little; subclasses add their own."""
        names = [phase.name for phase in planned.phases]
        unknown = [name for name in self.phases if name not in names]
        if unknown:
            return f"no phase is named {unknown[0]!r}: there are {', '.join(names)}"
        if not self.planned_phases(planned):
            return f"it is about a phase of the kind {self.kind}, and there is none"
        return self.unmeasurable(planned) or self._too_few(planned)

    def planned_phases(self, planned: Planned) -> list[PlannedPhase]:
        return [p for p in planned.phases if (p.name in self.phases if self.phases else p.kind == self.kind)]

    def unmeasurable(self, planned: Planned) -> str:  # noqa: ARG002 - for subclasses
        """Why the plan can never give what is measured; empty: it can."""
        return ""

    def least_requests(self) -> int:
        """With fewer, not even a flawless run passes."""
        return 1

    def least_to_fail(self) -> int:
        """With fewer, not even the worst run fails."""
        return 1

    def planned_requests(self, phase: PlannedPhase) -> int:
        """How many of a phase are judged."""
        return phase.requests

    def _too_few(self, planned: Planned) -> str:
        n = sum(map(self.planned_requests, self.planned_phases(planned)))
        for word, needed in (("pass", self.least_requests()), ("fail", self.least_to_fail())):
            if n < needed:
                return f"on {n} requests it can never {word}: it needs {needed}"
        return ""


@dataclass(frozen=True)
class Counted(Phased):
    """Counts requests."""

    of: Of = "all"  # hit: those that met the fault; all: those of the phases

    said: ClassVar[str]  # what is said of the requests it counts, behind their number

    def asked(self, evidence: Evidence) -> list[UserRequest]:
        """The requests it judges."""
        return judged(evidence, phases_of(evidence, self.phases, self.kind), self.of)

    def counts(self, request: UserRequest, evidence: Evidence) -> bool:
        """Whether it counts this request."""
        raise NotImplementedError

    def planned_requests(self, phase: PlannedPhase) -> int:
        planned_hit = self.of == "hit" and phase.kind == "inject" and phase.hit_requests is not None
        return phase.hit_requests or 0 if planned_hit else phase.requests


@dataclass(frozen=True)
class AtMost(Counted):
    """So large a ratio of the requests may break it. 0 allows none: one fails, none passes from 35 requests on."""

    of: Of = "hit"
    at_most: float = 0.0
    rules_out: float = RULES_OUT  # with at_most 0: none passes where a true ratio of this is ruled out

    def __post_init__(self) -> None:
        if not 0 <= self.at_most <= LOOSEST:
            raise BadInput(f"at_most is {self.at_most}", hint=f"a ratio from 0 to {LOOSEST}: 5 percent is 0.05")
        require_rules_out(self.rules_out)

    def judge(self, evidence: Evidence) -> CheckResult:
        return few(self, evidence, self.at_most, self.rules_out)

    def least_requests(self) -> int:
        return intervals.least_samples(self.at_most, rules_out=self.rules_out)

    def least_to_fail(self) -> int:
        return worst(1 - self.at_most)


@dataclass(frozen=True)
class AtLeast(Counted):
    """So large a ratio of the requests must keep it. 1 allows no miss: one fails, none passes from 35 requests on."""

    at_least: float = 0.9
    rules_out: float = RULES_OUT  # with at_least 1: no miss passes where a true ratio of misses of this is ruled out

    def __post_init__(self) -> None:
        if not 1 - LOOSEST <= self.at_least + 1e-9 <= 1 + 1e-9:
            hint = f"a ratio from {1 - LOOSEST:.2g} to 1: 95 percent is 0.95"
            raise BadInput(f"at_least is {self.at_least}", hint=hint)
        require_rules_out(self.rules_out)

    def judge(self, evidence: Evidence) -> CheckResult:
        asked = self.asked(evidence)
        broke = [request for request in asked if not self.counts(request, evidence)]
        kept = len(asked) - len(broke)
        decision = intervals.at_least(kept, len(asked), self.at_least, rules_out=self.rules_out)
        return result(decision, broke, kept, len(asked), self.said, "at_least", self.at_least)

    def least_requests(self) -> int:
        return intervals.least_samples(1 - self.at_least, rules_out=self.rules_out)

    def least_to_fail(self) -> int:
        return worst(self.at_least)


@dataclass(frozen=True)
class Percentile(Counted):
    """A percentile of all judged requests keeps to a limit: so many percent of them are within it. A request in which
    what is measured never came is not within it.
    """

    percentile: float = 95.0
    at_most_s: float = field(kw_only=True)

    kind: ClassVar[PhaseKind] = "inject"

    def __post_init__(self) -> None:
        if not 0 < self.percentile < 100:  # noqa: PLR2004 - percent
            raise BadInput(f"percentile is {self.percentile}", hint="between 0 and 100, such as 95")
        if not self.at_most_s > 0:
            raise BadInput(f"at_most_s is {self.at_most_s}", hint="seconds above 0")

    def measured_s(self, request: UserRequest) -> float | None:
        """What is limited; None: it never came."""
        raise NotImplementedError

    def counts(self, request: UserRequest, evidence: Evidence) -> bool:  # noqa: ARG002 - of all checks
        value = self.measured_s(request)
        return value is not None and value <= self.at_most_s

    def judge(self, evidence: Evidence) -> CheckResult:
        asked = self.asked(evidence)
        broke = [request for request in asked if not self.counts(request, evidence)]
        kept, ratio = len(asked) - len(broke), self.percentile / 100
        found = result(
            intervals.at_least(kept, len(asked), ratio), broke, kept, len(asked), self.said, "at_least", ratio
        )
        times = [inf if (value := self.measured_s(request)) is None else value for request in asked]
        return replace(found, value=percentile(times, self.percentile), limit=self.at_most_s, side="at_most", unit="s")

    @property
    def said(self) -> str:  # type: ignore[override] # it names the limit
        return f"were within {self.at_most_s:g} s"

    def least_requests(self) -> int:
        return intervals.least_samples(1 - self.percentile / 100)

    def least_to_fail(self) -> int:
        return worst(self.percentile / 100)

    def unmeasurable(self, planned: Planned) -> str:
        if self.at_most_s <= planned.deadline_s:
            return ""
        return f"at_most_s is {self.at_most_s:g}, and the load waits {planned.deadline_s:g} s: nothing could be slower"


def worst(kept_ratio: float) -> int:
    """Of how many requests, all broken, the interval lies below the ratio that must be kept."""
    return intervals.least_samples(kept_ratio) if kept_ratio < 1 else 1


def few(check: Counted, evidence: Evidence, limit: float, rules_out: float) -> CheckResult:
    """Whether so few of the asked requests are counted."""
    asked = check.asked(evidence)
    broke = [request for request in asked if check.counts(request, evidence)]
    if limit == 0 and not broke:  # one that no fault touched breaks what allows none, too
        everyone = requests_of(evidence, phases_of(evidence, check.phases, check.kind))
        broke = [request for request in everyone if check.counts(request, evidence)]
        asked = [*asked, *broke]
    decision = intervals.at_most(len(broke), len(asked), limit, rules_out=rules_out)
    return result(decision, broke, len(broke), len(asked), check.said, "at_most", limit)


def require_rules_out(ratio: float) -> None:
    """BadInput for what is no ratio to rule out."""
    if not 0 < ratio <= MOST_RULED_OUT:
        raise BadInput(f"rules_out is {ratio}", hint=f"a ratio above 0, to {MOST_RULED_OUT}: 10 percent is 0.1")


def result(  # noqa: PLR0913, PLR0917 - what a sentence is made of
    decision: Decision, broke: Sequence[UserRequest], count: int, n: int, said: str, side: Side, limit: float
) -> CheckResult:
    """A decision on a ratio, in a sentence."""
    interval = f"95 % interval {percent(decision.low)} to {percent(decision.high)}"
    needs = "it is the limit itself" if decision.needed is None else f"it takes {decision.needed} requests"
    ending = f"is not decided: {needs}" if decision.word == "INVALID" else held(decision.word == "PASS")[1]
    reason = f"{count} of {n} requests {said} ({interval}): {side.replace('_', ' ')} {percent(limit)} {ending}"
    return CheckResult(
        word=decision.word,
        reason=reason,
        n=n,
        value=count / n if n else None,
        limit=limit,
        side=side,
        low=decision.low,
        high=decision.high,
        needed=decision.needed,
        examples=tuple(request.id for request in broke[:EXAMPLES]),
    )


def held(holds: bool) -> tuple[Word, str]:
    """The verdict of what is no sample, and its words."""
    return ("PASS", "holds") if holds else ("FAIL", "does not hold")


def percent(ratio: float) -> str:
    """A ratio as people read it."""
    return f"{ratio * 100:.3g} %"
