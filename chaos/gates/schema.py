"""The form of a gate file: whatever is not known or cannot be is refused by its key."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from llmops.chaos.experiments.loader import Source
from llmops.config import fields_at
from llmops.errors import BadInput, nearest_hint

SCOPES = (
    *("model", "provider", "route", "tenant", "feature", "user"),
    *("scenario", "validator", "breaker", "span", "band", "bucket_s", "day", "hour", "runbook"),
)
"""What metrics of ours are told apart by."""
SAME_SCOPES = {"team": "tenant"}
DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)")
DURATIONS_S = {"s": 1, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
MAX_AGE_S = 36_500 * 86_400  # a hundred years: more overflows a date


def duration(value: Any) -> Any:  # noqa: ANN401 - whatever YAML holds
    found = DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None or found[2] not in DURATIONS_S:
        raise ValueError(f"a time is a number and one of {', '.join(DURATIONS_S)}, such as 24 h or 7 d")
    seconds = float(found[1]) * DURATIONS_S[found[2]]
    if not 0 < seconds <= MAX_AGE_S:
        raise ValueError("that is no age, write it as 24 h or 7 d")
    return timedelta(seconds=seconds)


def _scope(value: Any) -> Any:  # noqa: ANN401 - whatever YAML holds
    if not isinstance(value, Mapping):
        raise ValueError("a scope is written as {model: gpt-4o}")  # noqa: TRY004 - pydantic wants it
    scope = {SAME_SCOPES.get(name, name): _text(each) for name, each in value.items()}
    for name in scope:
        if name not in SCOPES:
            raise ValueError(f"no metric is told apart by {name!r}; {nearest_hint(str(name), SCOPES)}")
    if len(scope) < len(value):
        raise ValueError("team and tenant are the same")
    return scope


def _text(value: Any) -> Any:  # noqa: ANN401 - whatever YAML holds
    """Scopes are text, also those that YAML takes for numbers and dates."""
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Tolerance = Annotated[float, Field(ge=0, le=10)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Waiver(_Strict):
    """Why a gate may fail for a while, and who answers for it."""

    owner: Words
    reason: Words
    until: date  # the last day, by UTC

    def is_in_force(self, today: date) -> bool:
        return today <= self.until


class GateForm(_Strict):
    """One gate."""

    expr: Words
    name: Words | None = None
    scope: Annotated[dict[str, Words], BeforeValidator(_scope)] = {}
    level: Literal["fail", "warn"] = "fail"
    waiver: Waiver | None = None


class Tolerances(_Strict):
    """How much worse than the baseline is no regression."""

    slower_ratio: Tolerance = 0.1  # of times: 10 percent more
    dearer_ratio: Tolerance = 0.1  # of costs and attempts: 10 percent more
    worse_ratio: Annotated[float, Field(ge=0, lt=1)] = 0.02  # of ratios: so much of one, 2 points


class GateFileForm(_Strict):
    """The file."""

    schema_version: Literal[1] = 1
    max_age: Annotated[timedelta, BeforeValidator(duration)] | None = None
    baseline: Tolerances = Tolerances()
    gates: Annotated[list[GateForm], Field(min_length=1)]


def form_of(data: Mapping[str, Any], source: Source) -> GateFileForm:
    """The form that the data of a file have. BadInput with the line of the first key or value that cannot be."""
    gates = data.get("gates")
    if isinstance(gates, list):
        data = {**data, "gates": [{"expr": each} if isinstance(each, str) else each for each in gates]}
    try:
        return GateFileForm.model_validate(dict(data))
    except ValidationError as error:
        raise _refusal(error, source) from error


def _refusal(error: ValidationError, source: Source) -> BadInput:
    found = error.errors(include_url=False, include_context=False)
    first = next((each for each in found if each["type"] == "extra_forbidden"), found[0])  # a typo is missing, too
    path, kind = first["loc"], first["type"]
    last = str(path[-1])
    if kind == "extra_forbidden":
        return source.refusal(f"unknown key {last!r}", *path, hint=nearest_hint(last, fields_at(GateFileForm, path)))
    if kind == "missing":
        where = "the gate file" if len(path) == 1 else f"this {'waiver' if 'waiver' in path else 'gate'}"
        return source.refusal(f"{where} has no {last!r}", *path, hint="it is required")
    if path == ("gates",) and kind == "too_short":
        return source.refusal(
            "there is no gate in it, so that nothing could fail", "gates", hint="such as laundered == 0"
        )
    if kind == "model_type" and path[0] == "gates":
        hint = "such as `ttft_p95_s < 0.6`, or {expr: …, level: warn}"
        return source.refusal("a gate is an expression, or a mapping with `expr`", *path, hint=hint)
    message = first["msg"].removeprefix("Value error, ")
    hint = "" if kind == "value_error" else f"found: {first['input']!r}"
    return source.refusal(f"{'.'.join(map(str, path))}: {message}", *path, hint=hint)
