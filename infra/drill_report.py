"""The result of a drill as a report, for a gate to judge."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from llmops import __version__
from llmops.errors import ExitCode
from llmops.infra.drill import Drilled
from llmops.report import Cell, Column, Metric, Report, Table, Verdict, report_id


def drill_report(drilled: Drilled, system: Mapping[str, str], *, started_at: datetime, finished_at: datetime) -> Report:
    good = sum(it.good for it in drilled.answers)
    return Report(
        kind="infra-drill",
        id=report_id("infra-drill", started_at),
        started_at=started_at,
        finished_at=finished_at,
        tool_version=__version__,
        title=f"Drill of the fallback {system.get('fallback', '')}",
        system=system,
        verdict=verdict(drilled),
        metrics=[
            Metric("fallback_wake_s", drilled.wake_s),
            Metric("fallback_first_good_token_s", drilled.first_good_token_s),
            Metric(
                "fallback_good_requests_ratio",
                drilled.good_ratio,
                n=len(drilled.answers),
                numerator=good,
                denominator=len(drilled.answers),
            ),
        ],
        tables=[_answers(drilled)],
        not_covered=["What the answers say, and the load that the fallback carries: `llmops load`."],
    )


def verdict(drilled: Drilled) -> Verdict:
    if drilled.first_good_token_s is None:
        reason = drilled.answers[0].reason if drilled.answers else "nothing was asked"
        return Verdict("FAIL", f"no good answer came: {reason}", exit_code=ExitCode.FAILED)
    bad = [it.reason for it in drilled.answers if not it.good]
    if bad:
        return Verdict("FAIL", f"{len(bad)} of {len(drilled.answers)} answers: {bad[0]}", exit_code=ExitCode.FAILED)
    return Verdict("PASS", f"the first good token came after {drilled.first_good_token_s:.1f} s")


def _answers(drilled: Drilled) -> Table:
    counted = Counter(it.reason or "good" for it in drilled.answers)
    rows: list[list[Cell]] = [[reason, count] for reason, count in counted.most_common()]
    return Table("answers", "Answers", [Column("reason", ""), Column("count", "requests", "requests")], rows)
