"""What a request asks of a simulated model, in no provider's words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Role = Literal["system", "user", "assistant", "tool"]


class Malformed(Exception):
    """A request that the provider would refuse with 400."""

    def __init__(self, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.param = param


@dataclass(frozen=True)
class Turn:
    """One message of the conversation, as text."""

    role: Role
    text: str


@dataclass(frozen=True)
class Tool:
    """A tool the model may call, with the JSON schema of its arguments."""

    name: str
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class Ask:
    """A request for an answer."""

    model: str
    turns: tuple[Turn, ...]
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    tools: tuple[Tool, ...] = ()
    tool_choice: str = "auto"  # auto, none, required, or the name of a tool
    json_schema: Mapping[str, Any] | None = None  # of the answer; empty is any object, None is plain text
    prefill: str = ""  # how the answer begins, said by the caller
    stream: bool = False
    choices: int = 1
    stream_usage: bool = False  # whether a stream ends with its usage


def mapping(value: object, param: str) -> Mapping[str, Any]:
    """The value, which must be a JSON object."""
    if not isinstance(value, Mapping):
        raise Malformed(f"Invalid type for '{param}': expected an object, but got {kind(value)} instead.", param)
    return value


def sequence(value: object, param: str) -> list[Any]:
    """The value, which must be a JSON array."""
    if not isinstance(value, list):
        raise Malformed(f"Invalid type for '{param}': expected an array, but got {kind(value)} instead.", param)
    return value


def whole_number(value: object, param: str, *, least: int = 1) -> int | None:
    """The value, which must be an integer of at least `least`, or absent."""
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise Malformed(f"Invalid '{param}': integer below minimum value. Expected a value >= {least}.", param)
    return value


def string(value: object, param: str) -> str:
    """The value, which must be a string that is not empty."""
    if not isinstance(value, str) or not value:
        raise Malformed(f"Missing required parameter: '{param}'.", param)
    return value


def kind(value: object) -> str:
    """What JSON calls this value."""
    names = {type(None): "null", bool: "a boolean", int: "an integer", float: "a decimal", str: "a string"}
    return names.get(type(value), "an array" if isinstance(value, list) else "an object")
