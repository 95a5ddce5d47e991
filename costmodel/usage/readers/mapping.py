"""Any CSV, JSON lines or Parquet file, by a mapping file that says which field is which column.

The file is YAML. `input_includes_cache: true|false` is required; every other key is a column of the usage table
(DESTINATIONS in base.py, or the short names time, model and output_tokens) and says where it is found:

    input_includes_cache: true             # are the cache tokens part of input_tokens?
    time: {path: ts, unit: epoch_ms}       # iso (the default, UTC where it has no offset), epoch_s, _ms, _us, _ns
    provider: {value: google}              # the same for every row
    model: request.model                   # a field, and the way into it where it holds an object or JSON text
    input_tokens: usage.promptTokenCount
    output_tokens: {sum: [usage.candidatesTokenCount, usage.thoughtsTokenCount]}   # of those a row has
    latency_s: {path: took, unit: ms}      # latency_s and ttft_s: s or ms; cost_reported_usd: usd or cents
    tenant: {path: labels.team, optional: true}    # may be missing in the whole file
"""

from collections.abc import Mapping as MappingABC
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from llmops.config import load_yaml
from llmops.costmodel.usage.quoting import literal
from llmops.costmodel.usage.readers.base import DESTINATIONS, At, Reader, Reading
from llmops.errors import BadInput, nearest_hint

SHORT_NAMES = {"time": "ts_utc", "model": "model_served", "output_tokens": "output_total_tokens"}
_INCLUDES_CACHE = "input_includes_cache"
_DEDUPE_KEEP = "keep"
_TIME_UNITS = ("iso", "epoch_s", "epoch_ms", "epoch_us", "epoch_ns")
_DURATIONS = {"s": 1, "ms": 1000}
_UNITS: dict[str, Sequence[str]] = {
    "ts_utc": _TIME_UNITS,
    "latency_s": tuple(_DURATIONS),
    "ttft_s": tuple(_DURATIONS),
    "cost_reported_usd": ("usd", "cents"),
}
_REQUIRED = ("input_tokens", "output_total_tokens")


@dataclass(frozen=True)
class Place:
    """Where one column is found: the sum of some paths, or a value that all rows share."""

    paths: tuple[str, ...] = ()
    value: str | None = None
    unit: str | None = None
    optional: bool = False


@dataclass
class Mapping(Reader):
    """A mapping file. `samples` (the first records) tell where a path with dots in its field names is parted."""

    input_includes_cache: bool = False
    keep: str = "first"
    places: MappingABC[str, Place] = field(default_factory=dict)
    file: str = ""
    samples: Sequence[MappingABC[str, Any]] = ()
    looks_for: str = "whatever the file given with --mapping says"

    @classmethod
    def load(cls, path: Path) -> "Mapping":
        """The mapping in a YAML file. BadInput for a key, form or unit that is not known, with the nearest name."""
        data = load_yaml(path)
        flag = data.pop(_INCLUDES_CACHE, None)
        if not isinstance(flag, bool):
            hint = (
                "true if input_tokens has the cache tokens in it (as OpenAI counts), false if not (as Anthropic does)"
            )
            raise BadInput(f"{path}: {_INCLUDES_CACHE} must be true or false", hint=hint)
        keep = data.pop(_DEDUPE_KEEP, "first")
        if keep not in ("first", "last"):
            raise BadInput(f"{path}: keep must be first or last", hint="which of the rows with one dedupe_key counts")
        places = dict(_place(str(key), value, str(path)) for key, value in data.items())
        for column in _REQUIRED:
            if column not in places:
                raise BadInput(f"{path} does not say where {column} is", hint=f"add a line such as `{column}: FIELD`")
        return cls(flag, keep, places, str(path))

    @property
    def silent_on(self) -> frozenset[str]:
        return frozenset({"status", "cache_read_tokens"} - self.places.keys())

    def recognises(self, record: MappingABC[str, Any]) -> bool:
        return bool(record)

    def reading(self, at: At) -> Reading:
        columns = {column: self._expression(place, at) for column, place in self.places.items()}
        if "status" in columns:
            columns["status"] = _status(columns["status"])
        if "processing" in columns:
            columns["processing"] = _processing(columns["processing"])
        time = self.places.get("ts_utc")
        return Reading(columns, time_unit=(time and time.unit) or "iso")

    def paths(self) -> dict[str, tuple[str, ...]]:
        """Every path that must be found in the file, as its steps, by the text the user wrote."""
        places = [place for place in self.places.values() if not place.optional]
        return {path: self.steps(path) for place in places for path in place.paths}

    def steps(self, path: str) -> tuple[str, ...]:
        """The steps of a path: at each level the longest field name that the first records have there."""
        steps: list[str] = []
        values: list[Any] = list(self.samples)
        while path:
            keys = {key for value in values if isinstance(value, MappingABC) for key in value}
            fitting = [key for key in keys if path == key or path.startswith(f"{key}.")]
            step = max(fitting, key=len, default=path.partition(".")[0])
            steps.append(step)
            path = path[len(step) + 1 :]
            values = [_opened(value[step]) for value in values if isinstance(value, MappingABC) and step in value]
        return tuple(steps)

    @staticmethod
    def keys_at(record: MappingABC[str, Any], steps: Sequence[str]) -> set[str]:
        """The keys that a record has at the end of some steps."""
        value: Any = record
        for step in steps:
            value = _opened(value.get(step)) if isinstance(value, MappingABC) else None
        return set(value) if isinstance(value, MappingABC) else set()

    def _expression(self, place: Place, at: At) -> str:
        if place.value is not None:
            return literal(place.value)
        found = [at(*self.steps(path)) for path in place.paths]
        expression = found[0] if len(found) == 1 else _sum(found)
        if place.unit == "ms":
            return f"(try_cast({expression} as double) / 1000)::varchar"
        if place.unit == "cents":
            return (
                f"case when {expression} similar to '[-+.0-9]*' then {expression} || 'e-2' else 'not plain digits' end"
            )
        return expression


