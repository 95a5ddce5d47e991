"""A value against a JSON Schema: the first thing that breaks it, told without quoting the value."""

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from llmops.chaos.wire.structured import objects_in

if TYPE_CHECKING:
    from jsonschema.protocols import Validator


class UnusableSchemaError(Exception):
    """The schema is none, or speaks of what is not in it."""


def first_break(value: Any, schema: dict[str, Any]) -> str | None:  # noqa: ANN401 - JSON is any value
    """Where and by which keyword, such as `$.city: required people`; None where all is kept. UnusableSchemaError."""
    from jsonschema.exceptions import best_match
    from referencing.exceptions import Unresolvable

    try:
        found = best_match(_validator(orjson.dumps(schema, option=orjson.OPT_SORT_KEYS)).iter_errors(value))
    except Unresolvable as error:
        raise UnusableSchemaError("it refers to what is not in it") from error
    except RecursionError as error:
        raise UnusableSchemaError("it has no end") from error
    if found is None:
        return None
    missing = ""
    if found.validator == "required" and isinstance(found.instance, dict):
        missing = next((f" {name}" for name in found.validator_value if name not in found.instance), "")
    return f"{_place(found.absolute_path, schema)[:80]}: {found.validator}{missing[:40]}"


def _place(path: Iterable[str | int], schema: dict[str, Any]) -> str:
    """Where in the value, by names that the schema gives; those that the value made up are not told."""
    known = {
        name for one in objects_in(schema) if isinstance(one.get("properties"), dict) for name in one["properties"]
    }
    steps = (f"[{step}]" if isinstance(step, int) else f".{step if step in known else '*'}" for step in path)
    return "$" + "".join(steps)


@lru_cache(maxsize=256)
def _validator(schema: bytes) -> "Validator":
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError
    from referencing import Registry

    wanted = orjson.loads(schema)
    try:
        Draft202012Validator.check_schema(wanted)
    except SchemaError as error:
        raise UnusableSchemaError(f"{error.json_path} is no JSON Schema") from error
    return Draft202012Validator(wanted, registry=Registry())  # nothing is ever fetched
