"""What `chaos check` found, as a report."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from llmops import __version__
from llmops.chaos.reliability.check import Checks
from llmops.chaos.reliability.lines import COMPRESSED, WITHOUT_BODIES
from llmops.chaos.reliability.validators.base import Outcome
from llmops.errors import ExitCode
from llmops.report import Cell, Column, Finding, Metric, Report, Table, Verdict, report_id

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
PERCENT = 100


@dataclass(frozen=True)
class Limits:
    """What is still a pass."""

    max_invalid_percent: float = 0.0  # of the answers that were judged
    max_rejected_percent: float = 1.0  # of the lines that could have been


def check_report(
    checks: Checks, limits: Limits, *, system: Mapping[str, str], started_at: datetime, finished_at: datetime
) -> Report:
    """FAIL over the limit, INVALID where nothing was decided."""
    return Report(
        kind="check",
        id=report_id("check", started_at),
        started_at=started_at,
        finished_at=finished_at,
        tool_version=__version__,
        title=f"{checks.lines.total():,} answers checked by {len(checks.validators)} validators",
        system=system,
        verdict=_verdict(checks, limits),
        summary=list(_summary(checks)),
        metrics=_metrics(checks),
        findings=list(_findings(checks)),
        tables=list(_tables(checks)),
        not_covered=[
            "Whether what an answer says is true: no validator knows the facts.",
            "An undecided line is neither good nor bad, and counts for neither.",
        ],
    )


def _verdict(checks: Checks, limits: Limits) -> Verdict:
    if not checks.decided:
        return Verdict("INVALID", "No line could be judged.", exit_code=ExitCode.NO_DATA)
    percent = PERCENT * checks.lines["invalid"] / checks.decided
    because = f"{checks.lines['invalid']:,} of {checks.decided:,} judged answers are invalid ({percent:.3g} %); "
    because += f"{limits.max_invalid_percent:g} % may be."
    if percent > limits.max_invalid_percent:
        return Verdict("FAIL", because, exit_code=ExitCode.FAILED)
    rejected = checks.rejected.total()
    rejected_percent = PERCENT * rejected / (rejected + checks.lines.total())
    if rejected_percent > limits.max_rejected_percent:
        because = f"{rejected:,} lines could not be read ({rejected_percent:.3g} %); "
        because += f"{limits.max_rejected_percent:g} % may be."
        return Verdict("INVALID", because, exit_code=ExitCode.NO_DATA)
    return Verdict("PASS", because)


def _summary(checks: Checks) -> Iterator[str]:
    yield ", ".join(f"{checks.lines[outcome]:,} {outcome}" for outcome in OUTCOMES) + "."
    unread = [(checks.set_aside, "set aside"), (checks.rejected, "rejected")]
    yield ", ".join(f"{counts.total():,} lines {word}" for counts, word in unread) + "."


def _metrics(checks: Checks) -> list[Metric]:
    invalid, decided, all_lines = checks.lines["invalid"], checks.decided, checks.lines.total()
    undecided = checks.lines["undecided"]
    return [
        _ratio("invalid_answers_ratio", invalid, decided),
        _ratio("undecided_answers_ratio", undecided, all_lines),
        *(
            _ratio("invalid_answers_ratio", counts["invalid"], counts["valid"] + counts["invalid"], validator=name)
            for name, counts in sorted(checks.by_validator.items())
        ),
    ]


def _ratio(name: str, part: int, whole: int, **scope: str) -> Metric:
    return Metric(name, part / whole if whole else None, n=whole, scope=scope, numerator=part, denominator=whole)


def _findings(checks: Checks) -> Iterator[Finding]:
    if checks.set_aside[WITHOUT_BODIES]:
        yield Finding(
            "warn",
            f"{checks.set_aside[WITHOUT_BODIES]:,} wire records have no bodies.",
            hint="run the proxy with --record-bodies",
        )
    if checks.rejected[COMPRESSED]:
        yield Finding(
            "warn",
            f"{checks.rejected[COMPRESSED]:,} bodies were recorded compressed, and cannot be read.",
            hint="let the client send Accept-Encoding: identity while you record",
        )
    if checks.rejected:
        yield Finding("warn", f"{checks.rejected.total():,} lines could not be read; see the table below.")


def _tables(checks: Checks) -> Iterator[Table]:
    columns = [Column("validator", "Validator"), *(Column(name, name.capitalize(), "answers") for name in OUTCOMES)]
    rows: list[tuple[Cell, ...]] = [
        (name, *(checks.by_validator[name][outcome] for outcome in OUTCOMES)) for name in sorted(checks.by_validator)
    ]
    if rows:
        yield Table("validators", "Validators", columns, rows)
    if checks.examples:
        examples = [(one.line, one.validator, one.reason, one.evidence) for one in checks.examples]
        names = [Column("line", "Line", "lines"), Column("validator", "Validator"), Column("reason", "Reason")]
        yield Table("examples", "Invalid, for example", [*names, Column("evidence", "Evidence")], examples)
    reasons = [
        (name, outcome, reason, count)
        for name, counts in sorted(checks.reasons.items())
        for (outcome, reason), count in counts.most_common()
    ]
    if reasons:
        heads = [Column("validator", "Validator"), Column("outcome", "Outcome"), Column("reason", "Reason")]
        yield Table("reasons", "Why", [*heads, Column("answers", "Answers", "answers")], reasons)
    unread = [*_counted("set aside", checks.set_aside), *_counted("rejected", checks.rejected)]
    if unread:
        heads = [Column("what", "Lines"), Column("reason", "Reason"), Column("lines", "Count", "lines")]
        yield Table("not_judged", "Not judged", heads, unread)


def _counted(what: str, counts: "Counter[str]") -> list[tuple[str, str, int]]:
    return [(what, reason, count) for reason, count in counts.most_common()]
