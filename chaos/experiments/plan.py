"""From an experiment to its steps on the clock; what can never work or never be decided is refused before the run."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from llmops.chaos.experiments import known
from llmops.chaos.experiments.calls import offsets
from llmops.chaos.experiments.can_fire import hides
from llmops.chaos.experiments.contradictions import refuse_contradicting
from llmops.chaos.experiments.evidence import Injection, PhaseKind
from llmops.chaos.experiments.expectations import expectations_of, planned, refuse_unsatisfiable
from llmops.chaos.experiments.loader import Path_, Source
from llmops.chaos.experiments.planned_fault import PlannedFault, planned_fault
from llmops.chaos.experiments.refusals import refuse_contradictions
from llmops.chaos.experiments.schema import Experiment, Hold, Phase, System
from llmops.chaos.experiments.validity import LEAST_BASELINE
from llmops.chaos.experiments.verdict import Expectation
from llmops.errors import BadInput, LlmopsError

TIMERS_IN_A_PHASE = 3  # a phase is at least so many times the system's longest timer

MOST_REQUESTS = 1_000_000  # of a phase
TOO_MANY = "each is kept with its answer until the verdict, some kilobytes, and a machine's memory ends before"
LESS = f"at most {MOST_REQUESTS:,}; 381 without a failure decide a ratio of 0.01"


@dataclass(frozen=True)
class Step:
    """One stretch of the run: what holds, for how many requests and how long."""

    name: str
    kind: PhaseKind
    offsets: tuple[float, ...]  # when its requests are due
    duration_s: float
    faults: tuple[PlannedFault, ...] = ()

    @property
    def requests(self) -> int:
        return len(self.offsets)

    @property
    def injections(self) -> tuple[Injection, ...]:
        return tuple(fault.injection for fault in self.faults)

    @property
    def toxics(self) -> list[tuple[str, dict[str, Any]]]:
        """Provider and fault, as the control API takes them."""
        return [(fault.injection.provider, fault.toxic) for fault in self.faults]


@dataclass(frozen=True)
class Plan:
    """An experiment that can run."""

    experiment: Experiment
    source: Source
    steps: tuple[Step, ...]  # of one repetition
    expectations: tuple[Expectation, ...]
    system_name: str  # as a person calls it
    speed: float = 1.0

    @property
    def longest_timer_s(self) -> float:
        return max(self.experiment.system.timers_s.values(), default=0.0)


def plan_of(experiment: Experiment, source: Source, *, speed: float = 1.0, priced: bool = False) -> Plan:
    """The steps of one repetition. BadInput, with the line, for what cannot work.

    `speed` divides the durations of phases, and the moments within them; timers, rates, latencies and counts of
    requests stay. `priced`: the cost of an attempt can be told.
    """
    if not 0 < speed < math.inf:
        raise BadInput(f"a speed of {speed:g}", hint="2 halves all durations, 0.5 doubles them")
    system = experiment.system
    experiment = _resolved(experiment, source)
    refuse_contradictions(experiment, source)
    _check_size(experiment, source, speed)
    expectations = expectations_of(experiment, source)
    plan = Plan(
        experiment, source, tuple(_Planner(experiment, source, speed).steps()), expectations, _named(system), speed
    )
    _check_times(plan)
    _check_abort(plan)
    given = planned(experiment, plan.steps, priced=priced)
    refuse_unsatisfiable(expectations, given, source)
    refuse_contradicting(expectations, given, source)
    return plan


def _resolved(experiment: Experiment, source: Source) -> Experiment:
    """The same, with a known system as the command that starts it. OutsideFailed where it is not installed."""
    try:
        return experiment.model_copy(update={"system": known.resolved(experiment.system)})
    except BadInput as error:
        raise source.refusal(str(error), "system", "known", hint=error.hint) from error


def _named(system: System) -> str:
    if system.known is not None:
        return f"{system.known} {known.recipe(system.known).version}"
    return system.url or Path((system.command or [""])[0]).name


def _check_size(experiment: Experiment, source: Source, speed: float) -> None:
    """Before a single request is planned: each is kept, with its answer, until the verdict."""
    phases: list[tuple[Path_, Hold]] = [(("phases", at), phase) for at, phase in enumerate(experiment.phases)]
    rate = experiment.load.requests_per_second
    for path, hold in [(("baseline",), experiment.baseline), *phases, (("recovery",), experiment.recovery)]:
        if hold.requests is not None and hold.requests > MOST_REQUESTS:
            raise source.refusal(f"{hold.requests} requests: {TOO_MANY}", *path, "requests", hint=LESS)
        if hold.duration_s is not None and hold.duration_s / speed * rate > MOST_REQUESTS:
            seconds = hold.duration_s / speed
            message = f"{seconds:g} s at {rate:g} requests a second are {seconds * rate:.3g} requests: {TOO_MANY}"
            raise source.refusal(message, *path, "duration_s", hint=LESS)


@dataclass(frozen=True)
class _Planner:
    experiment: Experiment
    source: Source
    speed: float

    def steps(self) -> Iterator[Step]:
        yield self._held("baseline", "baseline", self.experiment.baseline)
        names = {"baseline", "recovery"}
        for at, phase in enumerate(self.experiment.phases):
            if phase.name in names:
                message = f"two phases are named {phase.name!r}"
                raise self.source.refusal(message, "phases", at, "name", hint="name it otherwise")
            names.add(phase.name)
            yield self._phase(phase, at)
        yield self._held("recovery", "recover", self.experiment.recovery)

    def _held(self, name: str, kind: PhaseKind, hold: Hold) -> Step:
        load, seed = self.experiment.load, self.experiment.seed
        duration_s = None if hold.duration_s is None else hold.duration_s / self.speed
        due = offsets(load, seed, count=hold.requests, duration_s=duration_s)
        if duration_s is None:
            duration_s = due[-1] + 1 / load.requests_per_second
        return Step(name, kind, due, duration_s)

    def _phase(self, phase: Phase, at: int) -> Step:
        held = self._held(phase.name, "inject", phase)
        faults: list[PlannedFault] = []
        for number, each in enumerate(phase.faults):
            path = ("phases", at, "faults", number)
            try:
                fault = planned_fault(
                    each, self.experiment, requests=held.requests, duration_s=held.duration_s, speed=self.speed
                )
            except LlmopsError as error:
                raise self.source.refusal(str(error), *path, hint=error.hint) from error
            if fault.key in [other.key for other in faults]:
                message = f"two faults of {each.provider} are named {fault.injection.name!r}"
                raise self.source.refusal(message, *path, hint="give one a `name`")
            before = next((one.injection.name for one in faults if hides(one.injection, fault.injection)), None)
            if before is not None:
                message = f"{fault.injection.name} would never fire: {before} answers every request before it"
                raise self.source.refusal(message, *path, hint="give each a schedule or a scope, or a phase of its own")
            faults.append(fault)
        return replace(held, faults=tuple(faults))


# --- times


def _check_times(plan: Plan) -> None:
    for step, path in _with_paths(plan.steps):
        if step.requests < 1:
            message = f"{step.name} lasts {step.duration_s:g} s, too short for one request"
            raise plan.source.refusal(message, *path, hint="make it longer, or lower --speed")
        if step.kind == "baseline" and step.requests < LEAST_BASELINE:
            message = f"a baseline of {step.requests} requests shows no health"
            raise plan.source.refusal(message, *path, hint=f"{LEAST_BASELINE} or more")
        if step.duration_s < TIMERS_IN_A_PHASE * plan.longest_timer_s:
            message, hint = _too_short(plan, step)
            raise plan.source.refusal(message, *path, hint=hint)


def _too_short(plan: Plan, step: Step) -> tuple[str, str]:
    timers = plan.experiment.system.timers_s
    longest = max(timers, key=lambda name: timers[name])
    least_s = TIMERS_IN_A_PHASE * timers[longest]
    message = (
        f"{step.name} lasts {step.duration_s:g} s, less than {TIMERS_IN_A_PHASE} times the system's {longest} of "
        f"{timers[longest]:g} s"
    )
    requests = math.ceil(least_s * plan.experiment.load.requests_per_second)
    return message, f"{requests} requests at this rate, or {least_s:g} s (which --speed divides)"


def _with_paths(steps: Sequence[Step]) -> Iterator[tuple[Step, Path_]]:
    at = 0
    for step in steps:
        if step.kind == "inject":
            yield step, ("phases", at)
            at += 1
        else:
            yield step, ("baseline" if step.kind == "baseline" else "recovery",)


def _check_abort(plan: Plan) -> None:
    most = max(step.requests for step in plan.steps if step.kind == "inject")
    for at, condition in enumerate(plan.experiment.abort):
        if condition.functional_success_below == 0:
            raise plan.source.refusal("no ratio is below 0", "abort", at, hint="it would never stop the run")
        if condition.over_requests > most:
            message = f"it looks at {condition.over_requests} requests, and no phase has more than {most}"
            raise plan.source.refusal(message, "abort", at, hint="it would never stop the run")
