"""Samples satisfy their schemas, by the judgement of jsonschema."""

from random import Random
from typing import Any

import jsonschema
import pytest

from llmops.chaos.providers.answering.schema_sample import sample

SCHEMAS: list[dict[str, Any]] = [
    {"type": "string", "minLength": 30},
    {"type": "string", "maxLength": 3},
    {"type": "string", "format": "date-time"},
    {"type": "integer", "minimum": 5, "maximum": 5},
    {"type": "integer", "exclusiveMinimum": 5, "exclusiveMaximum": 7},
    {"type": "integer", "maximum": -10},
    {"type": "integer", "minimum": 7, "maximum": 20, "multipleOf": 5},
    {"type": "number", "minimum": 0, "maximum": 0.1},
    {"type": "number", "minimum": 2.5, "maximum": 3.75},
    {"type": "boolean"},
    {"type": "null"},
    {"type": ["integer", "null"]},
    {"enum": ["a", 2, None]},
    {"const": {"x": 1}},
    {"type": "array", "items": {"type": "integer"}, "minItems": 3, "maxItems": 4},
    {"type": "array", "items": {"type": "integer"}, "maxItems": 1},
    {"anyOf": [{"type": "integer"}, {"type": "string"}]},
    {"oneOf": [{"type": "null"}, {"type": "string"}]},
    {
        "allOf": [
            {"properties": {"a": {"type": "integer"}}},
            {"properties": {"b": {"type": "string"}}, "required": ["a", "b"]},
        ]
    },
    {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}, "required": ["a"], "$defs": {"A": {"enum": [7]}}},
    {
        "properties": {"deep": {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}},
        "required": ["deep"],
    },
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_a_sample_satisfies_its_schema(schema: dict[str, Any]) -> None:
    for seed in range(20):
        jsonschema.validate(sample(schema, Random(seed)), schema)


def test_the_same_dice_give_the_same_sample() -> None:
    schema = {"type": "object", "properties": {name: {"type": "number"} for name in "abc"}}
    assert sample(schema, Random(1)) == sample(schema, Random(1)) != sample(schema, Random(2))


def test_googles_capital_types_are_read() -> None:
    assert isinstance(sample({"type": "INTEGER"}, Random(0)), int)
