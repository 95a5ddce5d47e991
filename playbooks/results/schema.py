"""What pages show of a result: of the JSON form of a report, the parts that are told. Numbers stay exact."""

import json
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator

from llmops.errors import NoData


def _number(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """An exact decimal is written as a string."""
    return Decimal(value) if isinstance(value, str) else value


Number = Annotated[int | Decimal, BeforeValidator(_number)]


class _Read(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Interval(_Read):
    """Where the true value lies; an open end is None."""

    low: Number | None
    high: Number | None
    level: Number | None


class Metric(_Read):
    """A number that describes itself."""

    name: str
    value: Number | None
    n: int | None
    interval: Interval | None
    scope: dict[str, str]
    unit: str


class Verdict(_Read):
    """The decision."""

    word: str
    because: str


class Finding(_Read):
    """What a reader must know."""

    level: str
    text: str
    hint: str


class Times(_Read):
    """Moments of a scenario."""

    first_receipt: AwareDatetime | None
    detected: AwareDatetime | None
    mitigated: AwareDatetime | None
    recovered: AwareDatetime | None


class Scenario(_Read):
    """The verdict of one scenario."""

    name: str
    verdict: str
    reason: str
    times: Times
    usd: Number | None


class Column(_Read):
    """A column of a table."""

    title: str
    unit: str


class Table(_Read):
    """Rows of cells under columns."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str | int | Decimal | None, ...], ...]

    @model_validator(mode="after")
    def _is_rectangular(self) -> Self:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError("a row has another number of cells than there are columns")
        return self


class Result(_Read):
    """One result, and the file that it was in."""

    file: str
    kind: str
    title: str
    finished_at: AwareDatetime
    verdict: Verdict | None
    summary: tuple[str, ...]
    metrics: tuple[Metric, ...]
    findings: tuple[Finding, ...]
    not_covered: tuple[str, ...]
    tables: tuple[Table, ...]
    scenarios: tuple[Scenario, ...]

    @property
    def dated(self) -> date:
        return self.finished_at.date()


def result_of(text: str, file: str) -> Result:
    """The result in a JSON text that gates can read. NoData where a part that pages show is not as it must be."""
    try:
        return Result.model_validate({**json.loads(text, parse_float=Decimal), "file": file})
    except (ValidationError, ValueError, TypeError, ArithmeticError) as error:
        first = (
            error.errors(include_url=False)[0] if isinstance(error, ValidationError) else {"loc": (), "msg": "no JSON"}
        )
        where = ".".join(map(str, first["loc"]))
        raise NoData(
            f"{file} is no whole result: {where}: {first['msg']}", hint="write it again with --format json"
        ) from error
