"""Configuration and secrets of a Chaos Toolkit experiment, and what stands for `${name}` in its texts."""

import json
import string
from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from llmops.chaos.experiments.chaostoolkit.part import Part
from llmops.chaos.experiments.redaction import secrets_in


@dataclass(frozen=True)
class Values:
    """What the texts of an experiment may name. Secrets stand under targets, and are found by their own names."""

    configuration: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)

    def filled(self, data: Any) -> Any:  # noqa: ANN401 - any JSON
        """The data with a value for each `$name` and `${name}`; a text that is nothing else takes the value's type."""
        if isinstance(data, str):
            return self._filled_text(data)
        if isinstance(data, Mapping):
            return {key: self.filled(value) for key, value in data.items()}
        return [self.filled(each) for each in data] if isinstance(data, list | tuple) else data

    def of_targets(self, targets: Sequence[str]) -> dict[str, Any]:
        """The secrets of these targets together."""
        return {name: value for target in targets for name, value in self.secrets.get(target, {}).items()}

    def unknown_in(self, data: object) -> str | None:
        """The first `${name}` that nothing stands for. A `$name` without braces may be meant as it is."""
        known = self._known
        return next((name for text in texts(data) for name in _braced(text) if name not in known), None)

    @property
    def secret_texts(self) -> list[str]:
        """What must never be shown."""
        every = [value for target in self.secrets.values() for value in target.values()]
        named = {name: value for name, value in self.configuration.items() if isinstance(value, str)}
        return [*map(str, every), *secrets_in(named)]

    @property
    def _known(self) -> Mapping[str, Any]:
        return ChainMap(dict(self.configuration), *map(dict, self.secrets.values()))

    def _filled_text(self, text: str) -> Any:  # noqa: ANN401 - of the value's type
        known = self._known
        whole = string.Template.pattern.fullmatch(text)
        name: str | None = None if whole is None else whole["named"] or whole["braced"]
        return string.Template(text).safe_substitute(known) if name is None or name not in known else known[name]


def texts(data: object) -> Iterator[str]:
    """Every text in it that is no key."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from texts(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from texts(value)


def values_of(whole: Part, environment: Mapping[str, str]) -> Values:
    """From the sections `configuration` and `secrets`. BadInput, with the line."""
    configuration, secrets = whole.part("configuration"), whole.part("secrets")
    return Values(
        {name: _value(configuration, name, environment) for name in configuration.data},
        {target: dict(_target(secrets, target, environment)) for target in secrets.data},
    )


def _target(secrets: Part, target: str, environment: Mapping[str, str]) -> Iterable[tuple[str, Any]]:
    if not isinstance(secrets.data[target], Mapping) or "type" in secrets.data[target]:
        hint = "write `secrets: {target: {name: {type: env, key: VARIABLE}}}`"
        raise secrets.refusal(f"secrets.{target} must hold names of secrets", target, hint=hint)
    names = secrets.part(target)
    for name, value in names.data.items():
        if isinstance(value, Mapping) and value.get("type") != "env":
            said = f"secrets of the type {value['type']!r}" if "type" in value else "secrets in secrets"
            message = f"{names.dotted(name)} cannot be carried over: {said} are not read"
            raise names.refusal(message, name, hint="give it by the environment: {type: env, key: VARIABLE}")
        yield name, _value(names, name, environment)


def _value(part: Part, name: str, environment: Mapping[str, str]) -> Any:  # noqa: ANN401 - as it was written, or read
    value = part.data[name]
    if not isinstance(value, Mapping) or "type" not in value:
        return value
    given = part.part(name)
    if value["type"] != "env":
        message = f"{given.dotted()} cannot be carried over: values of the type {value['type']!r} are not read"
        raise given.refusal(message, hint="write the value, or {type: env, key: VARIABLE}")
    given.only(("type", "key", "default", "env_var_type"), {})
    key = given.text("key")
    if key not in environment:
        if "default" not in value:
            raise given.refusal(f"the environment has no {key}, which {given.dotted()} names", hint=f"export {key}=…")
        found = value["default"]
    else:
        found = environment[key]
    return _converted(found, given)


def _converted(value: Any, given: Part) -> Any:  # noqa: ANN401 - of the type that it names
    kind = given.text("env_var_type", "str")
    if kind not in _CONVERTERS:
        raise given.refusal(f"{given.dotted('env_var_type')} {kind!r} is no type", hint=", ".join(sorted(_CONVERTERS)))
    try:
        return _CONVERTERS[kind](value)
    except (TypeError, ValueError) as error:
        raise given.refusal(f"the value of {given.text('key')} is no {kind}") from error  # it may be a secret


def _bool(value: Any) -> bool:  # noqa: ANN401 - of the environment, or a default
    return value if isinstance(value, bool) else value.lower() not in {"false", "0", "no"}


def _bytes(value: Any) -> bytes:  # noqa: ANN401 - of the environment, or a default
    return str(value).encode()


def _json(value: Any) -> Any:  # noqa: ANN401 - any JSON
    return json.loads(value) if isinstance(value, str) and value else value


def _as_is(value: Any) -> Any:  # noqa: ANN401 - of the environment, or a default
    return value


_CONVERTERS: Mapping[str, Callable[[Any], Any]] = {
    "str": _as_is, "string": _as_is, "int": int, "integer": int, "float": float, "number": float,
    "bytes": _bytes, "bool": _bool, "json": _json,
}  # fmt: skip
"""As Chaos Toolkit converts (chaoslib.convert_to_type, 1.44.0 and 1.45.1)."""


def _braced(text: str) -> Iterator[str]:
    for found in string.Template.pattern.finditer(text):
        if found["braced"]:
            yield found["braced"]
