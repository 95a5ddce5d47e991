"""The one result of every command: what was found, from which sources, and what was not covered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from llmops.errors import ExitCode
from llmops.metrics import unit_of
from llmops.scenario import (
    Scenario,
    ScenarioCheck,
    ScenarioReceipts,
    ScenarioTimes,
    Span,
    Timeline,
    TimelineAttempt,
    TimelineRequest,
)

__all__ = [
    "Bar",
    "Cell",
    "Chart",
    "Column",
    "Finding",
    "Interval",
    "Metric",
    "Number",
    "Report",
    "Scenario",
    "ScenarioCheck",
    "ScenarioReceipts",
    "ScenarioTimes",
    "Source",
    "Span",
    "Table",
    "Timeline",
    "TimelineAttempt",
    "TimelineRequest",
    "Verdict",
    "report_id",
]

SCHEMA_VERSION = 1
"""Of the JSON form, described in `report.schema.json`; raised when a reader of the old form would misread the new."""

Number = int | float | Decimal
Cell = str | Number | date | None
"""A value in a table; None is unknown, which is never zero."""


@dataclass(frozen=True)
class Interval:
    """Where the true value lies: an open end is None."""

    low: Number | None
    high: Number | None
    level: float | None = None  # 0..1; None where the ends are assumptions and not statistics
    side: Literal["two", "lower", "upper"] = "two"


@dataclass(frozen=True)
class Metric:
    """A number that describes itself, so that a gate can judge it without knowing who measured it."""

    name: str  # from llmops.metrics
    value: Number | None  # None where it could not be measured
    n: int | None = None  # how many observations stand behind it
    interval: Interval | None = None
    scope: Mapping[str, str] = field(default_factory=dict)  # {} is the whole; else e.g. {"model": "gpt-5"}
    numerator: Number | None = None
    denominator: Number | None = None

    @property
    def unit(self) -> str:
        return unit_of(self.name)


@dataclass(frozen=True)
class Verdict:
    """The decision, why it fell, and what would turn it."""

    word: str  # BUY, BUILD, INCONCLUSIVE; PASS, FAIL, INVALID
    because: str
    flips: Sequence[str] = ()
    exit_code: ExitCode = ExitCode.PASS


@dataclass(frozen=True)
class Finding:
    """Something the reader must know, and what to do about it."""

    level: Literal["info", "warn", "fail"]
    text: str
    hint: str = ""


@dataclass(frozen=True)
class Column:
    """A column of a table; the unit decides how its cells are shown and on which side they stand."""

    name: str
    title: str
    unit: str = "text"


@dataclass(frozen=True)
class Table:
    """Rows of cells under columns, with a line of totals where sums make sense."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell] | None = None
    note: str = ""


@dataclass(frozen=True)
class Bar:
    """One bar of a chart: a value, and the ends of its range where it has one."""

    label: str
    value: Number
    low: Number | None = None
    high: Number | None = None


@dataclass(frozen=True)
class Chart:
    """Horizontal bars on one axis."""

    name: str
    title: str
    unit: str
    bars: Sequence[Bar]


@dataclass(frozen=True)
class Source:
    """Where a figure comes from, and of which day it is."""

    name: str
    what: str
    dated: date | None = None  # None where the source has no date: said in `what`
    url: str = ""


@dataclass(frozen=True)
class Report:
    """The one result schema. Renderers turn it into text, JSON, Markdown and HTML; stdout carries nothing else."""

    kind: str
    id: str
    started_at: datetime
    finished_at: datetime
    tool_version: str
    title: str
    system: Mapping[str, str] = field(default_factory=dict)  # what was judged: logs, models, configuration
    seed: int | None = None  # None where no dice were thrown
    verdict: Verdict | None = None
    summary: Sequence[str] = ()  # the answer in a few sentences: the first screen
    metrics: Sequence[Metric] = ()
    findings: Sequence[Finding] = ()
    tables: Sequence[Table] = ()
    charts: Sequence[Chart] = ()
    sources: Sequence[Source] = ()
    not_covered: Sequence[str] = ()
    scenarios: Sequence[Scenario] = ()  # of an experiment; none elsewhere
    schema_version: int = SCHEMA_VERSION

    @property
    def exit_code(self) -> ExitCode:
        return self.verdict.exit_code if self.verdict else ExitCode.PASS


def report_id(kind: str, started_at: datetime) -> str:
    """An id that sorts by time and is unique to the microsecond, such as `bill-20261125T101500.123456Z`."""
    return f"{kind}-{started_at:%Y%m%dT%H%M%S.%f}Z"
