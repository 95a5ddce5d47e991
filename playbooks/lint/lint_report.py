"""What lint found, as the one report: a gate can ask for the age and the problems of runbooks."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from llmops.errors import ExitCode
from llmops.playbooks.lint.page_lint import Linted
from llmops.report import Cell, Column, Finding, Metric, Report, Table, Verdict, report_id

KIND = "playbook-lint"
COLUMNS = (
    Column("runbook", "Page"),
    Column("owner", "Owner"),
    Column("last", "Last exercised"),
    Column("commands", "Commands", "count"),
    Column("links", "Links", "count"),
    Column("problems", "Problems", "count"),
)
NOT_COVERED = "That the commands do what the page says: exercise it. Nothing was run, and no address was fetched."


def report_of(pages: Sequence[Linted], *, started_at: datetime, finished_at: datetime, tool_version: str) -> Report:
    return Report(
        kind=KIND,
        id=report_id(KIND, started_at),
        started_at=started_at,
        finished_at=finished_at,
        tool_version=tool_version,
        title="Lint of playbooks",
        system={"pages": " ".join(each.file for each in pages)},
        verdict=_verdict(pages),
        metrics=[*_metrics(pages)],
        findings=[*_findings(pages)],
        tables=[Table("pages", "Pages", COLUMNS, [_row(each) for each in pages])],
        not_covered=[NOT_COVERED],
    )


def _verdict(pages: Sequence[Linted]) -> Verdict:
    count, bad = sum(len(each.problems) for each in pages), [each for each in pages if each.problems]
    commands = sum(each.commands for each in pages)
    if not bad:
        return Verdict(
            "PASS", f"{_counted(len(pages), 'page')} with {_counted(commands, 'command')}: nothing is wrong."
        )
    first = bad[0].problems[0]
    more = f" (and {count - 1} more, see below)" if count > 1 else ""
    because = f"{bad[0].file}:{first.line}: {first.text}{more}."
    return Verdict("FAIL", because, exit_code=ExitCode.FAILED)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _metrics(pages: Sequence[Linted]) -> Iterator[Metric]:
    """The oldest age stands for all; one that is unknown leaves it unknown."""
    exercised = [each for each in pages if each.exercise.must_be]
    ages = [each.exercise.age_days for each in exercised]
    oldest = None if None in ages or not ages else max(age for age in ages if age is not None)
    yield Metric("runbook_age_days", oldest)
    yield Metric("runbook_problems", sum(len(each.problems) for each in pages))
    for each in pages:
        scope = {"runbook": each.file}
        if each.exercise.must_be:
            yield Metric("runbook_age_days", each.exercise.age_days, scope=scope)
        yield Metric("runbook_problems", len(each.problems), scope=scope)


def _findings(pages: Sequence[Linted]) -> Iterator[Finding]:
    for page in pages:
        for each in page.problems:
            yield Finding("fail", f"{page.file}:{each.line}: {each.text}", each.hint)
        if not page.commands:
            yield Finding("info", f"{page.file} names no llmops command", "")


def _row(page: Linted) -> Sequence[Cell]:
    told = page.exercise
    last = "not asked" if not told.must_be else told.last
    return (page.file, told.owner or None, last, page.commands, page.links, len(page.problems))
