"""For people at a terminal: 80 columns, the answer first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table as Grid
from rich.text import Text as Styled

from llmops.renderers.base import DETAIL, is_number, printable, shown
from llmops.report import Bar, Cell, Chart, Column, Finding, Number, Report, Source, Table, Verdict

VERDICT_STYLES = {"PASS": "green", "BUY": "green", "BUILD": "green", "FAIL": "red"}
FINDING_STYLES = {"info": "cyan", "warn": "yellow", "fail": "red"}
BAR_CELLS = 30
READABLE_TEXT = 12  # columns; a narrower column of text is a ribbon


@dataclass(frozen=True)
class Text:
    """Plain at 80 columns unless told that a terminal is wider or shows colours."""

    width: int = 80
    color: bool = False

    def render(self, report: Report) -> str:
        page = StringIO()
        console = Console(
            file=page,
            width=self.width,
            force_terminal=self.color,
            no_color=not self.color,
            highlight=False,
            markup=False,
            emoji=False,
        )
        for part in _parts(report, self.width):
            console.print(part)
        return "\n".join(line.rstrip() for line in page.getvalue().splitlines()) + "\n"


def _parts(report: Report, width: int) -> Iterator[RenderableType]:
    yield _styled(report.title, "bold")
    if report.verdict:
        yield _verdict(report.verdict)
    for sentence in report.summary:
        yield _bullet("•", sentence)
    for table in report.tables:
        yield from ("", _styled(table.title, "bold"), _grid(table) if _fits(table, width) else _stacked(table))
        if table.note:
            yield _styled(table.note, "dim")
    for chart in report.charts:
        yield from ("", _styled(chart.title, "bold"), _bars(chart))
    yield from _section("What to know", [_finding(finding) for finding in report.findings])
    yield from _section("Sources", [_bullet("•", _source(source)) for source in report.sources])
    yield from _section("Not covered", [_bullet("•", line) for line in report.not_covered])


def _verdict(verdict: Verdict) -> RenderableType:
    body = _styled("\n↔ ".join([verdict.because, *verdict.flips]))
    return Panel(
        body, title=Styled(verdict.word), title_align="left", border_style=VERDICT_STYLES.get(verdict.word, "yellow")
    )


def _grid(table: Table) -> RenderableType:
    grid = Grid(box=None, padding=(0, 1), show_footer=table.total is not None, header_style="bold", footer_style="bold")
    footers = table.total or [""] * len(table.columns)
    for column, footer in zip(table.columns, footers, strict=True):
        if column.unit != DETAIL:
            grid.add_column(
                column.title,
                footer="" if footer == "" else shown(footer, column.unit),
                justify="right" if is_number(column.unit) else "left",
                no_wrap=is_number(column.unit),
                overflow="fold",
            )
    for cells in table.rows:
        grid.add_row(*_grid_row(cells, table.columns))
    return grid


def _grid_row(cells: Sequence[Cell], columns: Sequence[Column]) -> list[Styled]:
    """The cells as shown; details go below the first cell, on lines of their own."""
    texts = [(shown(cell, column.unit), column.unit) for cell, column in zip(cells, columns, strict=True)]
    row = [Styled(text) for text, unit in texts if unit != DETAIL]
    for text in (text for text, unit in texts if unit == DETAIL and text):
        row[0].append(f"\n{text}", style="dim")
    return row


def _fits(table: Table, width: int) -> bool:
    """Whether every number has room beside texts of a readable width; rich would cut digits off where it has none."""
    return sum(_least_width(table, at) + 2 for at, column in enumerate(table.columns) if column.unit != DETAIL) <= width


def _least_width(table: Table, at: int) -> int:
    column = table.columns[at]
    cells = [shown(row[at], column.unit) for row in _all_rows(table)]
    widest = max(cell_len(text) for text in [column.title, *cells])
    return widest if is_number(column.unit) else min(widest, READABLE_TEXT)


def _all_rows(table: Table) -> list[Sequence[Cell]]:
    return [*table.rows, table.total] if table.total else [*table.rows]


def _stacked(table: Table) -> RenderableType:
    """Each row as lines of its own, a column a line: for tables wider than the page."""
    grid = Grid.grid(padding=(0, 1))
    grid.add_column(style="bold", max_width=READABLE_TEXT * 2, overflow="fold")
    grid.add_column(overflow="fold")
    for number, cells in enumerate(_all_rows(table)):
        if number:
            grid.add_row()
        for cell, column in zip(cells, table.columns, strict=True):
            if cell != "":
                grid.add_row(_styled(column.title), Styled(shown(cell, column.unit)))
    return Padding(grid, (0, 0, 0, 1))


def _bars(chart: Chart) -> RenderableType:
    grid = Grid(box=None, padding=(0, 1), show_header=False)
    grid.add_column(overflow="fold")
    grid.add_column(no_wrap=True, width=BAR_CELLS)
    grid.add_column(justify="right", overflow="fold")  # may wrap: a number is never cut
    end = max((float(_end(bar)) for bar in chart.bars), default=0.0)
    for bar in chart.bars:
        grid.add_row(_styled(bar.label), _cells(bar, end), _range(bar, chart.unit))
    return grid


def _end(bar: Bar) -> Number:
    return bar.value if bar.high is None else bar.high


def _cells(bar: Bar, end: float) -> str:
    """A bar of full cells to its low end, light ones to its high end, with the value marked between them."""
    if end <= 0:
        return ""
    low, value, high = (
        round(float(x) / end * BAR_CELLS) for x in (bar.value if bar.low is None else bar.low, bar.value, _end(bar))
    )
    cells = ["█"] * low + ["░"] * (high - low)
    if bar.high is not None and cells:
        cells[max(0, min(value, len(cells)) - 1)] = "▌"
    return "".join(cells)


def _range(bar: Bar, unit: str) -> str:
    if bar.low is None or bar.high is None:
        return shown(bar.value, unit)
    return f"{shown(bar.low, unit)} to {shown(bar.high, unit)}"


def _section(title: str, items: list[RenderableType]) -> Iterator[RenderableType]:
    if items:
        yield from ("", _styled(title, "bold"), *items)


def _bullet(mark: str, text: str, style: str = "") -> RenderableType:
    grid = Grid.grid(padding=(0, 1))
    grid.add_column(style=style, no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(mark, _styled(text))
    return Padding(grid, (0, 0, 0, 1))


def _finding(finding: Finding) -> RenderableType:
    text = f"{finding.text} → {finding.hint}" if finding.hint else finding.text
    mark = {"info": "i", "warn": "!", "fail": "✗"}[finding.level]
    return _bullet(mark, text, FINDING_STYLES[finding.level])


def _source(source: Source) -> str:
    dated = f" ({source.dated})" if source.dated else ""
    return f"{source.name}{dated}: {source.what}" + (f" {source.url}" if source.url else "")


def _styled(text: str, style: str = "") -> Styled:
    """Text that may come from a log: shown as it is, never as markup, and without control characters."""
    return Styled(printable(text), style=style)
