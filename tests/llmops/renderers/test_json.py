"""The report for programs, and the schema that describes it."""

import dataclasses
import json
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from llmops import report as report_module
from llmops.metrics import METRICS
from llmops.renderers.json import Json
from llmops.report import SCHEMA_VERSION, Column, Metric, Report, Table, Verdict

SCHEMA = json.loads(files("llmops").joinpath("report.schema.json").read_text(encoding="utf-8"))
CLASSES = [
    thing for thing in vars(report_module).values() if isinstance(thing, type) and dataclasses.is_dataclass(thing)
]


def rendered(report: Report) -> Any:
    return json.loads(Json().render(report))


def check(data: object) -> None:
    Draft202012Validator(SCHEMA, format_checker=FormatChecker()).validate(data)


def schema_of(thing: type) -> dict[str, Any]:
    found: dict[str, Any] = SCHEMA if thing is Report else SCHEMA["$defs"][thing.__name__]
    return found


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_a_full_and_an_empty_report_are_valid(full_report: Report, empty_report: Report) -> None:
    check(rendered(full_report))
    check(rendered(empty_report))


@pytest.mark.parametrize("thing", CLASSES, ids=lambda thing: thing.__name__)
def test_every_field_is_in_the_schema_and_nothing_else(thing: type[Any]) -> None:
    names = {field.name for field in dataclasses.fields(thing)} | ({"unit"} if thing is Metric else set())
    schema = schema_of(thing)
    assert set(schema["properties"]) == names
    assert set(schema["required"]) == names
    assert schema["additionalProperties"] is False


def test_the_schema_describes_no_class_that_is_gone() -> None:
    shapes = {name for name, schema in SCHEMA["$defs"].items() if schema.get("type") == "object"}
    assert shapes == {thing.__name__ for thing in CLASSES} - {"Report"}


@pytest.mark.parametrize("thing", CLASSES, ids=lambda thing: thing.__name__)
def test_every_property_has_a_description(thing: type) -> None:
    for name, schema in schema_of(thing)["properties"].items():
        assert schema.get("description"), name


@pytest.mark.parametrize("thing", CLASSES, ids=lambda thing: thing.__name__)
def test_what_may_be_none_may_be_null_and_nothing_else(thing: type[Any]) -> None:
    hints = typing.get_type_hints(thing)
    for field in dataclasses.fields(thing):
        assert allows_null(schema_of(thing)["properties"][field.name]) == allows_none(hints[field.name]), field.name


def allows_none(hint: object) -> bool:
    union = typing.get_origin(hint) in {types.UnionType, typing.Union}
    return hint is type(None) or (union and any(allows_none(arm) for arm in typing.get_args(hint)))


def allows_null(schema: Mapping[str, Any]) -> bool:
    return Draft202012Validator({**schema, "$defs": SCHEMA["$defs"]}).is_valid(None)


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1},
        {"schema_version": 2},
        {"kind": 3},
        {"started_at": "yesterday"},
        {"verdict": {"word": "BUY"}},
        {"metrics": [{}]},
        {"findings": [{"level": "shout", "text": "a", "hint": ""}]},
    ],
)
def test_the_schema_refuses(full_report: Report, change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        check(rendered(full_report) | change)


def test_the_version_in_the_schema_is_that_of_the_reports() -> None:
    assert SCHEMA["properties"]["schema_version"]["const"] == SCHEMA_VERSION


def test_the_units_of_metrics_are_those_of_the_list() -> None:
    assert set(SCHEMA["$defs"]["Metric"]["properties"]["unit"]["enum"]) == set(METRICS.values())


def test_money_is_written_to_its_last_digit_and_as_text(empty_report: Report) -> None:
    amounts = [Decimal("1234567.0000000000001"), Decimal("1E+3"), Decimal("-0.5"), Decimal(0)]
    table = Table("t", "T", [Column("usd", "USD", "usd")], [[amount] for amount in amounts])
    cells = rendered(replace(empty_report, tables=[table]))["tables"][0]["rows"]
    assert cells == [["1234567.0000000000001"], ["1000.00"], ["-0.50"], ["0.00"]]
    assert [Decimal(cell) for (cell,) in cells] == amounts


def test_a_metric_says_its_unit(full_report: Report) -> None:
    assert rendered(full_report)["metrics"][0]["unit"] == "ratio"


def test_unknown_is_null(full_report: Report) -> None:
    assert rendered(full_report)["metrics"][2]["value"] is None
    assert rendered(full_report)["tables"][0]["rows"][1][2] is None


def test_the_exit_code_is_a_number(empty_report: Report) -> None:
    assert rendered(replace(empty_report, verdict=Verdict("BUY", "so")))["verdict"]["exit_code"] == 0


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("nan"), Decimal("-inf")])
def test_what_is_no_number_is_refused(empty_report: Report, value: float | Decimal) -> None:
    with pytest.raises(ValueError, match=r"no number|not JSON compliant"):
        Json().render(replace(empty_report, metrics=[Metric("self_host_gpus", value)]))


@pytest.mark.parametrize("text", ["größer 模型 😀", "\x1b[31m", '"quoted"\n', "half \udcff"])
def test_any_text_survives_the_round_trip(empty_report: Report, text: str) -> None:
    page = Json().render(replace(empty_report, title=text))
    assert json.loads(page.encode())["title"] == text
    assert "\x1b" not in page


def test_sequences_of_any_kind_become_lists(empty_report: Report) -> None:
    summary: Sequence[str] = ("a", "b")
    assert rendered(replace(empty_report, summary=summary))["summary"] == ["a", "b"]
