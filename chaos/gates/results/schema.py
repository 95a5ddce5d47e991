"""What gates read of a result: of the JSON form of a report, those parts that they judge. Numbers stay exact."""

import re
from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, Strict, ValidationError

from llmops.report import SCHEMA_VERSION

DECIMAL = re.compile(r"-?[0-9]+\.[0-9]{2,}")  # an exact decimal, as `report.schema.json` writes it
LARGEST = Decimal("1e300")


def _number(value: Any) -> Decimal:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, str) and DECIMAL.fullmatch(value):
        value = Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("it is no number")  # noqa: TRY004 - pydantic wants it
    number = Decimal(value)
    if abs(number) > LARGEST:
        raise ValueError("it is no number that can be")
    return number


def _time(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    if not isinstance(value, str):
        raise ValueError("it is no time")  # noqa: TRY004 - pydantic wants it
    return value


Number = Annotated[Decimal, BeforeValidator(_number)]
Time = Annotated[AwareDatetime, Strict(strict=False), BeforeValidator(_time)]
Count = Annotated[int, Field(ge=0)]
Word = Literal["PASS", "FAIL", "INVALID"]
Scope = tuple[tuple[str, str], ...]


class _Read(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)


class Interval(_Read):
    """Where the true value lies; an open end is None."""

    low: Number | None
    high: Number | None
    level: Number | None

    def holds(self, value: Decimal | None, rounding: Decimal) -> bool:
        """Whether its ends rise, and the value lies between them."""
        ends = [end for end in (self.low, value, self.high) if end is not None]
        return all(one <= other + rounding * abs(other) for one, other in pairwise(ends))


class Metric(_Read):
    """A number that describes itself."""

    name: str
    value: Number | None
    n: Count | None
    interval: Interval | None
    scope: dict[str, str]
    numerator: Number | None
    denominator: Number | None
    unit: str

    @property
    def key(self) -> tuple[str, Scope]:
        """What it is, for comparing it with that of another result."""
        return self.name, tuple(sorted(self.scope.items()))


class Check(_Read):
    """One expectation of a scenario."""

    name: str
    verdict: Word
    n: Count | None = None  # requests it was judged by; a result that leaves it out says nothing
    limit: Number | None = None


class Receipts(_Read):
    """What the proxies say that the faults did."""

    expected: Count | None = None
    fired: Count


class Scenario(_Read):
    """The verdict of one scenario."""

    name: str
    verdict: Word
    reason: str
    checks: list[Check]
    outcomes: dict[str, Count]
    receipts: Receipts | None = None


class Verdict(_Read):
    """The decision of a result."""

    word: str
    because: str
    exit_code: Annotated[int, Field(ge=0, le=4)]


class Result(_Read):
    """One result."""

    kind: str
    id: str
    started_at: Time
    finished_at: Time
    verdict: Verdict | None
    metrics: list[Metric]
    scenarios: list[Scenario]
    system: dict[str, str] = {}
    schema_version: int


class Unreadable(Exception):
    """Why these data are no result of ours, in a part of a sentence."""


def result_from(data: Any) -> Result:  # noqa: ANN401 - whatever JSON holds
    """The result that the data describe. Unreadable."""
    if not isinstance(data, Mapping):
        raise Unreadable("is no result of llmops: it holds no mapping")
    _refuse_other_version(data)
    try:
        return Result.model_validate(dict(data))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        if first["type"] == "missing":
            raise Unreadable(f"is no whole result: {where} is missing") from error
        raise Unreadable(f"cannot be used: {where}: {_told(first['msg'])}") from error


def _refuse_other_version(data: Mapping[str, Any]) -> None:
    if "schema_version" not in data:
        raise Unreadable("is no result of llmops: it names no schema_version")
    version = data["schema_version"]
    if version is True or version != SCHEMA_VERSION or not isinstance(version, int):
        said = "another" if not isinstance(version, int) or isinstance(version, bool) else str(version)
        raise Unreadable(f"is of schema version {said}, and {SCHEMA_VERSION} is read here: write it again")


def _told(message: str) -> str:
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:]
