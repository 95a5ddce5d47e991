"""The verdicts of Chaos Toolkit experiments as the one report."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from llmops.chaos.experiments.chaostoolkit.verdict import Judged, Verdict
from llmops.chaos.experiments.result import KIND, About
from llmops.chaos.experiments.verdict import exit_code
from llmops.report import Column, Finding, Report, Scenario, ScenarioCheck, Table, report_id
from llmops.report import Verdict as Decision

NO_RECEIPTS = (
    "These are Chaos Toolkit experiments: whether what their actions began did hit anything is known only as far as "
    "their probes ask."
)


@dataclass(frozen=True)
class Ran:
    """One experiment that was played and judged."""

    name: str
    title: str
    verdict: Verdict


def report_of(runs: Sequence[Ran], about: About, redact: Callable[[str], str]) -> Report:
    """The report of a run of them; outputs may be in its sentences, so every secret is hidden."""
    words = [run.verdict.word for run in runs]
    word = next((each for each in ("FAIL", "INVALID") if each in words), "PASS" if runs else "INVALID")
    counts = ", ".join(f"{words.count(each)} {each}" for each in ("PASS", "FAIL", "INVALID") if each in words)
    return Report(
        kind=KIND,
        id=report_id(KIND, about.started_at),
        started_at=about.started_at,
        finished_at=about.finished_at,
        tool_version=about.tool_version,
        title="Chaos Toolkit experiments",
        system=about.system,
        verdict=Decision(
            word,
            f"{len(runs)} {'experiment' if len(runs) == 1 else 'experiments'}: {counts}",
            exit_code=exit_code(words),
        ),
        summary=[redact(f"{run.title}: {run.verdict.word}. {run.verdict.reason}") for run in runs],
        findings=[Finding("warn", redact(f"{run.name}: {note}")) for run in runs for note in run.verdict.notes],
        tables=[_tolerances(runs, redact)],
        not_covered=[NO_RECEIPTS],
        scenarios=[_scenario(run, redact) for run in runs],
    )


def _tolerances(runs: Sequence[Ran], redact: Callable[[str], str]) -> Table:
    columns = [Column("experiment", "Experiment"), Column("probe", "Probe"), Column("verdict", "Verdict")]
    columns += [Column("what", "What it was")]
    rows = [
        (run.name, redact(each.name), each.word, redact(each.reason)) for run in runs for each in run.verdict.checks
    ]
    return Table("tolerances", "Tolerances", columns, rows)


def _scenario(run: Ran, redact: Callable[[str], str]) -> Scenario:
    return Scenario(
        name=run.name,
        title=redact(run.title),
        verdict=run.verdict.word,
        reason=redact(run.verdict.reason),
        checks=[_check(each, redact) for each in run.verdict.checks],
    )


def _check(judged: Judged, redact: Callable[[str], str]) -> ScenarioCheck:
    return ScenarioCheck(
        name=redact(judged.name),
        verdict=judged.word,
        reason=redact(judged.reason),
        n=0,  # no requests of ours: an output was compared
        value=None,
        limit=None,
        side="at_least",
        unit="ratio",
    )
