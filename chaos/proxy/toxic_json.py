"""Toxiproxy's JSON: its errors, its leniency, and what of it becomes a warning in the journal."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import fields as fields_of
from typing import Any

from llmops.errors import LlmopsError

Warn = Callable[[str], None]


class ApiError(Exception):
    """An error as Toxiproxy words it."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


def bad_body(detail: object) -> ApiError:
    return ApiError(f"bad request body: {detail}", 400)


def missing(field: str) -> ApiError:
    return ApiError(f"missing required field: {field}", 400)


def forbidden(message: str) -> ApiError:
    return ApiError(message, 403)


def as_api_error(error: LlmopsError) -> ApiError:
    """One of our errors in their shape: what is wrong in the request 400, what failed outside 500."""
    text = f"{error}; {error.hint}" if error.hint else str(error)
    return bad_body(text) if error.exit_code == 2 else ApiError(text, 500)  # noqa: PLR2004 - bad input


PROXY_NOT_FOUND = ("proxy not found", 404)
PROXY_EXISTS = ("proxy already exists", 409)
INVALID_STREAM = ("stream was invalid, can be either upstream or downstream", 400)
INVALID_TYPE = ("invalid toxic type", 400)
TOXIC_EXISTS = ("toxic already exists", 409)
TOXIC_NOT_FOUND = ("toxic not found", 404)


def first_value(text: str) -> Any:  # noqa: ANN401 - any JSON
    """The first JSON value, whatever follows it, as Go's decoder reads. ApiError."""
    if not text.strip():
        raise bad_body("EOF")
    try:
        value, _ = json.JSONDecoder().raw_decode(text.lstrip())
    except json.JSONDecodeError as error:
        raise bad_body(error) from error
    return value


def object_of(value: object) -> dict[str, Any]:
    """A JSON object with its keys in lower case (Go does not mind the case); null is an empty one. ApiError."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise bad_body(f"an object is needed, not {value!r}")
    return {str(key).lower(): item for key, item in value.items()}


def text_of(fields: Mapping[str, Any], name: str, default: str) -> str:
    value = fields.get(name)
    if value is None:
        return default
    if not isinstance(value, str):
        raise bad_body(f"{name} must be a string, not {value!r}")
    return value


def truth_of(fields: Mapping[str, Any], name: str, *, default: bool) -> bool:
    value = fields.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise bad_body(f"{name} must be true or false, not {value!r}")
    return value


def number_of(fields: Mapping[str, Any], name: str, default: float) -> float:
    value = fields.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise bad_body(f"{name} must be a number, not {value!r}")
    return float(value)


@dataclass(frozen=True)
class Shape:
    """What a toxic's JSON may hold."""

    name: str
    type: str
    stream: str
    toxicity: float
    attributes: dict[str, Any]
    lease_s: Any
    schedule: Any
    scope: Any


def toxic_shape(text: str) -> Shape:
    """A toxic that is to be made. ApiError for what Toxiproxy refuses too."""
    fields = object_of(first_value(text))
    type_name = text_of(fields, "type", "")
    stream = text_of(fields, "stream", "downstream")
    if stream.lower() not in {"upstream", "downstream"}:
        raise ApiError(*INVALID_STREAM)
    return Shape(
        name=text_of(fields, "name", "") or f"{type_name}_{stream}",
        type=type_name,
        stream=stream.lower(),
        toxicity=number_of(fields, "toxicity", 1.0),
        attributes=object_of(fields.get("attributes")),
        lease_s=fields.get("lease_s"),
        schedule=fields.get("schedule"),
        scope=fields.get("scope"),
    )


def tcp_values(kind: type[Any], attributes: Mapping[str, Any], warn: Warn) -> dict[str, int]:
    """The attributes a TCP toxic knows; others are dropped with a warning, what is no whole number is refused."""
    known = {field.name for field in fields_of(kind)}
    values = {}
    for name, value in attributes.items():
        if name not in known:
            warn(f"unknown attribute {name!r} has no effect; known: {', '.join(sorted(known))}")
        elif isinstance(value, bool) or not isinstance(value, int):
            raise bad_body(f"{name} must be a whole number, not {value!r}")
        else:
            values[name] = value
    return values
