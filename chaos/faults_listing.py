"""What there is to inject: the names, powers and fields of all faults, from the registry and their sources."""

import ast
import dataclasses
import inspect
import json
import textwrap
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

from llmops.chaos.bounds import LIMITS, SECONDS, WHOLE
from llmops.chaos.faults.base import Answers, Edits, Fault, OnAccept, Remembers, faults

UNITS = {
    "_s": "seconds",
    "_ms": "milliseconds",
    "_tokens": "tokens",
    "_bytes": "bytes",
    "_bytes_per_second": "bytes per second",
    "_per_second": "per second",
    "_per_minute": "a minute",
    "_per_day": "a day",
    "_ratio": "0 to 1",
    "_percent": "percent",
}
POWERS = (
    (Answers, "answers by itself"),
    (Edits, "edits the answer"),
    (OnAccept, "acts when a connection is accepted"),
    (Remembers, "remembers between requests"),
)

MOST = (
    f"Where nothing else is said, a time is at most {SECONDS.most:,} s ({SECONDS.why}) and any other number at most "
    f"{WHOLE.most:,} ({WHOLE.why})."
)

HOLDS = {
    "text": "Holds a stream until its text has ended.",
    "event": "Runs one event of text behind.",
}
NOTES = {
    "http": "On a route that no dialect reads (`/v1/files`, `/v1/messages/batches`) the error is that of the provider "
    "whose route it is, by path and headers; where nobody knows, a plain one, and the receipt says so (`error_of`).",
    "content": "A fault that holds a stream or runs behind makes the first visible token late; its receipt says by how "
    "long (`held_s`).",
}


@dataclass(frozen=True)
class FieldFacts:
    """One field of a fault: its configuration."""

    name: str
    type: str
    unit: str
    default: str  # as one would write it; empty where it must be given
    help: str


@dataclass(frozen=True)
class FaultFacts:
    """What a fault is."""

    name: str
    family: str
    powers: str
    help: str
    about: str  # the docstring of its class
    fields: tuple[FieldFacts, ...]
    holds: str  # what of a stream it holds back; empty where nothing
    example: str  # one injection, as YAML in one line


def fault_facts(name: str) -> FaultFacts:
    """UnknownName, with the nearest name as the hint, where there is none."""
    kind = faults.get(name)
    fields = tuple(_fields(kind))
    return FaultFacts(
        name=name,
        family=kind.family,
        powers=", ".join(word for power, word in POWERS if _has(kind, power)) or "acts below HTTP",
        help=faults.help(name),
        about=inspect.cleandoc(kind.__doc__ or ""),
        fields=fields,
        holds=HOLDS.get(getattr(kind, "holds", ""), ""),
        example=_example(name, kind),
    )


FAMILIES = {
    "transport": "on the connection and in the framing of the answer",
    "http": "errors and redirects with the provider's own body and headers",
    "stream": "in the events of a stream",
    "content": "bad, but 200",
    "embeddings": "in vectors",
}


def all_faults() -> list[FaultFacts]:
    """Of every fault, by family and name."""
    order = list(FAMILIES)
    return sorted(map(fault_facts, faults.names()), key=lambda facts: (order.index(facts.family), facts.name))


def example_file(facts: FaultFacts) -> list[str]:
    """A whole llmops.yaml with one injection of the fault, line by line."""
    return [
        "chaos:",
        "  providers:",
        "    openai:",
        "      upstream: https://api.openai.com",
        "      injections:",
        f"        {facts.example}",
    ]


def markdown(found: Sequence[FaultFacts]) -> str:
    """The page docs/faults.md."""
    lines = ["# Faults", "", "Made by `llmops.chaos.faults_listing`; `llmops chaos describe FAULT` tells one.", ""]
    lines += [MOST, ""]
    for family, what in FAMILIES.items():
        lines += [
            f"## {family}: {what}",
            "",
            *([NOTES[family], ""] if family in NOTES else []),
            "| fault | what it does | parameters |",
            "|---|---|---|",
        ]
        lines += [_row(facts) for facts in found if facts.family == family]
        lines += [""]
    return "\n".join(lines)


