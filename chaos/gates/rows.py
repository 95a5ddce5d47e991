"""Everything that was judged, as rows of one kind: gates, comparisons with a baseline, and files of no use.

A FAIL, and what was measured and is merely undecided, may be excused: by `level: warn`, or by a waiver until it lapses.
A lack of data never is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from llmops.chaos import intervals
from llmops.chaos.gates.baseline import Compared, Comparison, Level, compared
from llmops.chaos.gates.conditions import Bound
from llmops.chaos.gates.judged import Judged
from llmops.chaos.gates.judging import judge
from llmops.chaos.gates.loader import Gate, GateFile
from llmops.chaos.gates.measured import Found
from llmops.chaos.gates.quoting import quoted
from llmops.chaos.gates.results.reading import Read, Unusable, Usable
from llmops.chaos.gates.schema import Waiver

Word = Literal["PASS", "WARN", "WAIVED", "FAIL", "INVALID"]
COUNTS_AS: dict[Word, intervals.Word] = {
    "PASS": "PASS", "WARN": "PASS", "WAIVED": "PASS", "FAIL": "FAIL", "INVALID": "INVALID",
}  # fmt: skip
EXCUSED: tuple[Word, ...] = ("WARN", "WAIVED")


@dataclass(frozen=True)
class Row:
    """One thing that was judged."""

    kind: Literal["gate", "baseline", "result"]
    name: str
    word: Word
    reason: str
    file: str = ""  # the result
    where: str = ""  # the scope in it
    line: int | None = None  # in the gate file
    note: str = ""  # about its waiver, where nothing came of it

    @property
    def counts_as(self) -> intervals.Word:
        """What it is to an exit code."""
        return COUNTS_AS[self.word]


@dataclass(frozen=True)
class Judgment:
    """All rows, and what was compared."""

    gates: GateFile
    results: Sequence[Read]
    rows: Sequence[Row]
    comparisons: Sequence[Comparison] = ()


def judged(gates: GateFile, results: Sequence[Read], baselines: Sequence[Read], today: date) -> Judgment:
    """The gates and the baselines against the results. `today` is by UTC."""
    usable = [one for one in results if isinstance(one, Usable)]
    comparisons = [
        compared(usable, each, _gated(gates), gates.tolerances) for each in baselines if isinstance(each, Usable)
    ]
    rows = [_of_no_use(each) for each in [*results, *baselines] if isinstance(each, Unusable)]
    rows += [_of_gate(each, today) for gate in gates.gates for each in judge(gate, usable)]
    rows += [_of_comparison(each) for comparison in comparisons for each in comparison.told]
    return Judgment(gates, results, rows, comparisons)


def _gated(gates: GateFile) -> dict[str, Level]:
    """The metrics that gates name, with the strictest level."""
    named = [(gate.condition.metric, gate.level) for gate in gates.gates if isinstance(gate.condition, Bound)]
    return dict(sorted(named, key=lambda pair: pair[1], reverse=True))  # fail comes last, and stays


def _of_no_use(read: Unusable) -> Row:
    return Row("result", read.file, "INVALID", read.reason, read.file)


def _of_comparison(one: Compared) -> Row:
    name = " ".join(filter(None, [one.name, one.where]))
    return Row("baseline", name, excused(one.found, one.level), one.found.reason, one.file, one.where)


def _of_gate(one: Judged, today: date) -> Row:
    gate, waiver = one.gate, one.gate.waiver
    word = excused(one.found, gate.level, waiver if waiver and waiver.is_in_force(today) else None)
    row = Row("gate", gate.name, word, one.found.reason, one.file, one.where, gate.line)
    return _with_waiver(row, gate, waiver, today) if waiver else row


def excused(found: Found, level: Level, waiver: Waiver | None = None) -> Word:
    """The word that counts, with a waiver that is in force."""
    if found.word == "PASS" or (found.word == "INVALID" and not found.is_undecided):
        return found.word
    if waiver is not None:
        return "WAIVED"
    return "WARN" if level == "warn" else found.word


def _with_waiver(row: Row, gate: Gate, waiver: Waiver, today: date) -> Row:
    owner = quoted(waiver.owner)
    if row.word == "WAIVED":
        return replace(row, reason=f"{row.reason} (waived by {owner} until {waiver.until}: {quoted(waiver.reason)})")
    if not waiver.is_in_force(today):
        lapsed = f"the waiver of {owner} lapsed on {waiver.until}"
        return replace(row, reason=f"{row.reason}; {lapsed}", note=lapsed)
    return replace(row, note=f"{gate.name}: the waiver of {owner} is not needed") if row.word == "PASS" else row


def with_word(rows: Sequence[Row], *words: Word) -> Iterator[Row]:
    """Those rows that have one of these words."""
    return (row for row in rows if row.word in words)
