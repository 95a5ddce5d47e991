"""For pull requests and wikis: the report as GitHub-flavoured Markdown."""

from collections.abc import Iterator, Sequence

from llmops.renderers.base import is_number, printable, shown
from llmops.report import Chart, Column, Finding, Report, Source, Table


class Md:
    """The same order as the text: answer, tables, what to know, sources, what was not covered."""

    def render(self, report: Report) -> str:
        return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"# {_escaped(report.title)}"
    yield ""
    if report.verdict:
        yield from (f"**{report.verdict.word}**: {_escaped(report.verdict.because)}", "")
        yield from _bullets("What would change it", report.verdict.flips, level=3)
    for sentence in report.summary:
        yield f"- {_escaped(sentence)}"
    yield ""
    for table in report.tables:
        yield from _table(table)
    for chart in report.charts:
        yield from _table(_as_table(chart))
    yield from _bullets("What to know", [_finding(finding) for finding in report.findings])
    yield from _bullets("Sources", [_source(source) for source in report.sources])
    yield from _bullets("Not covered", report.not_covered)
    yield f"<sub>llmops {report.tool_version} · {report.id} · schema {report.schema_version}</sub>"


def _table(table: Table) -> Iterator[str]:
    yield f"## {_escaped(table.title)}"
    yield ""
    yield _row([column.title for column in table.columns])
    yield _row(["---:" if is_number(column.unit) else "---" for column in table.columns])
    for cells in table.rows:
        yield _row([shown(cell, column.unit) for cell, column in zip(cells, table.columns, strict=True)])
    if table.total:
        total = zip(table.total, table.columns, strict=True)
        yield _row([f"**{shown(cell, column.unit)}**" if cell != "" else "" for cell, column in total])
    yield ""
    if table.note:
        yield from (_escaped(table.note), "")


def _as_table(chart: Chart) -> Table:
    columns = [Column("label", ""), *(Column(name, name, chart.unit) for name in ("low", "value", "high"))]
    rows = [(bar.label, bar.low, bar.value, bar.high) for bar in chart.bars]
    return Table(chart.name, chart.title, columns, rows)


def _bullets(title: str, lines: Sequence[str], *, level: int = 2) -> Iterator[str]:
    if lines:
        yield from (f"{'#' * level} {title}", "", *(f"- {_escaped(line)}" for line in lines), "")


def _finding(finding: Finding) -> str:
    return f"{finding.level}: {finding.text}" + (f" ({finding.hint})" if finding.hint else "")


def _source(source: Source) -> str:
    dated = f", {source.dated}" if source.dated else ""
    return f"{source.name}: {source.what}{dated}" + (f" {source.url}" if source.url else "")


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(_escaped(cell).replace("|", "\\|") for cell in cells) + " |"


def _escaped(text: str) -> str:
    """On one line, and with nothing in it that Markdown or HTML would obey."""
    return printable(" ".join(text.split())).replace("\\", "\\\\").replace("<", "&lt;").replace("](", "]\\(")
