"""A value that a JSON schema allows, made from seeded dice: what a model answers in JSON mode, or calls a tool with."""

import math
from collections.abc import Mapping
from random import Random
from typing import Any

from llmops.chaos.providers.answering.truth import ADJECTIVES, NOUNS

Schema = Mapping[str, Any]

FORMATS = {
    "date-time": "2026-01-15T09:30:00Z",
    "date": "2026-01-15",
    "time": "09:30:00Z",
    "duration": "PT15M",
    "email": "ada@example.org",
    "uri": "https://example.org/",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
    "ipv4": "192.0.2.7",
    "ipv6": "2001:db8::7",
    "hostname": "example.org",
}


def sample(schema: Schema, dice: Random, root: Schema | None = None) -> Any:  # noqa: ANN401 - any JSON value
    """A value of that schema. `pattern` is not looked at; a schema that says nothing gets a word."""
    root = schema if root is None else root
    if "$ref" in schema:
        return sample(_referred(str(schema["$ref"]), root), dice, root)
    if "const" in schema or "enum" in schema:
        return dice.choice(list(schema.get("enum", [schema.get("const")])))
    union = schema.get("anyOf") or schema.get("oneOf") or ()
    if union or "allOf" in schema:
        return sample(union[0] if union else _merged(schema["allOf"], root), dice, root)
    return _of_type(schema, dice, root)


def _of_type(schema: Schema, dice: Random, root: Schema) -> Any:  # noqa: ANN401 - any JSON value
    kinds = schema.get("type", "object" if "properties" in schema else "string")
    match str(kinds[0] if isinstance(kinds, list) else kinds).lower():  # Gemini writes OBJECT
        case "object":
            return {name: sample(part, dice, root) for name, part in schema.get("properties", {}).items()}
        case "array":
            size = int(schema.get("minItems", min(2, int(schema.get("maxItems", 2)))))
            return [sample(schema.get("items", {}), dice, root) for _ in range(size)]
        case "null":
            return None
        case other:
            leaf = {"integer": _whole, "number": _decimal, "boolean": _coin}.get(other, _word)
            return leaf(schema, dice)


def _coin(_: Schema, dice: Random) -> bool:
    return bool(dice.getrandbits(1))


def _decimal(schema: Schema, dice: Random) -> float:
    low, high = _bounds(schema)
    return round(dice.uniform(low, high), 2) if high - low >= 1 else (low + high) / 2


def _word(schema: Schema, dice: Random) -> str:
    if schema.get("format") in FORMATS:
        return FORMATS[schema["format"]]
    text = f"{dice.choice(ADJECTIVES)} {dice.choice(NOUNS)}"
    while len(text) < int(schema.get("minLength", 0)):
        text += f" {dice.choice(NOUNS)}"
    return text[: schema["maxLength"]] if "maxLength" in schema else text


def _whole(schema: Schema, dice: Random) -> int:
    low, high = _bounds(schema)
    step = int(schema.get("multipleOf", 1))
    first = -(-math.ceil(low) // step)
    return dice.randint(first, max(first, int(high // step))) * step


def _bounds(schema: Schema) -> tuple[float, float]:
    """The lowest and highest number allowed; open ends are closed near the other, or near zero."""
    low = schema.get("minimum")
    if low is None and "exclusiveMinimum" in schema:
        low = schema["exclusiveMinimum"] + 1
    high = schema.get("maximum")
    if high is None and "exclusiveMaximum" in schema:
        high = schema["exclusiveMaximum"] - 1
    if low is None:
        low = 1 if high is None or high >= 1 else high - 99
    return float(low), float(low + 99 if high is None else high)


def _referred(pointer: str, root: Schema) -> Schema:
    found: Any = root
    for part in pointer.removeprefix("#").strip("/").split("/"):
        found = found.get(part, {}) if part else found
    return found if isinstance(found, Mapping) else {}


def _merged(parts: list[Schema], root: Schema) -> Schema:
    whole: dict[str, Any] = {}
    for part in parts:
        known = _referred(str(part["$ref"]), root) if "$ref" in part else part
        properties = {**whole.get("properties", {}), **known.get("properties", {})}
        whole |= {**known, **({"properties": properties} if properties else {})}
    return whole