def _place(key: str, value: Any, where: str) -> tuple[str, Place]:  # noqa: ANN401 - YAML holds anything
    column = SHORT_NAMES.get(key, key)
    if column not in DESTINATIONS:
        known = [*DESTINATIONS, *SHORT_NAMES, _INCLUDES_CACHE, _DEDUPE_KEEP]
        raise BadInput(f"{where}: no column is named {key!r}", hint=nearest_hint(key, known))
    if isinstance(value, str):
        return column, Place((value,))
    if not isinstance(value, dict) or len({"path", "sum", "value"} & value.keys()) != 1:
        raise BadInput(
            f"{where}: {key} must be a path, {{path, unit}}, {{sum: [paths]}} or {{value}}", hint=f"found: {value}"
        )
    unknown = next((name for name in value if name not in ("path", "sum", "value", "unit", "optional")), None)
    if unknown is not None:
        raise BadInput(f"{where}: {key}: unknown key {unknown!r}", hint="known: path, sum, value, unit, optional")
    return column, Place(
        _paths(value, key, where),
        _value(value, key, where),
        _unit(value, column, key, where),
        bool(value.get("optional")),
    )


def _paths(value: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    paths = value.get("sum", [value["path"]] if "path" in value else [])
    if not isinstance(paths, list) or not all(isinstance(path, str) and path for path in paths):
        raise BadInput(f"{where}: {key}: paths must be texts", hint=f"found: {paths}")
    if "sum" in value and not paths:
        raise BadInput(f"{where}: {key}: the sum has no paths", hint="list the fields that add up")
    return tuple(paths)


def _value(value: dict[str, Any], key: str, where: str) -> str | None:
    if "value" in value and not isinstance(value["value"], str | int | float):
        raise BadInput(f"{where}: {key}: the value must be one text or number", hint=f"found: {value['value']}")
    return str(value["value"]) if "value" in value else None


def _unit(value: dict[str, Any], column: str, key: str, where: str) -> str | None:
    unit = value.get("unit")
    if unit is None:
        return None
    known = _UNITS.get(column, ())
    if unit not in known:
        raise BadInput(
            f"{where}: {key} has no unit {unit!r}", hint=nearest_hint(str(unit), known) or "leave the unit out"
        )
    return str(unit)


def _opened(value: Any) -> Any:  # noqa: ANN401 - a value in JSON is anything
    """What is inside a text that holds JSON."""
    from llmops.costmodel.usage.containers import parsed_object

    return parsed_object(value) if isinstance(value, str) and value.lstrip().startswith("{") else value


def _sum(expressions: Sequence[str]) -> str:
    """SQL: the sum of those that are there, NULL when none is or one is no number."""
    numbers = [f"try_cast({expression} as double)" for expression in expressions]
    bad = " or ".join(
        f"({expression} is not null and {number} is null)"
        for expression, number in zip(expressions, numbers, strict=True)
    )
    total = " + ".join(f"coalesce({number}, 0)" for number in numbers)
    is_there = f"coalesce({', '.join(expressions)}) is not null"
    return f"case when {bad} then 'not a number' when {is_there} then ({total})::varchar end"


def _status(text: str) -> str:
    fine = "('success', 'succeeded', 'ok', 'completed', 'complete', 'true')"
    is_fine = f"{text} is null or lower({text}) in {fine} or regexp_full_match({text}, '2[0-9][0-9]')"
    return f"case when {is_fine} then 'success' else {text} end"


def _processing(text: str) -> str:
    return (
        f"case when lower({text}) in ('batch', 'true', '1') then 'batch' "
        f"when {text} is null or lower({text}) in ('standard', 'default', 'false', '0') then 'standard' else {text} end"
    )
