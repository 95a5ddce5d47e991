"""For browsers: one page with everything in it; nothing is fetched, nothing runs."""

from collections.abc import Iterator, Sequence
from html import escape

from llmops.renderers.base import is_number, printable, shown
from llmops.report import Bar, Chart, Column, Finding, Report, Scenario, Source, Table, Verdict
from llmops.timeline import legend, timeline_svg

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem; color: #1f2430;
  background: #fff; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; } h3 { font-size: 1rem; }
.word { font-weight: 700; padding: .1rem .5rem; border-radius: .3rem; background: #e6e8ec; }
.PASS, .BUY, .BUILD { background: #d5ecdb; } .FAIL { background: #f6d3d6; } .INVALID { background: #f5e6bf; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; min-width: 50%; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { padding: .25rem .7rem; border-bottom: 1px solid #e2e4e8; text-align: left; vertical-align: top; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tfoot td { font-weight: 600; }
.bar { display: inline-block; height: .7rem; background: #6d8fb3; vertical-align: middle; }
svg { width: 100%; height: auto; } svg text { font: 11px system-ui, sans-serif; fill: #1f2430; }
svg .label { text-anchor: end; } svg .time { text-anchor: middle; fill: #666; } svg .tick { stroke: #00000014; }
.legend span { margin-right: 1rem; white-space: nowrap; }
.legend i { display: inline-block; width: .8rem; height: .8rem; margin-right: .3rem; vertical-align: -.1rem; }
.note, footer { color: #666; font-size: .85rem; }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


class Html:
    """The same order as the text: answer, scenarios, tables, what to know, sources, what was not covered."""

    def render(self, report: Report) -> str:
        return "\n".join(_page(report)) + "\n"


def _page(report: Report) -> Iterator[str]:
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{_text(report.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>"
    yield f"<h1>{_text(report.title)}</h1>"
    if report.verdict:
        yield from _verdict(report.verdict)
    yield from _list("", report.summary)
    for scenario in report.scenarios:
        yield from _scenario(scenario)
    for table in report.tables:
        yield from _table(table)
    for chart in report.charts:
        yield from _chart(chart)
    yield from _list("What to know", [_finding(finding) for finding in report.findings])
    yield from _sources(report.sources)
    yield from _list("Not covered", report.not_covered)
    yield from _about(report)
    yield "</body>\n</html>"


def _verdict(verdict: Verdict) -> Iterator[str]:
    yield f"<p>{_word(verdict.word)} {_text(verdict.because)}</p>"
    yield from _list("What would change it", verdict.flips, level=3)


def _scenario(scenario: Scenario) -> Iterator[str]:
    yield f"<section>\n<h2>{_text(scenario.title)}</h2>"
    yield f"<p>{_word(scenario.verdict)} {_text(scenario.reason)}</p>"
    timeline = scenario.timeline
    if timeline is not None:
        yield timeline_svg(timeline, f"Timeline of {scenario.name}")
        yield legend(timeline)
        if timeline.left_out:
            yield f'<p class="note">{timeline.left_out:,} later requests are not drawn.</p>'
    yield "</section>"


def _table(table: Table) -> Iterator[str]:
    yield f'<div class="scroll"><table>\n<caption>{_text(table.title)}</caption>'
    heads = "".join(f"<th{_kind(column)}>{_text(column.title)}</th>" for column in table.columns)
    yield f"<thead><tr>{heads}</tr></thead>\n<tbody>"
    for cells in table.rows:
        yield "<tr>" + "".join(map(_cell, cells, table.columns)) + "</tr>"
    yield "</tbody>"
    if table.total:
        yield f"<tfoot><tr>{''.join(map(_cell, table.total, table.columns))}</tr></tfoot>"
    yield "</table></div>"
    if table.note:
        yield f'<p class="note">{_text(table.note)}</p>'


def _cell(value: object, column: Column) -> str:
    text = "" if value == "" else shown(value, column.unit)  # type: ignore[arg-type] # a cell of a table
    return f"<td{_kind(column)}>{_text(text)}</td>"


def _kind(column: Column) -> str:
    return ' class="number"' if is_number(column.unit) else ""


def _chart(chart: Chart) -> Iterator[str]:
    yield f'<div class="scroll"><table>\n<caption>{_text(chart.title)}</caption>\n<tbody>'
    largest = max((abs(float(bar.value)) for bar in chart.bars), default=0.0) or 1.0
    for bar in chart.bars:
        wide = 100 * max(0.0, float(bar.value)) / largest
        mark = f'<span class="bar" style="width:{wide:.1f}%"></span>'
        yield f'<tr><th>{_text(bar.label)}</th><td class="number">{_text(_with_range(bar, chart.unit))}</td>'
        yield f'<td style="width:60%">{mark}</td></tr>'
    yield "</tbody></table></div>"


def _with_range(bar: Bar, unit: str) -> str:
    ends = "" if bar.low is None and bar.high is None else f" ({shown(bar.low, unit)} to {shown(bar.high, unit)})"
    return shown(bar.value, unit) + ends


def _list(title: str, lines: Sequence[str], *, level: int = 2) -> Iterator[str]:
    if not lines:
        return
    if title:
        yield f"<h{level}>{_text(title)}</h{level}>"
    yield "<ul>" + "".join(f"<li>{_text(line)}</li>" for line in lines) + "</ul>"


def _finding(finding: Finding) -> str:
    return f"{finding.level}: {finding.text}" + (f" ({finding.hint})" if finding.hint else "")


def _sources(sources: Sequence[Source]) -> Iterator[str]:
    if sources:
        yield "<h2>Sources</h2>"
        yield "<ul>" + "".join(f"<li>{_source(source)}</li>" for source in sources) + "</ul>"


def _source(source: Source) -> str:
    dated = f", {source.dated}" if source.dated else ""
    words = f"{_text(source.name)}: {_text(source.what)}{dated}"
    if not source.url.startswith(("https://", "http://")):
        return f"{words} {_text(source.url)}".rstrip()
    return f'{words} <a href="{_text(source.url)}" rel="noreferrer">{_text(source.url)}</a>'


def _about(report: Report) -> Iterator[str]:
    judged = " · ".join(f"{name}: {value}" for name, value in report.system.items())
    seed = "" if report.seed is None else f" · seed {report.seed}"
    yield f"<footer><p>{_text(judged)}</p>" if judged else "<footer>"
    made = f"llmops {report.tool_version} · {report.id}{seed} · schema {report.schema_version}"
    yield f"<p>{_text(made)}</p></footer>"


def _word(word: str) -> str:
    kind = word if word.isalpha() else ""
    return f'<span class="word {kind}">{_text(word)}</span>'


def _text(text: str) -> str:
    """Safe inside a page, also between quotes: what a log or a model said is shown and never obeyed."""
    return escape(printable(text))
