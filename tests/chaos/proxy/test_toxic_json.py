"""Toxiproxy's JSON: what is let pass, warned of, refused. A real server is asked the same in test_toxiproxy.py."""

from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.proxy.toxic_json import (
    ApiError,
    as_api_error,
    first_value,
    lease_seconds,
    number_of,
    object_of,
    renewal_seconds,
    tcp_values,
    text_in,
    text_of,
    toxic_change,
    toxic_shape,
    truth_of,
    unknown_type,
)
from llmops.chaos.toxics.latency import Latency
from llmops.chaos.toxics.noop import Noop
from llmops.errors import BadInput, NoData, OutsideFailed


def refused(work: Callable[[], object]) -> str:
    with pytest.raises(ApiError) as error:
        work()
    assert error.value.status == 400
    return error.value.message


@pytest.mark.parametrize(("text", "value"), [(' {"a": 1} rest', {"a": 1}), ("null", None), ("[] []", []), ("1", 1)])
def test_the_first_value_is_read_and_the_rest_is_not(text: str, value: object) -> None:
    assert first_value(text) == value


@pytest.mark.parametrize("text", ["", " ", "{", "nonsense", "NaN", "[Infinity]", "[" * 100_000])
def test_what_is_no_json_is_a_bad_body(text: str) -> None:
    assert refused(lambda: first_value(text)).startswith("bad request body: ")


def test_why_it_is_none_is_said_without_a_word_of_the_machine() -> None:
    assert refused(lambda: first_value("[" * 100_000)) == "bad request body: it is nested too deeply"
    assert refused(lambda: first_value('{"name": "\\ud800"}')) == "bad request body: half a surrogate pair is no text"


def test_what_stands_in_the_place_of_an_object_is_shown_in_short() -> None:
    deep: list[object] = [[[[[[[[[]]]]]]]]]
    for wrong in ([0] * 100_000, "x" * 100_000, deep):
        assert len(refused(lambda wrong=wrong: object_of(wrong))) < 100  # type: ignore[misc]


def test_what_is_no_utf_8_is_a_bad_body() -> None:
    assert refused(lambda: text_in(b'{"name": "\xff"}')) == "bad request body: it is not UTF-8"
    assert text_in("é".encode()) == "é"


def test_a_type_that_is_missing_is_said_without_a_list_of_all() -> None:
    for on_provider in (True, False):
        assert unknown_type("", on_provider=on_provider).message == "invalid toxic type: type is missing"


def test_keys_are_in_any_case_and_null_is_an_empty_object() -> None:
    assert object_of({"NAME": 1, "Listen": 2}) == {"name": 1, "listen": 2}
    assert object_of(None) == {}
    wrong: list[object] = [[], 1, "x", True]
    for value in wrong:
        assert "an object is needed" in refused(lambda value=value: object_of(value))  # type: ignore[misc]


@pytest.mark.parametrize(
    ("read", "default", "good", "wrong"),
    [
        (lambda fields: text_of(fields, "x", "d"), "d", ["a", ""], [1, []]),
        (lambda fields: truth_of(fields, "x", default=True), True, [False, True], [0, "false"]),
        (lambda fields: number_of(fields, "x", 0.5), 0.5, [2, 0, -3.4e38], [True, "1", 3.5e38, 10**400]),
        (lambda fields: lease_seconds(fields.get("x"), 7.0), 7.0, [0.1, 60], [0, -1, True, "60", 10**400]),
        (lambda fields: renewal_seconds(fields.get("x")), None, [0.1, 60], [0, -1, True, "none"]),
    ],
    ids=["text", "truth", "number", "lease", "renewal"],
)
def test_a_field_has_its_default_its_value_or_is_refused(
    read: Callable[[dict[str, Any]], object], default: object, good: list[object], wrong: list[object]
) -> None:
    assert read({}) == read({"x": None}) == default
    assert [read({"x": value}) for value in good] == good
    for value in wrong:
        assert refused(lambda value=value: read({"x": value})).startswith("bad request body: ")  # type: ignore[misc]


def test_a_lease_that_never_ends_must_be_said() -> None:
    assert lease_seconds("none", 600.0) is None


def test_a_toxic_is_named_for_its_type_and_stream() -> None:
    shape = toxic_shape('{"type": "latency", "stream": "UpStream"}')
    assert (shape.name, shape.stream, shape.toxicity, shape.attributes) == ("latency_UpStream", "upstream", 1, {})
    shape = toxic_shape('{"name": "", "type": "latency", "toxicity": 0, "attributes": {"Jitter": 1}}')
    assert (shape.name, shape.stream, shape.toxicity) == ("latency_downstream", "downstream", 0)
    assert shape.attributes == {"jitter": 1}


def test_a_change_says_what_changes() -> None:
    change = toxic_change('{"toxicity": 0, "lease_s": 5, "name": "x", "type": "y"}')
    assert (change.attributes, change.toxicity, change.lease_s) == ({}, 0, 5)
    change = toxic_change('{"attributes": {"latency": 1}}')
    assert (change.attributes, change.toxicity, change.lease_s) == ({"latency": 1}, None, None)


def test_unknown_attributes_are_warned_of_and_nulls_leave_alone() -> None:
    warnings: list[str] = []
    assert tcp_values(Latency, {"latency": 5, "jitter": None, "delay": "x"}, warnings.append) == {"latency": 5}
    assert tcp_values(Noop, {"x": 1}, warnings.append) == {}
    assert warnings == [
        "unknown attribute 'delay' has no effect; known: jitter, latency",
        "unknown attribute 'x' has no effect; known: none",
    ]


@pytest.mark.parametrize("value", [1.0, "1", True, [], 2**63, -(2**63) - 1])
def test_attributes_are_whole_numbers_of_64_bits(value: object) -> None:
    assert "latency must be a whole number" in refused(lambda: tcp_values(Latency, {"latency": value}, print))
    assert tcp_values(Latency, {"latency": 2**63 - 1}, print) == {"latency": 2**63 - 1}


@pytest.mark.parametrize(
    ("name", "on_provider", "message"),
    [
        ("latencyy", False, "invalid toxic type: did you mean 'latency'?"),
        ("refusedd", True, "invalid toxic type: did you mean 'refused'?"),
        ("latency", True, "invalid toxic type: latency works on plain TCP proxies; this one speaks HTTP"),
        ("refused", False, "invalid toxic type: refused needs the proxy of a provider; this one is plain TCP"),
    ],
)
def test_an_unknown_type_says_what_would_help(name: str, on_provider: bool, message: str) -> None:
    error = unknown_type(name, on_provider=on_provider)
    assert (error.message, error.status) == (message, 400)


@pytest.mark.parametrize(
    ("error", "message", "status"),
    [
        (BadInput("x is wrong", hint="write y"), "bad request body: x is wrong; write y", 400),
        (BadInput("x is wrong"), "bad request body: x is wrong", 400),
        (OutsideFailed("the port is taken", hint="choose another --port"), "the port is taken", 500),
        (NoData("nothing"), "nothing", 500),
    ],
)
def test_errors_of_ours_take_toxiproxys_shape(error: Any, message: str, status: int) -> None:
    told = as_api_error(error)
    assert (told.message, told.status) == (message, status)
