"""A game day as the one report: hypotheses, times, timeline, cost, and what is to be done now."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from llmops.chaos.experiments.plan import Plan
from llmops.chaos.experiments.result import About, Ran, report_of
from llmops.chaos.experiments.verdict import exit_code
from llmops.chaos.gameday.events import happened
from llmops.chaos.gameday.incident_cost import IncidentCost, incident_cost, usd_in
from llmops.chaos.gameday.judging import Found, PhaseFound
from llmops.chaos.gameday.loader import GamedayPlan
from llmops.chaos.gameday.past import CRASHED, Past
from llmops.chaos.gameday.reactions import Reaction, false_alarms, reactions
from llmops.chaos.gameday.run_folder import KIND
from llmops.chaos.intervals import LEVEL, Word, wilson
from llmops.money import shown_usd
from llmops.report import Bar, Cell, Chart, Column, Finding, Interval, Metric, Report, Table, Verdict, report_id

NO_ACTION = 'Write them with `llmops gameday note "action: …"`; those below follow from what was found.'


def gameday_report(plan: GamedayPlan, steps: Plan, past: Past, found: Found, about: About) -> Report:
    """What this run means."""
    verdict = found.verdict
    base = report_of([Ran(verdict, found.evidence, plan.experiment.title, plan.experiment.sources)], about)
    told = reactions(verdict.moments, past.words, past.openings, past.gaps)
    costs, word = incident_cost(found.evidence), _word(found)
    return replace(
        base,
        kind=KIND,
        id=report_id(KIND, about.started_at),
        title=f"Game day: {plan.experiment.title or plan.experiment.name}",
        verdict=Verdict(word, _because(found), exit_code=exit_code([word])),
        summary=[*_summary(plan, found, told, costs)],
        metrics=[*base.metrics, *_metrics(plan, found, told, costs)],
        findings=[*_findings(plan, past, found), *base.findings],
        tables=[
            _hypotheses(found),
            _times(told),
            _phases(plan, found),
            _timeline(past, found),
            _cost(costs),
            _actions(plan, past, found, told),
            _roles(plan),
            *(table for table in base.tables if table.name in {"checks", "outcomes"}),
        ],
        charts=[*_charts(found)],
        not_covered=[*base.not_covered, *_not_covered(plan, steps, past)],
    )


def _word(found: Found) -> Word:
    """A fault that went beyond its radius is no success, whatever callers got."""
    beyond = any(each.beyond for each in found.phases)
    return "FAIL" if beyond and found.verdict.word == "PASS" else found.verdict.word


def _because(found: Found) -> str:
    beyond = next((f"{each.phase.name}: {each.beyond}" for each in found.phases if each.beyond), "")
    return beyond if beyond and found.verdict.word == "PASS" else found.verdict.reason


def _summary(plan: GamedayPlan, found: Found, told: Sequence[Reaction], costs: IncidentCost) -> Iterator[str]:
    yield f"Goal: {plan.gameday.goal}"
    words = [each.word for each in found.hypotheses]
    counts = ", ".join(f"{words.count(word)} {word}" for word in ("PASS", "FAIL", "INVALID") if word in words)
    yield f"{len(words)} {'hypothesis' if len(words) == 1 else 'hypotheses'}: {counts}."
    if found.verdict.moments.first_receipt is None:
        yield "No fault reached a request of a user."
        return
    yield "From the first fault on a request: " + ", ".join(map(_told, told)) + "."
    if costs.more_usd is None:
        yield "What it cost was not measured."
    else:
        side = "more" if costs.more_usd >= 0 else "less"
        unserved = f"; {costs.unserved:,} of the {costs.requests:,} were not served" if costs.unserved else ""
        yield f"It cost {shown_usd(abs(costs.more_usd))} USD {side} than {costs.requests:,} usual requests{unserved}."


def _told(reaction: Reaction) -> str:
    """When, and whose word that is."""
    if reaction.counted_s is None:
        return f"{reaction.name} never"
    after = f"{reaction.name} after {reaction.counted_s:.1f} s"
    if reaction.name != "detected":
        return after
    marked = reaction.marked_s is not None and reaction.counted_s == reaction.marked_s
    return f"{after} by {'a mark' if marked else 'the detector'}"


# --- tables


def _hypotheses(found: Found) -> Table:
    columns = [Column("hypothesis", "Hypothesis"), Column("verdict", "Verdict"), Column("check", "Check")]
    columns += [Column("phases", "Phases"), Column("says", "It says", "detail"), Column("reason", "Why", "detail")]
    rows: list[list[Cell]] = [
        [
            each.stated.name,
            each.word,
            each.stated.expectation.name,
            ", ".join(each.stated.expectation.check.phases) or "all",
            each.stated.says,
            each.reason,
        ]
        for each in found.hypotheses
    ]
    return Table("hypotheses", "Hypotheses", columns, rows)


def _times(told: Sequence[Reaction]) -> Table:
    columns = [Column("what", "What"), Column("marked_s", "Marked (s)", "s"), Column("measured_s", "Measured (s)", "s")]
    columns += [Column("counted_s", "Counts (s)", "s"), Column("by", "Measured by", "detail")]
    rows: list[list[Cell]] = [
        [each.name, _rounded(each.marked_s), _rounded(each.measured_s), _rounded(each.counted_s), each.by]
        for each in told
    ]
    note = (
        "Detection is the first of mark and detector; mitigation and recovery are what callers got. "
        "Pauses and gaps are not counted."
    )
    return Table("times", "Seconds from the first fault on a request of a user", columns, rows, note=note)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def _phases(plan: GamedayPlan, found: Found) -> Table:
    columns = [Column("phase", "Phase"), Column("planned", "Planned", "requests"), Column("sent", "Sent", "requests")]
    columns += [Column("hit", "Hit", "requests"), Column("failed", "Failed", "requests")]
    columns += [Column("burn", "Burn", "times"), Column("expected", "Expected", "times"), Column("usd", "USD", "usd")]
    columns += [Column("evidence", "Evidence"), Column("why", "Why", "detail")]
    budget = plan.gameday.safety.error_budget
    rows: list[list[Cell]] = [
        [
            each.phase.name,
            each.phase.planned_requests,
            each.sent,
            each.hit,
            each.failed,
            _burn(each, budget.target_ratio),
            budget.expected_burn(each.phase.name),
            usd_in(found.evidence, [each.phase]),
            "INVALID" if each.invalid else "valid",
            each.invalid or each.beyond,
        ]
        for each in found.phases
    ]
    note = (
        f"Burn = failed ratio / (1 - target); the target is {budget.target_ratio:g} over {budget.window_days:g} days. "
        "Failed: not whole, not in time, or from a model that may not answer."
    )
    return Table("phases", "Phases", columns, rows, note=note)


def _burn(each: PhaseFound, target_ratio: float) -> float | None:
    return None if each.failed_ratio is None else round(each.failed_ratio / (1 - target_ratio), 3)


def _timeline(past: Past, found: Found) -> Table:
    columns = [Column("at", "UTC"), Column("since_s", "From the start (s)", "s"), Column("who", "Who")]
    columns += [Column("what", "What")]
    events = happened(past, found)
    zero = events[0].at if events else 0.0
    rows: list[list[Cell]] = [
        [f"{datetime.fromtimestamp(each.at, UTC):%H:%M:%S.%f}"[:-3], round(each.at - zero, 1), each.who, each.what]
        for each in events
    ]
    return Table("timeline", "Timeline", columns, rows)


def _cost(costs: IncidentCost) -> Table:
    columns = [Column("what", "What"), Column("usd", "USD", "usd")]
    rows: list[list[Cell]] = [
        [f"attempts of {costs.requests:,} requests while faults were on", costs.usd],
        ["as many requests at the baseline's mean", costs.usual_usd],
        ["the incident", costs.more_usd],
    ]
    note = (
        f"{costs.unserved:,} of the {costs.requests:,} were not served: that is no saving. " if costs.unserved else ""
    )
    note += (
        f"{costs.wasted_tokens:,} tokens were used for answers that no caller got, as far as providers counted them."
    )
    return Table("incident_cost", "Cost of the incident", columns, rows, note=note)


def _actions(plan: GamedayPlan, past: Past, found: Found, told: Sequence[Reaction]) -> Table:
    rows: list[list[Cell]] = [
        [word.text.partition(":")[2].strip(), "operator"] for word in past.words if word.is_action
    ]
    rows += [[text, "report"] for text in _derived(plan, found, told)]
    columns = [Column("action", "To be done"), Column("by", "Said by")]
    note = "" if any(word.is_action for word in past.words) else NO_ACTION
    return Table("actions", "Action items", columns, rows, note=note)


def _derived(plan: GamedayPlan, found: Found, told: Sequence[Reaction]) -> Iterator[str]:
    for each in found.hypotheses:
        if each.word == "FAIL":
            yield f"{each.stated.name} does not hold: find out why ({each.reason})"
        elif each.word == "INVALID":
            yield f"{each.stated.name} is not shown: hold it again ({each.reason})"
    detected = told[0]
    if found.verdict.moments.first_receipt is not None and detected.counted_s is None:
        yield "nobody and no detector noticed: find the signal that would have shown it, and alert on it"
    elif detected.measured_s is None and plan.gameday.detector is not None and detected.marked_s is not None:
        yield "people noticed and the detector did not: see which signal it lacks"
    if told[1].counted_s is None and found.verdict.moments.first_receipt is not None:
        yield "callers were never served lastingly while the fault was on: a fallback is missing or does not hold"
    for phase in found.phases:
        if phase.beyond:
            yield f"{phase.phase.name} hit more than its blast radius: narrow the fault's scope ({phase.beyond})"


def _roles(plan: GamedayPlan) -> Table:
    roles = plan.gameday.roles
    rows: list[list[Cell]] = [
        ["commander", roles.commander],
        ["driver", roles.driver],
        ["responders", ", ".join(roles.responders)],
        ["scribe", roles.scribe],
        ["blast radius", plan.gameday.blast_radius.says],
    ]
    return Table("roles", "Who, and who may be hit", [Column("role", "Role"), Column("who", "Who")], rows)


def _charts(found: Found) -> Iterator[Chart]:
    bars = []
    for each in found.phases:
        if each.failed_ratio is not None:
            low, high = wilson(each.failed, each.sent)
            bars.append(Bar(each.phase.name, round(each.failed_ratio, 4), round(low, 4), round(high, 4)))
    if bars:
        yield Chart("failed_ratio", "Failed requests, by phase, with 95 % intervals", "ratio", bars)


# --- metrics, for gates


def _metrics(plan: GamedayPlan, found: Found, told: Sequence[Reaction], costs: IncidentCost) -> Iterator[Metric]:
    scope = {"scenario": found.verdict.scenario}
    for name, each in zip(("detection_s", "mitigation_s", "recovery_s"), told, strict=True):
        yield Metric(name, _rounded(each.counted_s), scope=scope)
    yield Metric("incident_cost_usd", costs.more_usd, costs.requests, scope=scope)
    target = plan.gameday.safety.error_budget.target_ratio
    inject = [each for each in found.phases if each.phase.kind == "inject"]
    failed, sent = sum(each.failed for each in inject), sum(each.sent for each in inject)
    burn = failed / sent / (1 - target) if sent else None
    interval = None
    if sent:
        low, high = wilson(failed, sent)
        interval = Interval(low / (1 - target), high / (1 - target), LEVEL)
    yield Metric("error_budget_burn", burn, sent, interval, scope)


# --- what to know


def _findings(plan: GamedayPlan, past: Past, found: Found) -> Iterator[Finding]:
    for each in found.phases:
        if each.beyond:
            yield Finding("fail", f"{each.phase.name}: {each.beyond}", "narrow the fault's scope")
    for gap in past.gaps:
        where = gap.phase or "between two phases"
        if gap.why == CRASHED:
            yield Finding("warn", f"{where}: the run was killed; its clock stood {gap.length_s:.1f} s")
        else:
            yield Finding("info", f"{where}: paused for {gap.length_s:.1f} s, which is not judged")
    if past.kept.lost:
        yield Finding("warn", f"{len(past.kept.lost)} requests were under way when the run was killed, and are lost")
    aside = len([why for why in past.kept.aside.values() if why == "paused"])
    if aside:
        yield Finding("info", f"{aside} requests were sent while the run was paused, and are not judged")
    for one in false_alarms(found.verdict.moments, past.openings, past.gaps):
        yield Finding("warn", f"the detector opened before any fault hit a request: {one.where}, {one.why}")
    if plan.gameday.detector is None:
        yield Finding("info", "the plan has no detector: only marks can tell when it was detected")
    if not past.rollback_proven:
        yield Finding("warn", "rollback was not proven: no canary has ended by its lease")


def _not_covered(plan: GamedayPlan, steps: Plan, past: Past) -> Iterator[str]:
    if steps.speed != 1:
        yield f"Phases were {steps.speed:g} times as fast as planned; rates, latencies and timers were not."
    if past.gaps:
        yield "Times are of the run's clock, which stood in pauses and gaps; the timeline has those of the wall."
    if plan.experiment.repetitions > 1:
        yield "A game day is held once: its repetitions were not run."
