from typing import Any

import pytest

from llmops.chaos.reliability.json_schema import UnusableSchemaError, first_break

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "tags": {"type": "array", "items": {"enum": ["a", "b"]}}},
    "required": ["name"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("value", "broken"),
    [
        ({"name": "x"}, None),
        ({"name": "x", "tags": ["a"]}, None),
        ({}, "$: required name"),
        ({"name": 3}, "$.name: type"),
        ({"name": "x", "tags": ["secret"]}, "$.tags[0]: enum"),
        ({"name": "x", "more": 1}, "$: additionalProperties"),
        ("secret", "$: type"),
    ],
)
def test_a_break_is_told_by_place_and_keyword_and_never_by_value(value: Any, broken: str | None) -> None:
    assert first_break(value, SCHEMA) == broken


def test_a_name_that_the_value_made_up_is_not_told() -> None:
    schema = {"type": "object", "additionalProperties": {"properties": {"n": {"type": "integer"}}}}
    assert first_break({"Ann Example": {"n": "x"}}, schema) == "$.*.n: type"


def test_a_reference_inside_the_schema_is_followed() -> None:
    schema = {"$ref": "#/$defs/n", "$defs": {"n": {"type": "integer"}}}
    assert (first_break(1, schema), first_break("1", schema)) == (None, "$: type")


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"type": 3}, "is no JSON Schema"),
        ({"$ref": "https://example.org/schema.json"}, "refers to what is not in it"),
        ({"$ref": "#/nowhere"}, "refers to what is not in it"),
        ({"$ref": "#"}, "has no end"),
    ],
)
def test_a_schema_of_no_use_is_told_and_nothing_is_fetched(schema: dict[str, Any], message: str) -> None:
    with pytest.raises(UnusableSchemaError, match=message):
        first_break({}, schema)
