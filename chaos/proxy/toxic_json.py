"""Toxiproxy's JSON: its errors, its leniency, and what of it becomes a warning in the journal."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from dataclasses import fields as fields_of
from reprlib import repr as shown
from typing import Any

from llmops.chaos.faults.base import faults
from llmops.chaos.proxy.config import lease_of
from llmops.chaos.toxics.base import toxics
from llmops.errors import ExitCode, LlmopsError, nearest_hint

Warn = Callable[[str], None]
INT64 = range(-(2**63), 2**63)  # Go's int64, as all attributes are
PROXY_KEYS = ("name", "listen", "upstream", "enabled", "toxics", "lease_s")  # Toxiproxy's, as its clients send them
TCP_KEYS = ("name", "type", "stream", "toxicity", "attributes", "lease_s")
FAULT_KEYS = (*TCP_KEYS, "schedule", "scope")
FLOAT32_MAX = 3.4028234663852886e38  # Go's float32, as toxicity is


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
    if error.exit_code == ExitCode.BAD_INPUT:
        return bad_body(f"{error}; {error.hint}" if error.hint else error)
    return ApiError(str(error), 500)  # its hint is for who started the proxy, not for who asks it


PROXY_NOT_FOUND = ("proxy not found", 404)
PROXY_EXISTS = ("proxy already exists", 409)
INVALID_STREAM = ("stream was invalid, can be either upstream or downstream", 400)
INVALID_TYPE = ("invalid toxic type", 400)
TOXIC_EXISTS = ("toxic already exists", 409)
TOXIC_NOT_FOUND = ("toxic not found", 404)


def text_in(body: bytes) -> str:
    """ApiError for what is no UTF-8, whatever its content type says."""
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise bad_body("it is not UTF-8") from error


def first_value(text: str) -> Any:  # noqa: ANN401 - any JSON
    """The first JSON value, whatever follows it, as Go's decoder reads. ApiError."""
    if not text.strip():
        raise bad_body("EOF")
    try:
        value, _ = json.JSONDecoder(parse_constant=_no_number).raw_decode(text.lstrip())
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise bad_body("half a surrogate pair is no text") from error
    except ValueError as error:
        raise bad_body(error) from error
    except RecursionError as error:
        raise bad_body("it is nested too deeply") from error
    return value


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is not JSON")


def object_of(value: object) -> dict[str, Any]:
    """A JSON object with its keys in lower case (Go does not mind the case); null is an empty one. ApiError."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise bad_body(f"an object is needed, not {shown(value)}")
    return {str(key).lower(): item for key, item in value.items()}


def text_of(fields: Mapping[str, Any], name: str, default: str) -> str:
    value = fields.get(name)
    if value is None:
        return default
    if not isinstance(value, str):
        raise bad_body(f"{name} must be a string, not {shown(value)}")
    return value


def truth_of(fields: Mapping[str, Any], name: str, *, default: bool) -> bool:
    value = fields.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise bad_body(f"{name} must be true or false, not {shown(value)}")
    return value


def number_of(fields: Mapping[str, Any], name: str, default: float) -> float:
    value = fields.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise bad_body(f"{name} must be a number, not {shown(value)}")
    if not -FLOAT32_MAX <= value <= FLOAT32_MAX:
        raise bad_body(f"{name} must be a number of 32 bits, not {shown(value)}")
    return float(value)


def lease_seconds(value: object, default_s: float | None) -> float | None:
    """`lease_s` of a request: seconds, `none`, or nothing for the default. ApiError."""
    if value is None or value == "none":
        return lease_of(value, default_s)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= FLOAT32_MAX:
        raise bad_body(f"lease_s must be seconds above 0 or none, not {shown(value)}")
    return float(value)


def renewal_seconds(value: object) -> float | None:
    """`lease_s` for a lease that runs: other seconds than before, or None for as many. ApiError."""
    if value == "none":
        raise bad_body("a lease that runs is renewed for seconds; make the toxic anew for one that never ends")
    return lease_seconds(value, None)


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
    ours: tuple[str, ...]  # keys that a TCP toxic does not know: of our faults alone, or of nobody


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
        ours=_not_of_tcp(fields),
    )


@dataclass(frozen=True)
class Change:
    """What a toxic's JSON may change. Its name, type and stream it may not, and Toxiproxy lets them pass."""

    attributes: dict[str, Any]
    toxicity: float | None
    lease_s: float | None
    schedule: Any
    scope: Any
    ours: tuple[str, ...]  # as of a Shape


def toxic_change(text: str) -> Change:
    """Of a toxic that is on. ApiError."""
    fields = object_of(first_value(text))
    toxicity = None if fields.get("toxicity") is None else number_of(fields, "toxicity", 1.0)
    return Change(
        attributes=object_of(fields.get("attributes")),
        toxicity=toxicity,
        lease_s=renewal_seconds(fields.get("lease_s")),
        schedule=fields.get("schedule"),
        scope=fields.get("scope"),
        ours=_not_of_tcp(fields),
    )


def _not_of_tcp(fields: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name in fields if name not in TCP_KEYS)


def check_keys(names: Iterable[str], known: Iterable[str]) -> None:
    """ApiError for a key that is none of the known: what it should have limited would go on without limit."""
    allowed = set(known)
    for name in names:
        if name not in allowed:
            raise bad_body(f"unknown key {name!r}; {nearest_hint(name, allowed)}")


def tcp_values(kind: type[Any], attributes: Mapping[str, Any], warn: Warn) -> dict[str, int]:
    """The attributes a TCP toxic knows; others are dropped with a warning, what is no whole number is refused."""
    known = {field.name for field in fields_of(kind)}
    values = {}
    for name, value in attributes.items():
        if name not in known:
            warn(f"unknown attribute {name!r} has no effect; known: {', '.join(sorted(known)) or 'none'}")
        elif value is not None:  # which leaves it as it is
            values[name] = _whole_number(name, value)
    return values


def _whole_number(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise bad_body(f"{name} must be a whole number, not {shown(value)}")
    if value not in INT64:
        raise bad_body(f"{name} must be a whole number of 64 bits, not {value}")
    return value


def unknown_type(name: str, *, on_provider: bool) -> ApiError:
    """Toxiproxy's words, then what would help."""
    message, status = INVALID_TYPE
    if not name:
        return ApiError(f"{message}: type is missing", status)
    if on_provider and name in toxics.names():
        return ApiError(f"{message}: {name} works on plain TCP proxies; this one speaks HTTP", status)
    if not on_provider and name in faults.names():
        return ApiError(f"{message}: {name} needs the proxy of a provider; this one is plain TCP", status)
    hint = nearest_hint(name, faults.names() if on_provider else toxics.names())
    return ApiError(f"{message}: {hint}" if hint else message, status)
