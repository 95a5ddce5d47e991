"""The verdicts of scenarios as the one report: what was decided, by which figures, and what they do not cover."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from llmops.chaos.experiments.checks.base import CheckResult, percent
from llmops.chaos.experiments.evidence import Evidence, UserRequest
from llmops.chaos.experiments.moments import Moments
from llmops.chaos.experiments.odd_marks import odd_marks
from llmops.chaos.experiments.outcomes import (
    OUTCOMES,
    Outcome,
    claims_success,
    is_good,
    is_hang,
    is_laundered,
    is_masked_error,
    is_storm,
    is_wrong_model,
    outcome_of,
)
from llmops.chaos.experiments.picture import timeline_of
from llmops.chaos.experiments.seen import Seen, seen
from llmops.chaos.experiments.selection import phases_of, requests_of
from llmops.chaos.experiments.verdict import Judged, ScenarioVerdict, exit_code
from llmops.chaos.intervals import LEVEL, Word, wilson
from llmops.report import (
    Cell,
    Column,
    Finding,
    Interval,
    Metric,
    Report,
    Scenario,
    ScenarioCheck,
    ScenarioReceipts,
    ScenarioTimes,
    Source,
    Table,
    Verdict,
    report_id,
)

KIND = "chaos-run"
ASSUMED = (
    "The intervals assume that requests fail independently of one another; where failures come in bursts, a run says "
    "less than its number of requests."
)


@dataclass(frozen=True)
class Ran:
    """One scenario that was run and judged."""

    verdict: ScenarioVerdict
    evidence: Evidence
    title: str = ""
    sources: Sequence[str] = ()  # where the scenario comes from: addresses
    expected: Word | None = None  # of this system and version; None: nothing is written down


@dataclass(frozen=True)
class About:
    """What the report is about, besides its scenarios."""

    started_at: datetime
    finished_at: datetime
    tool_version: str
    system: Mapping[str, str] = field(default_factory=dict)
    seed: int | None = None


def report_of(runs: Sequence[Ran], about: About) -> Report:
    """The report of a run of scenarios."""
    code = exit_code(run.verdict.word for run in runs)
    words = [run.verdict.word for run in runs]
    word = next((each for each in ("FAIL", "INVALID") if each in words), "PASS" if runs else "INVALID")
    return Report(
        kind=KIND,
        id=report_id(KIND, about.started_at),
        started_at=about.started_at,
        finished_at=about.finished_at,
        tool_version=about.tool_version,
        title="Failover under faults",
        system=about.system,
        seed=about.seed,
        verdict=Verdict(word, _because(runs), exit_code=code),
        summary=[_sentence(run) for run in runs],
        metrics=[metric for run in runs for metric in _metrics(run)],
        findings=[finding for run in runs for finding in _findings(run)],
        tables=[*_tables(runs)],
        sources=[
            Source(run.verdict.scenario, "the behaviour it tests", url=url) for run in runs for url in run.sources
        ],
        not_covered=[*_not_covered(runs)],
        scenarios=[_scenario(run) for run in runs],
    )


def _because(runs: Sequence[Ran]) -> str:
    if not runs:
        return "no scenario was run"
    words = [run.verdict.word for run in runs]
    counts = ", ".join(f"{words.count(word)} {word}" for word in ("PASS", "FAIL", "INVALID") if word in words)
    return f"{len(runs)} {'scenario' if len(runs) == 1 else 'scenarios'}: {counts}"


def _sentence(run: Ran) -> str:
    return f"{run.verdict.scenario}: {run.verdict.word}. {run.verdict.reason}"


# --- the scenario, for programs


def _scenario(run: Ran) -> Scenario:
    verdict = run.verdict
    return Scenario(
        name=verdict.scenario,
        title=run.title or verdict.scenario,
        verdict=verdict.word,
        reason=verdict.reason,
        checks=[_check(judged) for judged in verdict.checks],
        outcomes=dict(verdict.outcomes),
        receipts=_receipts(verdict),
        times=_times(verdict.moments),
        usd=verdict.usd,
        timeline=timeline_of(run.evidence),
    )


def _check(judged: Judged) -> ScenarioCheck:
    found = judged.result
    return ScenarioCheck(
        name=judged.expectation.name,
        verdict=found.word,
        reason=found.reason,
        n=found.n,
        value=found.value,
        limit=found.limit,
        side=found.side,
        unit=found.unit,
        low=found.low,
        high=found.high,
        needed=found.needed,
        examples=found.examples,
        phases=judged.expectation.check.phases,
    )


def _receipts(verdict: ScenarioVerdict) -> ScenarioReceipts:
    expected = [firing.expected for firing in verdict.firings]
    known = [count for count in expected if count is not None]
    return ScenarioReceipts(
        expected=sum(known) if len(known) == len(expected) else None,
        fired=sum(firing.fired for firing in verdict.firings),
        on_user_requests=sum(firing.on_user_requests for firing in verdict.firings),
    )


def _times(moments: Moments) -> ScenarioTimes:
    return ScenarioTimes(
        *(
            None if at is None else datetime.fromtimestamp(at, UTC)
            for at in (moments.first_receipt, moments.detected, moments.mitigated, moments.recovered)
        )
    )


# --- tables, for people


def _tables(runs: Sequence[Ran]) -> Iterator[Table]:
    if not runs:
        return
    yield _verdicts(runs)
    yield _checks(runs)
    if any(run.verdict.outcomes for run in runs):
        yield _outcomes(runs)
        yield from _examples(runs)
        yield _reactions(runs)


def _verdicts(runs: Sequence[Ran]) -> Table:
    expected = any(run.expected for run in runs)
    columns = [Column("scenario", "Scenario"), Column("verdict", "Verdict")]
    columns += [Column("expected", "Expected")] if expected else []
    columns += [Column("fired", "Fired", "requests"), Column("planned", "Planned", "requests")]
    columns += [Column("usd", "USD", "usd")]
    return Table("verdicts", "Verdicts", columns, [[*_verdict_row(run, expected=expected)] for run in runs])


def _verdict_row(run: Ran, *, expected: bool) -> Iterator[Cell]:
    receipts = _receipts(run.verdict)
    yield from (run.verdict.scenario, run.verdict.word)
    if expected:
        yield run.expected
    yield from (receipts.on_user_requests, receipts.expected, run.verdict.usd)


def _checks(runs: Sequence[Ran]) -> Table:
    columns = [Column("scenario", "Scenario"), Column("check", "Check"), Column("verdict", "Verdict")]
    columns += [Column("measured", "Measured"), Column("allowed", "Allowed"), Column("n", "Requests", "requests")]
    rows = [
        (
            run.verdict.scenario,
            each.expectation.name,
            _shown_word(each.result),
            *_against_limit(each.result),
            each.result.n,
        )
        for run in runs
        for each in run.verdict.checks
    ]
    note = f"Wilson intervals decide, two-sided at {LEVEL * 100:.0f} %: where one holds the limit, it is INVALID."
    return Table("checks", "Expectations", columns, rows, note=note)


def _shown_word(found: CheckResult) -> str:
    """In an INVALID run nothing is said to pass."""
    return f"would {found.would}" if found.would else found.word


def _against_limit(found: CheckResult) -> tuple[str | None, str | None]:
    """What was measured, and what is allowed."""
    limit = None if found.limit is None else f"{'≥' if found.side == 'at_least' else '≤'} {_shown(found.limit, found)}"
    return None if found.value is None else _shown(found.value, found), limit


def _shown(value: float, found: CheckResult) -> str:
    return percent(value) if found.unit == "ratio" else f"{value:.3g}{'×' if found.unit == 'times' else ' s'}"


def _outcomes(runs: Sequence[Ran]) -> Table:
    seen = [outcome for outcome in OUTCOMES if any(run.verdict.outcomes.get(outcome) for run in runs)]
    columns = [Column("scenario", "Scenario"), *(Column(each, each.replace("_", " "), "requests") for each in seen)]
    rows: list[list[Cell]] = [
        [run.verdict.scenario, *(run.verdict.outcomes.get(each, 0) for each in seen)] for run in runs
    ]
    return Table("outcomes", "What became of each request while the faults were on", columns, rows)


GOOD = ("ok", "rescued")


def _examples(runs: Sequence[Ran]) -> Iterator[Table]:
    """Of each bad outcome the first request, where a scenario does not pass; none of the words that were said."""
    rows: list[list[Cell]] = [
        [run.verdict.scenario, found.outcome.replace("_", " "), found.request.phase, found.request.id, *told]
        for run in runs
        if run.verdict.word != "PASS" and run.verdict.outcomes
        for found in _first_of_each(run)
        for told in [(found.came, found.expected)]
    ]
    if rows:
        names = ("scenario", "outcome", "phase", "request", "came", "expected")
        yield Table("examples", "What was wrong, the first of each", [Column(n, n.capitalize()) for n in names], rows)


def _first_of_each(run: Ran) -> Iterator[Seen]:
    """Of the method, then of the recovery."""
    evidence, known = run.evidence, set[Outcome]()
    after = requests_of(evidence, phases_of(evidence, kind="recover"))
    for request in [*requests_of(evidence, phases_of(evidence)), *after]:
        if (outcome := outcome_of(request, evidence)) not in known and outcome not in GOOD:
            known.add(outcome)
            yield seen(request, evidence)


REACTIONS = {"detected": "System tried again"}  # the system, not people: those and detectors are a game day's


def _reactions(runs: Sequence[Ran]) -> Table:
    names = ("detected", "mitigated", "recovered")
    columns = [
        Column("scenario", "Scenario"),
        *(Column(f"{each}_s", f"{REACTIONS.get(each, each.capitalize())} (s)", "s") for each in names),
    ]
    rows: list[list[Cell]] = [[run.verdict.scenario, *_after_s(run.verdict.moments)] for run in runs]
    return Table("reactions", "Seconds from the first fault on a request", columns, rows)


def _after_s(moments: Moments) -> Iterator[float | None]:
    for at in (moments.detected, moments.mitigated, moments.recovered):
        yield None if at is None or moments.first_receipt is None else round(at - moments.first_receipt, 3)


# --- metrics, for gates

Fact = Callable[[UserRequest, Evidence], bool]
FACTS: dict[str, Fact] = {
    "success_ratio": lambda request, _: claims_success(request) and not is_hang(request),
    "functional_success_ratio": is_good,
    "hang_ratio": lambda request, _: is_hang(request),
    "storm_ratio": is_storm,
    "laundered_ratio": lambda request, _: is_laundered(request),
    "masked_error_ratio": lambda request, _: is_masked_error(request),
    "wrong_model_ratio": is_wrong_model,
    "rescued_ratio": lambda request, evidence: outcome_of(request, evidence) == "rescued",
}
"""Of the requests while the faults were on."""


def _metrics(run: Ran) -> Iterator[Metric]:
    scope = {"scenario": run.verdict.scenario}
    requests = requests_of(run.evidence, phases_of(run.evidence)) if run.verdict.outcomes else []
    n = len(requests)
    for name, fact in FACTS.items():
        count = sum(fact(request, run.evidence) for request in requests)
        interval = Interval(*wilson(count, n), LEVEL) if n else None
        yield Metric(name, count / n if n else None, n, interval, scope, count, n)
    attempts = sum(len(request.attempts) for request in requests)
    yield Metric("mean_attempts", attempts / n if n else None, n, scope=scope, numerator=attempts, denominator=n)
    seconds = _after_s(run.verdict.moments)
    for name, value in zip(("time_to_detect_s", "time_to_mitigate_s", "time_to_recover_s"), seconds, strict=True):
        yield Metric(name, value, scope=scope)
    yield Metric("scenario_cost_usd", run.verdict.usd, scope=scope)


# --- what to know


def _findings(run: Ran) -> Iterator[Finding]:
    name = run.verdict.scenario
    if run.expected is not None and run.expected != run.verdict.word:
        yield Finding("fail", f"{name}: {run.expected} was expected, and it is {run.verdict.word}")
    shown = 1 if run.verdict.word == "INVALID" else 0  # the first is the verdict's own
    for reason in run.verdict.invalid[shown:]:
        yield Finding("warn", f"{name}: {reason.sentence}")
    for odd in odd_marks(requests_of(run.evidence, phases_of(run.evidence))):
        yield Finding("warn", f"{name}: {odd}")
    if run.evidence.unattributed:
        yield Finding("info", f"{name}: {len(run.evidence.unattributed)} attempts belong to no request of the load")
    if run.evidence.probes:
        yield Finding("info", f"{name}: {len(run.evidence.probes)} requests at the providers were no inference")
    if not run.evidence.broke_off and not any(phase.injections for phase in run.evidence.phases):
        yield Finding("info", f"{name}: no fault was planned, a placebo")
    yield from (Finding("info", f"{name}: {note}") for note in run.evidence.notes)


def _not_covered(runs: Sequence[Ran]) -> Iterator[str]:
    yield ASSUMED
    unpriced = [run.verdict.scenario for run in runs if run.verdict.usd is None]
    if unpriced:
        yield f"What it cost was not measured: {', '.join(unpriced)}."
    untrue = [run.verdict.scenario for run in runs if any(request.truth is None for request in run.evidence.requests)]
    if untrue:
        told = "Real providers' answers have no known truth; they were judged by their marks, and against what was sent"
        yield f"{told}: {', '.join(untrue)}."
