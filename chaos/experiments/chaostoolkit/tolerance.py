"""What a probe's output must be, compared as Chaos Toolkit does: literal, list, range, regex, JSONPath, function."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from llmops.chaos.experiments.chaostoolkit import jsonpath
from llmops.chaos.experiments.chaostoolkit.part import Part
from llmops.chaos.experiments.chaostoolkit.providers.base import ActivityFailed, Provider, make_provider
from llmops.chaos.experiments.chaostoolkit.values import Values
from llmops.errors import BadInput

PAIR = 2


class Tolerance(Protocol):
    """What an output must be."""

    async def met(self, output: Any, values: Values) -> bool:  # noqa: ANN401 - any output
        """Whether it is. An output of a kind that cannot be compared is not."""
        ...


@dataclass(frozen=True)
class Literal:
    """This very value; a whole number is also met by a `status` of its value."""

    literal: bool | int | str

    async def met(self, output: Any, values: Values) -> bool:  # noqa: ANN401 - any output
        wanted = values.filled(self.literal)
        if isinstance(wanted, int) and not isinstance(wanted, bool) and isinstance(output, Mapping):
            output = output.get("status", output)
        return bool(output == wanted)


@dataclass(frozen=True)
class Listed:
    """Two values are bounds, more are choices; of an output with a `status` they are all choices of it."""

    choices: tuple[Any, ...]

    async def met(self, output: Any, values: Values) -> bool:  # noqa: ANN401, ARG002 - any output
        if isinstance(output, Mapping) and "status" in output:
            return output["status"] in self.choices
        if len(self.choices) != PAIR:
            return output in self.choices
        try:
            return bool(self.choices[0] <= output <= self.choices[1])
        except TypeError:
            return False


@dataclass(frozen=True)
class Range:
    """A number between two, both included."""

    low: float
    high: float
    target: str | None = None

    async def met(self, output: Any, values: Values) -> bool:  # noqa: ANN401, ARG002 - any output
        try:
            return bool(Decimal(self.low) <= Decimal(_aimed(output, self.target)) <= Decimal(self.high))
        except (InvalidOperation, TypeError, ValueError):
            return False


@dataclass(frozen=True)
class Regex:
    """A text in which the pattern is found."""

    pattern: str
    target: str | None = None

    async def met(self, output: Any, values: Values) -> bool:  # noqa: ANN401 - any output
        text = _aimed(output, self.target)
        return isinstance(text, str) and re.search(str(values.filled(self.pattern)), text) is not None


@dataclass(frozen=True)
class JsonPath:
    """Something stands there: so many things, or these very ones, where that is said."""

    path: tuple[jsonpath.Step, ...]
    target: str | None = None
    count: int | None = None
    expect: tuple[Any, ...] | None = None

    async def met(self, output: Any, values: Values) -> bool:  # noqa: ANN401 - any output
        found = list(jsonpath.matches(self.path, _parsed(_aimed(output, self.target))))
        if self.expect is not None:
            return bool(found == values.filled(list(self.expect)))
        return bool(found) if self.count is None else len(found) == self.count


@dataclass(frozen=True)
class Function:
    """A Python function says so; it is given the output as `value`."""

    data: Mapping[str, Any]  # its provider, without the value
    part: Part

    async def met(self, output: Any, values: Values) -> bool:  # noqa: ANN401 - any output
        try:
            return bool(await self.provider(output, values).call(values))
        except ActivityFailed:
            return False

    def provider(self, output: object, values: Values) -> Provider:
        arguments = {**self.data.get("arguments", {}), "value": output}
        given = {**self.data, "arguments": arguments}
        return make_provider(Part(self.part.source, given, self.part.path), values)


def tolerance_of(owner: Part, values: Values) -> Tolerance | None:
    """The tolerance of a probe; None where it has none. BadInput for one that cannot be."""
    given = owner.data.get("tolerance")
    if given is None:
        return None
    if isinstance(given, bool | int | str):
        _check_texts(owner, given, values)
        return Literal(given)
    if isinstance(given, list):
        return Listed(tuple(given))
    if not isinstance(given, dict):
        hint = "for numbers with fractions write {type: range, range: [0.5, 1.5]}"
        raise owner.refusal(f"{owner.dotted('tolerance')} {given!r} cannot be compared", "tolerance", hint=hint)
    part = owner.part("tolerance")
    kind = part.text("type")
    if kind not in _READERS:
        message = f"{part.dotted('type')} {kind!r} cannot be carried over"
        raise part.refusal(message, "type", hint=f"known: {', '.join(_READERS)}")
    return _READERS[kind](part, values)


def _range(part: Part, values: Values) -> Tolerance:  # noqa: ARG001 - as all readers
    part.only(("type", "range", "target"), {})
    bounds = part.data.get("range")
    if not isinstance(bounds, list) or len(bounds) != PAIR or not all(map(_is_number, bounds)):
        raise part.refusal(f"{part.dotted('range')} must be two numbers, not {bounds!r}", "range")
    return Range(bounds[0], bounds[1], _target(part))


def _regex(part: Part, values: Values) -> Tolerance:
    part.only(("type", "pattern", "target"), {})
    pattern = part.text("pattern")
    _check_texts(part, pattern, values)
    try:
        re.compile(str(values.filled(pattern)))
    except re.error as error:
        raise part.refusal(f"{part.dotted('pattern')} is no regular expression: {error}", "pattern") from error
    return Regex(pattern, _target(part))


def _jsonpath(part: Part, values: Values) -> Tolerance:
    part.only(("type", "path", "target", "count", "expect"), {})
    count, path = part.data.get("count"), part.text("path")
    if count is not None and (isinstance(count, bool) or not isinstance(count, int)):
        raise part.refusal(f"{part.dotted('count')} must be a whole number, not {count!r}", "count")
    _check_texts(part, part.data.get("expect"), values)
    expect = part.data.get("expect")
    wanted = tuple(expect) if isinstance(expect, list) else (expect,)
    try:
        steps = jsonpath.steps_of(path)
    except BadInput as error:
        raise part.refusal(f"{part.dotted('path')}: {error}", "path", hint=error.hint) from error
    return JsonPath(steps, _target(part), count, wanted if "expect" in part.data else None)


def _function(part: Part, values: Values) -> Tolerance:
    part.only(("type", "name", "provider"), {})
    given = part.part("provider")
    if given.text("type") != "python":
        message = f"{given.dotted('type')}: what a process or a server gives is never false"
        raise given.refusal(message, "type", hint="let a Python function decide")
    tolerance = Function(given.data, given)
    tolerance.provider(None, values)  # it can be called so
    return tolerance


_READERS = {"range": _range, "regex": _regex, "jsonpath": _jsonpath, "probe": _function}


def _target(part: Part) -> str | None:
    return part.text("target") if "target" in part.data else None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check_texts(part: Part, data: object, values: Values) -> None:
    name = values.unknown_in(data)
    if name is not None:
        message = f"{part.dotted()} names ${{{name}}}: neither configuration nor secrets have it"
        raise part.refusal(message, hint=f"add it there; $${{{name}}} stands for the text itself")


def _aimed(output: Any, target: str | None) -> Any:  # noqa: ANN401 - any output
    """The part of the output that is meant; all of it where it has no such part."""
    return output.get(target, output) if target and isinstance(output, Mapping) else output


def _parsed(output: Any) -> Any:  # noqa: ANN401 - any output
    text = output.decode("utf-8", "replace") if isinstance(output, bytes) else output
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
