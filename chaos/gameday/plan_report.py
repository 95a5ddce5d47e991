"""A plan in one look, before anybody starts it: the phases on the clock, who may be hit, what it may cost."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from llmops.chaos.experiments.plan import Plan, Step
from llmops.chaos.experiments.schema import Experiment
from llmops.chaos.gameday.expected_load import ExpectedLoad
from llmops.chaos.gameday.plan_text import clock, flow
from llmops.chaos.gameday.schema import TO_BE_FILLED, Gameday
from llmops.renderers.base import DETAIL
from llmops.report import Column, Finding, Report, Table, report_id


def plan_report(  # noqa: PLR0913 - what it shows
    experiment: Experiment,
    gameday: Gameday,
    steps: Plan,
    load: ExpectedLoad,
    *,
    first: Sequence[str],
    started_at: datetime,
    finished_at: datetime,
    tool_version: str,
) -> Report:
    """The summary of a plan; `first` are the sentences that it begins with."""
    return Report(
        kind="gameday_plan",
        id=report_id("gameday-plan", started_at),
        started_at=started_at,
        finished_at=finished_at,
        tool_version=tool_version,
        title=f"Game day: {experiment.title or experiment.name}",
        system={"plan": experiment.name, "system": steps.system_name},
        seed=experiment.seed,
        summary=[*first, _lasts(experiment, steps), _asks(experiment, load), *_stops(gameday)],
        findings=list(_findings(gameday)),
        tables=[_phases(gameday, steps), _hypotheses(gameday)],
        not_covered=list(_not_covered(load)),
    )


def _lasts(experiment: Experiment, steps: Plan) -> str:
    total_s = sum(step.duration_s for step in steps.steps)
    times = "" if experiment.repetitions == 1 else f", {experiment.repetitions} times"
    return f"It lasts {clock(total_s)}{times}, and what starting takes and the canary."


def _asks(experiment: Experiment, load: ExpectedLoad) -> str:
    tokens = f"about {load.input_tokens:,} input tokens"
    if load.output_tokens is not None:
        tokens += f" and {load.output_tokens:,} output tokens"
    usd = "" if load.usd is None else f", {load.usd:,.2f} USD at catalogue prices"
    simulated = all(each.simulate for each in experiment.providers.values())
    free = " (simulated providers charge nothing)" if simulated else ""
    rate = experiment.load.requests_per_second
    return f"Its load: {load.requests:,} requests, {rate:g} a second, {tokens} when each is answered once{usd}{free}."


def _stops(gameday: Gameday) -> Iterator[str]:
    abort = gameday.safety.abort_when
    said = []
    if abort.burn_over_expected is not None:
        said.append(f"burn over {abort.burn_over_expected:g} times the expected")
    if abort.functional_success_below is not None:
        said.append(f"functional success below {_floors(abort.functional_success_below)}")
    if abort.usd_over is not None:
        said.append(f"cost over {abort.usd_over:g} USD")
    yield f"It aborts itself at {', or '.join(said)}."
    yield f"Blast radius: {gameday.blast_radius.says}"


def _floors(floors: float | dict[str, float]) -> str:
    return f"{floors:g}" if isinstance(floors, float | int) else ", ".join(f"{v:g} in {k}" for k, v in floors.items())


def _findings(gameday: Gameday) -> Iterator[Finding]:
    roles = gameday.roles.model_dump()
    empty = [name for name, value in roles.items() if value in (TO_BE_FILLED, [TO_BE_FILLED])]
    if empty:
        yield Finding("warn", f"to be filled: {', '.join(empty)}", hint="a game day without people is an experiment")
    if roles["commander"] != TO_BE_FILLED and roles["commander"] in gameday.roles.responders:
        yield Finding(
            "warn", f"{roles['commander']} commands and responds", hint="give one of the two to somebody else"
        )
    if any(each.startswith(TO_BE_FILLED) for each in gameday.communication.channels):
        yield Finding("warn", "to be filled: channels", hint="where the team talks, and where others are told")


def _phases(gameday: Gameday, steps: Plan) -> Table:
    columns = (
        Column("phase", "Phase"),
        Column("begins", "Begins"),
        Column("lasts", "Lasts"),
        Column("requests", "Requests", "requests"),
        Column("hit_ratio", "Hit", "ratio"),
        Column("failed_ratio", "Fail", "ratio"),
        Column("burn_rate", "Burn", "times"),
        Column("faults", "Faults", DETAIL),
        Column("note", "What to watch", DETAIL),
    )
    rows, at_s = [], 0.0
    budget = gameday.safety.error_budget
    for step in steps.steps:
        rows.append(
            (
                step.name,
                f"{round(at_s) // 60}:{round(at_s) % 60:02d}",
                clock(step.duration_s),
                step.requests,
                gameday.blast_radius.request_ratio.get(step.name),
                budget.expected_failed_ratio.get(step.name),
                budget.expected_burn(step.name),
                _faults(step),
                gameday.notes.get(step.name, ""),
            )
        )
        at_s += step.duration_s
    left = f"{1 - budget.target_ratio:.3g} in {budget.window_days:g} days"
    note = f"Hit: at most. Fail: expected of callers' requests. Burn: times the rate that uses up a budget of {left}."
    return Table("phases", "Phases", columns, rows, note=note)


def _faults(step: Step) -> str:
    said = []
    for provider, toxic in step.toxics:
        own = {
            **toxic["attributes"],
            **{k: v for k, v in toxic["schedule"].items() if v and (k, v) != ("probability", 1)},
        }
        said.append(f"{provider}: {toxic['type']}{f' {flow(own)}' if own else ''}")
    return "; ".join(said) or "none"


def _hypotheses(gameday: Gameday) -> Table:
    columns = (
        Column("hypothesis", "Hypothesis"),
        Column("says", "What we believe"),
        Column("check", "Decided by", DETAIL),
        Column("phases", "Phases", DETAIL),
    )
    rows = [(each.name, each.says, flow(each.check), ", ".join(each.phases)) for each in gameday.hypotheses]
    return Table("hypotheses", "Hypotheses", columns, rows)


def _not_covered(load: ExpectedLoad) -> Iterator[str]:
    if load.output_tokens is None:
        yield "output tokens and cost: a provider is real, and nobody knows how long its answers are"
    elif load.usd is None:
        yield "cost: the catalogue has no price of the preferred provider's model"
    yield "attempts beyond the first: retries and fallbacks cost more than the load alone"
