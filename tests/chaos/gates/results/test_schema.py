"""What is read of a result."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from llmops.chaos.gates.results.schema import Interval, Unreadable, result_from


def read(data: Any) -> Any:
    return result_from(data)


@pytest.fixture
def data(make: SimpleNamespace) -> dict[str, Any]:
    """A load, with the numbers as a strict parser gives them."""
    found: dict[str, Any] = exact(make.data(make.load()))
    return found


def exact(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: exact(each) for key, each in value.items()}
    if isinstance(value, list):
        return [exact(each) for each in value]
    return Decimal(repr(value)) if isinstance(value, float) else value


def test_numbers_are_exact_whether_they_are_numbers_or_texts(data: dict[str, Any]) -> None:
    found = {metric.key: metric.value for metric in read(data).metrics}
    assert found["usd_per_1k_requests", ()] == Decimal("3.9912")  # a text, as money is
    assert found["ttft_p95_s", ()] == Decimal("0.5")
    assert found["ttft_p95_s", (("model", "gpt-4o"),)] == Decimal("0.45")


def test_a_key_that_a_later_version_adds_is_passed_over(data: dict[str, Any]) -> None:
    data["metrics"][0]["new"] = data["new"] = 1
    assert read(data).kind == "load"


@pytest.mark.parametrize(
    ("low", "value", "high", "holds"),
    [
        ("0.1", "0.2", "0.3", True),
        ("0.3", "0.2", "0.1", False),
        ("0.1", "0.4", "0.3", False),
        ("0.1", "0.05", "0.3", False),
        (None, "0.2", "0.3", True),
        (None, "0.4", "0.3", False),
        ("0.1", "0.2", None, True),
        ("0.3", None, "0.1", False),
        ("0.1", None, "0.3", True),
        (None, "0.2", None, True),
        ("0.2", "0.2", "0.2", True),
        ("0.1", "0.3000000001", "0.3", True),
    ],
)
def test_an_interval_holds_a_value_between_ends_that_rise(
    low: str | None, value: str | None, high: str | None, holds: bool
) -> None:
    found = Interval(low=low and Decimal(low), high=high and Decimal(high), level=None)  # type: ignore[arg-type] # or None
    assert found.holds(None if value is None else Decimal(value), Decimal("1e-6")) is holds


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"metrics": None}, "metrics: input should be a valid list"),
        ({"metrics": {}}, "metrics: "),
        ({"scenarios": None}, "scenarios: "),
        ({"finished_at": "2026-11-25T12:00:00"}, "finished_at: input should have timezone info"),
        ({"finished_at": "yesterday"}, "finished_at: "),
        ({"finished_at": 1790000000}, "finished_at: it is no time"),
        ({"kind": 3}, "kind: "),
        ({"verdict": "PASS"}, "verdict: "),
        ({"schema_version": 0}, "is of schema version 0, and 1 is read here"),
        ({"schema_version": 2}, "is of schema version 2, and 1 is read here"),
        ({"schema_version": "1"}, "is of schema version another"),
        ({"schema_version": True}, "is of schema version another"),
        ({"schema_version": None}, "is of schema version another"),
    ],
)
def test_what_is_of_another_form_is_refused(data: dict[str, Any], change: dict[str, Any], words: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read({**data, **change})
    assert words in str(caught.value)


@pytest.mark.parametrize("key", ["kind", "id", "started_at", "finished_at", "verdict", "metrics", "scenarios"])
def test_what_lacks_a_part_is_no_whole_result(data: dict[str, Any], key: str) -> None:
    del data[key]
    with pytest.raises(Unreadable, match=f"is no whole result: {key} is missing"):
        read(data)


@pytest.mark.parametrize("key", ["name", "value", "n", "interval", "scope", "numerator", "denominator", "unit"])
def test_a_metric_is_whole_or_no_metric(data: dict[str, Any], key: str) -> None:
    del data["metrics"][0][key]
    with pytest.raises(Unreadable, match=rf"metrics\.0\.{key} is missing"):
        read(data)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("value", "NaN"), ("value", "1"), ("value", "fast"), ("value", True), ("value", [1]),
        ("value", Decimal("1e301")), ("n", -1), ("n", Decimal("1.5")), ("n", "80"), ("n", True),
        ("scope", None), ("scope", {"model": 4}), ("name", None),
        ("interval", [0, 1]), ("interval", {"low": "x", "high": None, "level": None}),
    ],
)  # fmt: skip
def test_what_is_no_number_is_taken_for_none(data: dict[str, Any], key: str, value: Any) -> None:
    data["metrics"][0][key] = value
    with pytest.raises(Unreadable, match=rf"cannot be used: metrics\.0\.{key}"):
        read(data)


@pytest.mark.parametrize("value", [[], None, 3, "text"])
def test_what_is_no_mapping_is_no_result(value: Any) -> None:
    with pytest.raises(Unreadable, match="is no result of llmops: it holds no mapping"):
        read(value)


def test_a_mapping_without_a_version_is_no_result() -> None:
    with pytest.raises(Unreadable, match="names no schema_version"):
        read({"kind": "load"})
