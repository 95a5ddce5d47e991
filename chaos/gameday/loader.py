"""From a plan's YAML file to a game day; what is wrong is told with the file and the line, before anything starts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmops.chaos.experiments.checks.base import make_check
from llmops.chaos.experiments.expectations import planned
from llmops.chaos.experiments.loader import Path_, Source, experiment_of, parse, read_text
from llmops.chaos.experiments.plan import Plan, plan_of
from llmops.chaos.experiments.schema import Experiment, Wrong
from llmops.chaos.experiments.verdict import Expectation
from llmops.chaos.gameday.refusals import refuse_what_cannot_be
from llmops.chaos.gameday.schema import CONDITIONS, Gameday, Hypothesis, PlanForm, form_from
from llmops.chaos.gameday.shown_faults import refuse_unseen
from llmops.errors import LlmopsError

ABORT_HINT = "abort_when: {burn_over_expected: 2.0, functional_success_below: 0.5, usd_over: 5}"


@dataclass(frozen=True)
class Stated:
    """A hypothesis with its check made."""

    name: str
    says: str
    expectation: Expectation


@dataclass(frozen=True)
class GamedayPlan:
    """A game day that can be held: its experiment, and what people need besides."""

    experiment: Experiment
    gameday: Gameday
    source: Source
    hypotheses: tuple[Stated, ...]


def load_plan(path: Path) -> GamedayPlan:
    """The plan in a file. BadInput that names file and line."""
    data, source = parse(read_text(path), str(path))
    plan = plan_from(data, source)
    name = plan.experiment.name
    if name != path.stem:
        steps_of(plan, priced=True)  # whatever else is wrong with a plan that was renamed comes first
        message = f"the plan is named {name!r} and its file {path.name!r}"
        raise source.refusal(message, "name", hint="let them be equal")
    return plan


def plan_from(data: Mapping[str, Any], source: Source) -> GamedayPlan:
    """The plan that the data describe. BadInput that names the line."""
    if "gameday" not in data:
        hint = "`llmops gameday plan PRESET` writes a plan; `llmops chaos run` runs an experiment as it is"
        raise source.refusal("this is an experiment and no plan: it has no `gameday`", hint=hint)
    _require_abort(data["gameday"], source)
    gameday = _form(data, source).gameday
    experiment = experiment_of({name: value for name, value in data.items() if name != "gameday"}, source)
    refuse_what_cannot_be(experiment, gameday, source)
    refuse_unseen(experiment, source)
    return GamedayPlan(experiment, gameday, source, tuple(_stated(gameday, source)))


def steps_of(plan: GamedayPlan, *, speed: float = 1.0, priced: bool = False) -> Plan:
    """The steps of the run, by the experiments' own rules. BadInput, with the line, for what cannot work."""
    steps = plan_of(plan.experiment, plan.source, speed=speed, priced=priced)
    _check_length(plan, steps)
    _check_abort(plan, steps)
    given = planned(plan.experiment, steps.steps, priced=priced)
    for at, each in enumerate(plan.hypotheses):
        if why := each.expectation.check.refusal(given):
            message = f"the hypothesis {each.name} can never be shown: {why}"
            raise plan.source.refusal(
                message, "gameday", "hypotheses", at, "check", hint="change it, or the phases that it is about"
            )
    return steps


def _require_abort(gameday: Any, source: Source) -> None:  # noqa: ANN401 - whatever YAML holds
    """Told first, and by its name: what stops a game day is no detail of a form."""
    if not isinstance(gameday, dict) or _has_condition(gameday.get("safety")):
        return
    path = ("gameday", "safety", "abort_when")
    raise source.refusal("the plan has no abort conditions: nothing would stop it", *path, hint=ABORT_HINT)


def _has_condition(safety: Any) -> bool:  # noqa: ANN401 - whatever YAML holds
    """Whether it has one, or something that the form will refuse by itself."""
    abort = safety.get("abort_when") if isinstance(safety, dict) else None
    if isinstance(abort, dict):
        return any(abort.get(name) is not None for name in CONDITIONS) or not abort.keys() <= {"over_requests"}
    return abort is not None


def _form(data: Mapping[str, Any], source: Source) -> PlanForm:
    try:
        return form_from(data)
    except Wrong as wrong:
        path = wrong.path
        if path[:2] == ("gameday", "hypotheses") and "check" in path:
            hint = "the name of a check, or `name: {parameter: value}`; docs/verdicts.md lists them"
            raise source.refusal("a hypothesis has one check", *path[: path.index("check") + 1], hint=hint) from wrong
        raise source.refusal(str(wrong), *path, hint=wrong.hint) from wrong


def _stated(gameday: Gameday, source: Source) -> Iterator[Stated]:
    for at, each in enumerate(gameday.hypotheses):
        path = ("gameday", "hypotheses", at, "check")
        name, parameters = _check_of(each, path, source)
        try:
            yield Stated(each.name, each.says, Expectation(name, make_check(name, parameters)))
        except LlmopsError as error:
            raise source.refusal(str(error), *path, hint=error.hint) from error


def _check_of(each: Hypothesis, path: Path_, source: Source) -> tuple[str, dict[str, Any]]:
    if isinstance(each.check, dict) and len(each.check) != 1:
        raise source.refusal("a hypothesis has one check", *path, hint="write one hypothesis for each")
    name, given = (each.check, None) if isinstance(each.check, str) else next(iter(each.check.items()))
    parameters = dict(given or {})
    if each.phases and "phases" in parameters:
        raise source.refusal(f"the phases of {each.name} are said twice", *path, hint="say them in one place")
    return name, {**parameters, "phases": each.phases} if each.phases else parameters


def _check_length(plan: GamedayPlan, steps: Plan) -> None:
    stated = plan.gameday.duration_s
    total_s = sum(step.duration_s for step in steps.steps)
    if stated is not None and total_s > stated:
        message = f"baseline, phases and recovery last {total_s:g} s, and the plan {stated:g} s"
        raise plan.source.refusal(message, "gameday", "duration_s", hint="raise it, or shorten a phase")


def _check_abort(plan: GamedayPlan, steps: Plan) -> None:
    over = plan.gameday.safety.abort_when.over_requests
    most = max(step.requests for step in steps.steps if step.kind == "inject")
    if over > most:
        message = f"abort conditions look at {over} requests, and no phase has more than {most}"
        raise plan.source.refusal(
            message, "gameday", "safety", "abort_when", hint="nothing would stop the run: lower over_requests"
        )
