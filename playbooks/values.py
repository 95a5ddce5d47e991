"""What templates write: texts, figures and lists, each with its source and date."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from llmops.playbooks.results.schema import Metric, Result, Scenario, Table
from llmops.renderers.base import is_number, shown

DECIMAL = re.compile(r"-?[0-9]+\.[0-9]+")  # how JSON of ours writes exact numbers
NOT_MEASURED = "not measured"
NOT_STATED = "not stated"  # of what nobody measures, but somebody says
WORDLESS = {"ratio", "text"}  # units that the value itself shows
UNIT_WORDS = {"usd": "USD", "usd_per_mtok": "USD per million tokens", "per_second": "a second"}


@dataclass(frozen=True)
class Origin:
    """Who says so, and of which day it is."""

    what: str
    dated: date

    def __str__(self) -> str:
        return f"{self.what}, {self.dated}"


class Word(str):
    """One word without a sign that a shell, Markdown or HTML would obey: it may stand in code."""

    __slots__ = ()


@dataclass(frozen=True)
class Missing:
    """What a template may do without: said, never left out."""

    said: str = NOT_MEASURED

    def __str__(self) -> str:
        return self.said

    def __bool__(self) -> bool:
        return False

    def __iter__(self) -> Iterator[object]:
        return iter(())


@dataclass(frozen=True)
class Said:
    """A text that somebody or something said."""

    text: str
    origin: Origin | None = None  # None: of whoever renders the page

    def __str__(self) -> str:
        return self.text if self.origin is None else f"{self.text} ({self.origin})"


@dataclass(frozen=True)
class Figure:
    """A metric of a result."""

    metric: Metric
    origin: Origin

    @property
    def what(self) -> str:
        scope = ", ".join(f"{name} {value}" for name, value in self.metric.scope.items())
        return f"{self.metric.name} of {scope}" if scope else self.metric.name

    @property
    def value(self) -> str:
        if self.metric.value is None:
            return NOT_MEASURED
        return with_unit(self.metric.value, self.metric.unit)

    @property
    def certainty(self) -> str:
        """Its interval and its number of samples, as far as they are known."""
        return "; ".join(filter(None, [_ends(self.metric), _samples(self.metric.n)]))

    def __str__(self) -> str:
        told = "; ".join(filter(None, [self.certainty, str(self.origin)]))
        scope = ", ".join(f"{name} {value}" for name, value in self.metric.scope.items())
        return f"{f'{scope}: ' if scope else ''}{self.value} ({told})"


def with_unit(value: float | Decimal, unit: str) -> str:
    """Such as `0.45 s`."""
    text = _shown(value, unit)
    return text if unit in WORDLESS else f"{text} {UNIT_WORDS.get(unit, unit)}"


def _shown(value: float | Decimal, unit: str) -> str:
    """Only money is shown with its cents."""
    is_money = unit.startswith("usd") or isinstance(value, int)
    return shown(value if is_money else float(value), unit)


def _ends(metric: Metric) -> str:
    if metric.interval is None:
        return ""
    low, high = (
        "open" if end is None else _shown(end, metric.unit) for end in (metric.interval.low, metric.interval.high)
    )
    level = "" if metric.interval.level is None else f"{float(metric.interval.level) * 100:g} %: "
    return f"{level}{low} to {high}"


def _samples(n: int | None) -> str:
    return "" if n is None else f"{n:,} {'sample' if n == 1 else 'samples'}"


@dataclass(frozen=True)
class Many:
    """Several of a kind: a template writes them in a loop, or in one line."""

    items: Sequence[object]

    def __str__(self) -> str:
        return "; ".join(map(str, self.items))

    def __iter__(self) -> Iterator[object]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


@dataclass(frozen=True)
class Played:
    """What became of a scenario."""

    scenario: Scenario
    origin: Origin

    @property
    def name(self) -> str:
        return self.scenario.name

    @property
    def verdict(self) -> str:
        return self.scenario.verdict

    def after(self, moment: str) -> str:
        """How long after the first fault it came to be `detected`, `mitigated` or `recovered`."""
        began, at = self.scenario.times.first_receipt, getattr(self.scenario.times, moment)
        return NOT_MEASURED if began is None or at is None else with_unit(round((at - began).total_seconds(), 3), "s")

    @property
    def cost(self) -> str:
        return NOT_MEASURED if self.scenario.usd is None else with_unit(self.scenario.usd, "usd")

    def __str__(self) -> str:
        return f"{self.name}: {self.verdict}. {self.scenario.reason} ({self.origin})"


@dataclass(frozen=True)
class Tabled:
    """A table of a result."""

    table: Table
    origin: Origin

    def rows(self) -> Iterator[list[str]]:
        """Its cells as people read them."""
        for row in self.table.rows:
            yield [_cell(cell, column.unit) for cell, column in zip(row, self.table.columns, strict=True)]

    def __str__(self) -> str:
        return f"{self.table.title}: {len(self.table.rows)} rows ({self.origin})"


def _cell(cell: str | int | Decimal | None, unit: str) -> str:
    if isinstance(cell, str) and is_number(unit) and DECIMAL.fullmatch(cell):
        return _shown(Decimal(cell), unit)
    return shown(cell, unit) if cell is None or isinstance(cell, str) else _shown(cell, unit)


def origin_of(result: Result) -> Origin:
    return Origin(f"{result.kind} in {result.file}", result.dated)
