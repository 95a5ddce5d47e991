"""What the gates said, as the one report."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from llmops.chaos.experiments.verdict import exit_code
from llmops.chaos.gates.baseline import Comparison
from llmops.chaos.gates.quoting import quoted
from llmops.chaos.gates.results.reading import Usable
from llmops.chaos.gates.rows import EXCUSED, Judgment, Row, Word, with_word
from llmops.report import Cell, Column, Finding, Report, Source, Table, Verdict, report_id

KIND = "gate"
WORDS: tuple[Word, ...] = ("FAIL", "INVALID", "WARN", "WAIVED", "PASS")
SHOWN_GONE = 5
LONGEST_WAIVER_DAYS = 366
ASSUMED = (
    "Intervals assume that requests fail independently of one another, and every gate is judged by itself: of many "
    "gates on chance alone, some fail."
)


def report_of(judgment: Judgment, *, started_at: datetime, finished_at: datetime, tool_version: str) -> Report:
    """The report of a run of gates."""
    return Report(
        kind=KIND,
        id=report_id(KIND, started_at),
        started_at=started_at,
        finished_at=finished_at,
        tool_version=tool_version,
        title="Reliability gates",
        system={"gates": judgment.gates.file, "results": " ".join(each.file for each in judgment.results)},
        verdict=_verdict(judgment.rows),
        summary=[*_summary(judgment)],
        findings=[*_findings(judgment), *_long_waivers(judgment, started_at.date())],
        tables=[_table(judgment)],
        sources=[_source(each) for each in judgment.results if isinstance(each, Usable)],
        not_covered=[*_not_covered(judgment)],
    )


def _verdict(rows: Sequence[Row]) -> Verdict:
    code = exit_code(row.counts_as for row in rows)
    bad = [*with_word(rows, "FAIL"), *with_word(rows, "INVALID")]
    if not bad:
        return Verdict("PASS", f"{_counted(rows, ('PASS', *EXCUSED))}, and nothing fails.", exit_code=code)
    first = bad[0]
    more = f" (and {len(bad) - 1} more, see below)" if len(bad) > 1 else ""
    return Verdict("FAIL" if first.word == "FAIL" else "INVALID", f"{_sentence(first)}{more}.", exit_code=code)


def _sentence(row: Row) -> str:
    """A row in a sentence; the reason of a comparison or a file names itself."""
    return (f"{row.name}: {row.reason}" if row.kind == "gate" else row.reason).rstrip(".")


def _counted(rows: Sequence[Row], words: Sequence[Word] = WORDS) -> str:
    counts = Counter(row.word for row in rows)
    return ", ".join(f"{counts[word]} {word}" for word in words if counts[word])


def _summary(judgment: Judgment) -> Iterator[str]:
    usable = sum(isinstance(each, Usable) for each in judgment.results)
    gates, results = len(judgment.gates.gates), len(judgment.results)
    yield (
        f"{gates} {'gate' if gates == 1 else 'gates'} on {usable} of {results} "
        f"{'result' if results == 1 else 'results'}: {_counted(judgment.rows)}."
    )
    yield from map(_beside, judgment.comparisons)


def _beside(comparison: Comparison) -> str:
    told = (
        ", ".join(dict.fromkeys(each.name for each in comparison.told))
        or "of what was compared, nothing is newly worse"
    )
    held = f"{comparison.held} figures are no worse than is tolerated"
    noise = f", {comparison.noise} are worse and may be so by chance" if comparison.noise else ""
    return f"Beside {comparison.baseline}: {told}; {held}{noise}."


def _table(judgment: Judgment) -> Table:
    several = len(judgment.results) > 1
    columns = (
        Column("gate", "Gate"),
        Column("verdict", "Verdict"),
        Column("scope", "Of"),
        Column("reason", "Why", "detail"),
    )
    ordered = [row for word in WORDS for row in with_word(judgment.rows, word)]
    return Table("gates", "Gates", columns, [[*_cells(row, several=several)] for row in ordered])


def _cells(row: Row, *, several: bool) -> Iterator[Cell]:
    yield from (row.name, row.word, row.where or None)
    yield f"{row.file}: {row.reason}" if several and row.file and row.kind == "gate" else row.reason


def _findings(judgment: Judgment) -> Iterator[Finding]:
    for row in judgment.rows:
        if row.note and row.word == "PASS":
            yield Finding("info", row.note, "take it away")
    for comparison in judgment.comparisons:
        if comparison.gone:
            names = ", ".join(comparison.gone[:SHOWN_GONE])
            more = f" and {len(comparison.gone) - SHOWN_GONE} more" if len(comparison.gone) > SHOWN_GONE else ""
            yield Finding("warn", f"Only {comparison.baseline} has the scenarios {names}{more}.", "run them again")


def _long_waivers(judgment: Judgment, today: date) -> Iterator[Finding]:
    for gate in judgment.gates.gates:
        if gate.waiver is not None and (gate.waiver.until - today).days > LONGEST_WAIVER_DAYS:
            said = (
                f"{gate.name}: the waiver of {quoted(gate.waiver.owner)} lasts until {gate.waiver.until}, over a year"
            )
            yield Finding("warn", f"{said}.", "let it lapse sooner: a waiver is for a while")


def _source(one: Usable) -> Source:
    result = one.result
    return Source(one.file, f"{result.kind} {result.id}", result.finished_at.date())


def _not_covered(judgment: Judgment) -> Iterator[str]:
    yield ASSUMED
    if judgment.gates.max_age is None:
        yield "How old the results are was not asked: the gate file has no max_age."
    for comparison in judgment.comparisons:
        if comparison.not_compared:
            yield f"Not compared with {comparison.baseline}: {', '.join(sorted(comparison.not_compared))}."
        if comparison.new:
            yield f"{comparison.new} figures are not in {comparison.baseline}, or on too few samples to compare."
