"""A Chaos Toolkit experiment as it can be run here; what cannot be carried over is refused by name, with the line."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmops.chaos.experiments.chaostoolkit.activity import Activities, Activity
from llmops.chaos.experiments.chaostoolkit.part import Part
from llmops.chaos.experiments.chaostoolkit.values import Values, values_of
from llmops.chaos.experiments.loader import Source, parse
from llmops.errors import BadInput

LABELS = ("version", "title", "description", "tags", "contributions", "extensions")
"""What is told and has no effect, there as here: the journal keeps it."""
KNOWN = (*LABELS, "configuration", "secrets", "runtime", "steady-state-hypothesis", "method", "rollbacks")
NOT_CARRIED = {
    "controls": "controls run code around activities, which this runner does not",
    "dry": "a run that leaves its activities out proves nothing",
}
STRATEGIES = {"hypothesis": ("default",), "rollbacks": ("default", "always")}
"""What of `runtime` is how runs are here: the hypothesis before and after the method, rollbacks always."""


@dataclass(frozen=True)
class Document:
    """One experiment."""

    data: Mapping[str, Any]  # as it stands in the file
    title: str
    values: Values
    hypothesis: tuple[Activity, ...]  # probes, each with its tolerance
    method: tuple[Activity, ...]
    rollbacks: tuple[Activity, ...]


def is_chaos_toolkit(data: Mapping[str, Any]) -> bool:
    """Whether this is one of theirs, and none of ours."""
    return "schema_version" not in data and bool({"method", "steady-state-hypothesis"} & {*data})


def read(path: Path) -> tuple[dict[str, Any], Source]:
    """The mapping in a YAML or JSON file, and the line of each of its parts. BadInput."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}", hint="check the path and its permissions") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 text", hint="save it as UTF-8") from error
    if path.suffix != ".json":
        return parse(text, str(path))
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path} is no JSON: {error}", hint="check commas and quotes") from error
    _, source = parse(text.replace("\t", " "), str(path))  # JSON is YAML but for its tabs, some numbers and surrogates
    return data, source


def document_of(data: Mapping[str, Any], source: Source, environment: Mapping[str, str]) -> Document:
    """BadInput, with the line, for what cannot be, and for what would be left out."""
    whole = Part(source, data)
    whole.only(KNOWN, NOT_CARRIED)
    title, _ = whole.text("title"), whole.text("description")
    _check_runtime(whole.part("runtime"))
    if "method" not in data:
        raise whole.refusal("the experiment has no 'method'", hint="it may be empty: []")
    values = values_of(whole, environment)
    activities = Activities(whole, values)
    return Document(
        data=data,
        title=str(values.filled(title)),
        values=values,
        hypothesis=_hypothesis(whole, activities),
        method=tuple(map(activities.of, whole.parts("method"))),
        rollbacks=tuple(map(activities.of, whole.parts("rollbacks"))),
    )


def _hypothesis(whole: Part, activities: Activities) -> tuple[Activity, ...]:
    if whole.data.get("steady-state-hypothesis") is None:
        return ()
    part = whole.part("steady-state-hypothesis")
    part.only(("title", "probes"), NOT_CARRIED)
    part.text("title")
    return tuple(_hypothesis_probe(each, activities) for each in part.parts("probes"))


def _hypothesis_probe(part: Part, activities: Activities) -> Activity:
    activity = activities.of(part)
    if activity.type != "probe" or activity.tolerance is None:
        raise part.refusal(f"{part.dotted()} is no probe with a tolerance", hint="a hypothesis holds nothing else")
    if activity.background:
        message = f"{part.dotted('background')} cannot be carried over: the probes of a hypothesis are asked in turn"
        raise part.refusal(message, "background", hint="take it out")
    return activity


def _check_runtime(part: Part) -> None:
    part.only(tuple(STRATEGIES), {})
    for name, known in STRATEGIES.items():
        inner = part.part(name)
        inner.only(("strategy",), {})
        strategy = inner.text("strategy", "default")
        if strategy not in known:
            message = f"{inner.dotted('strategy')} {strategy!r} cannot be carried over"
            raise inner.refusal(message, "strategy", hint=f"here it is always {known[-1]!r}")