def _row(facts: FaultFacts) -> str:
    cells = [
        f"`{facts.name}`",
        f"{facts.help} {facts.holds}".rstrip(),
        "<br>".join(map(_parameter, facts.fields)) or "none",
    ]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _parameter(field: FieldFacts) -> str:
    default = f" = {field.default}" if field.default else ""
    return f"`{field.name}`: {field.type}{default}" + (f" ({field.help})" if field.help else "")


def _has(kind: type[Fault], power: type) -> bool:
    methods = [name for name in vars(power) if not name.startswith("_") and callable(getattr(power, name, None))]
    return bool(methods) and all(callable(getattr(kind, name, None)) for name in methods)


def _fields(kind: type[Any]) -> list[FieldFacts]:
    hints, comments = get_type_hints(kind), _comments(kind)
    choices: Mapping[str, Sequence[str]] = getattr(kind, "choices", {})
    return [
        FieldFacts(
            field.name,
            " | ".join(choices.get(field.name, ())) or type_name(hints[field.name]),
            unit_of(field.name),
            _default(field),
            "; ".join(filter(None, (comments.get(field.name, ""), str(LIMITS.get(field.name, ""))))),
        )
        for field in dataclasses.fields(kind)
    ]


def type_name(hint: Any) -> str:  # noqa: ANN401 - a type annotation is anything
    """A type as a user reads it: `int`, `seconds | zero`, `int or none`."""
    if get_origin(hint) is Literal:
        return " | ".join(map(str, get_args(hint)))
    if hint is type(None):
        return "none"
    if get_origin(hint) is typing.Union or type(hint).__name__ == "UnionType":
        return " or ".join(map(type_name, get_args(hint)))
    if get_origin(hint) in {tuple, list, Sequence}:
        inner = [type_name(arg) for arg in get_args(hint) if arg is not Ellipsis]
        return f"list of {' and '.join(inner)}"
    return getattr(hint, "__name__", str(hint))


def unit_of(name: str) -> str:
    """The unit that a field's name ends in; empty where it has none."""
    return next((unit for suffix, unit in sorted(UNITS.items(), key=lambda u: -len(u[0])) if name.endswith(suffix)), "")


def _default(field: "dataclasses.Field[Any]") -> str:
    if field.default is not dataclasses.MISSING:
        return "none" if field.default is None else _shown(field.default)
    if field.default_factory is not dataclasses.MISSING:
        return str(field.default_factory())
    return ""


def _shown(value: object) -> str:
    """As it is; a text that would not be seen, in quotation marks."""
    seen = not isinstance(value, str) or (value == value.strip() and value.isprintable())
    return str(value) if seen else json.dumps(value)


def _comments(kind: type[Any]) -> Mapping[str, str]:
    """The comment that stands behind each field in the source."""
    source = textwrap.dedent(inspect.getsource(kind))
    lines = source.splitlines()
    found = {}
    for node in ast.parse(source).body[0].body:  # type: ignore[attr-defined] # it is a class
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            _, mark, comment = lines[(node.end_lineno or node.lineno) - 1][node.end_col_offset or 0 :].partition("#")
            if mark:
                found[node.target.id] = comment.strip()
    return found


def _example(name: str, kind: type[Any]) -> str:
    """An injection that works: what must be given is given, and the first field that has a default is shown."""
    parameters = {}
    for field in dataclasses.fields(kind):
        given = getattr(kind, "example", {}).get(field.name)
        if given is not None:
            parameters[field.name] = given
    if not parameters:
        shown = next((f for f in dataclasses.fields(kind) if isinstance(f.default, int | float | str)), None)
        parameters = {shown.name: shown.default} if shown else {}
    inside = ", ".join(f"{key}: {_yaml(value)}" for key, value in parameters.items())
    return f"- {{fault: {name}{f', parameters: {{{inside}}}' if inside else ''}}}"


def _yaml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else json.dumps(value, ensure_ascii=False)
