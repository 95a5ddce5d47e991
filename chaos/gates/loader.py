"""From a file of gates to gates that can be judged; whatever is wrong is told with the file and the line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

from llmops.chaos.experiments.loader import Source, parse
from llmops.chaos.gates.conditions import Bound, Condition
from llmops.chaos.gates.grammar import condition_of
from llmops.chaos.gates.schema import GateForm, Tolerances, Waiver, form_of
from llmops.errors import BadInput, LlmopsError


@dataclass(frozen=True)
class Gate:
    """One gate of a file."""

    name: str
    condition: Condition
    scope: Mapping[str, str] = field(default_factory=dict)
    level: Literal["fail", "warn"] = "fail"
    waiver: Waiver | None = None
    line: int | None = None


@dataclass(frozen=True)
class GateFile:
    """What a file asks of results."""

    file: str
    gates: tuple[Gate, ...]
    max_age: timedelta | None = None  # None: a result of any age will do
    tolerances: Tolerances = field(default_factory=Tolerances)


def load_gates(path: Path) -> GateFile:
    """The gates of a file. BadInput that names file and line."""
    data, source = parse(_read(path), str(path))
    form = form_of(data, source)
    gates = tuple(_gate(each, at, source) for at, each in enumerate(form.gates))
    _refuse_twins(gates, source)
    return GateFile(str(path), gates, form.max_age, form.baseline)


def _gate(form: GateForm, at: int, source: Source) -> Gate:
    try:
        condition = condition_of(form.expr)
    except LlmopsError as error:
        raise source.refusal(str(error), "gates", at, "expr", hint=error.hint) from error
    if form.scope and not isinstance(condition, Bound):
        message = "a verdict has no scope, nor has a system: its name says whose it is"
        raise source.refusal(message, "gates", at, "scope", hint="take the scope away")
    name = form.name or " of ".join(filter(None, [" ".join(form.expr.split()), in_words(form.scope)]))
    return Gate(name, condition, form.scope, form.level, form.waiver, source.line(("gates", at)))


def in_words(scope: Mapping[str, str]) -> str:
    """Such as `model=gpt-4o tenant=search`."""
    return " ".join(f"{name}={value}" for name, value in scope.items())


def _refuse_twins(gates: tuple[Gate, ...], source: Source) -> None:
    lines: dict[str, int | None] = {}
    for at, gate in enumerate(gates):
        if gate.name in lines:
            message = f"two gates are named {gate.name!r}: the other is in line {lines[gate.name]}"
            raise source.refusal(message, "gates", at, "name", hint="name one of them otherwise")
        lines[gate.name] = gate.line


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}", hint="check the path and its permissions") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 text", hint="save it as UTF-8") from error
