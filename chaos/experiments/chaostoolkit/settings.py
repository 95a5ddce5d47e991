"""What the arguments of an activity say, checked, in the words of experiments. BadInput for what cannot be."""

from collections.abc import Mapping
from typing import Any

from llmops.chaos.experiments.evidence import Injection
from llmops.chaos.experiments.planned_fault import inference_only
from llmops.chaos.experiments.schema import Experiment, Hold, Wrong, experiment_from
from llmops.chaos.load.asks import ASKS, auth_headers
from llmops.chaos.proxy.config import ScheduleSection, ScopeSection, schedule_of, scope_of
from llmops.chaos.proxy.injection import is_below_http, make_fault
from llmops.config import validated
from llmops.errors import BadInput, nearest_hint

NO_PHASE = {"name": "none", "requests": 1, "faults": []}
"""An experiment has phases; here they are activities."""


def injection_of(  # noqa: PLR0913, PLR0917 - what an injection is made of
    provider: str,
    fault_name: str,
    parameters: Mapping[str, Any],
    scope: Mapping[str, Any],
    schedule: Mapping[str, Any],
    name: str | None,
) -> tuple[Injection, dict[str, Any]]:
    """The fault in the words of the evidence and in those of the control API."""
    fault = make_fault(fault_name, parameters)
    below_http = is_below_http(fault)
    timed, scoped = validated(ScheduleSection, schedule, "schedule"), validated(ScopeSection, scope, "scope")
    scoped = scoped if below_http else inference_only(scoped)
    named = name or fault_name
    toxic = {
        "name": named,
        "type": fault_name,
        "attributes": dict(parameters),
        "schedule": timed.model_dump(),
        "scope": scoped.model_dump(),
    }
    return Injection(provider, named, fault_name, below_http, schedule_of(timed), scope_of(scoped)), toxic


def experiment_of(drill: Mapping[str, Any], system: str) -> Experiment:
    """The experiment that a drill is of: what it asks, of whom, and what it expects. Its system runs already."""
    given = {"name": "drill", "expectations": ["functional_success"], **drill}
    for name in ("schema_version", "system", "phases", "proxy"):
        if name in drill:
            raise BadInput(f"a drill has no {name!r}", hint="its system is an argument, its phases are activities")
    try:
        experiment = experiment_from({**given, "schema_version": 1, "system": {"url": system}, "phases": [NO_PHASE]})
    except Wrong as wrong:
        raise BadInput(f"drill: {wrong}", hint=wrong.hint) from wrong
    if experiment.load.dialect not in ASKS:
        dialect = experiment.load.dialect
        raise BadInput(f"no load speaks {dialect!r}", hint=nearest_hint(dialect, ASKS))
    return experiment


def hold_of(values: Mapping[str, Any]) -> Hold:
    """How long something is watched: requests or seconds."""
    return validated(Hold, {name: value for name, value in values.items() if value is not None}, "hold")


def headers_of(experiment: Experiment, key: str, headers: Mapping[str, str]) -> dict[str, str]:
    """What the load sends: the key as its dialect carries it, and more."""
    own = {name.lower(): value for name, value in headers.items()}
    return {**(auth_headers(experiment.load.dialect, key) if key else {}), **own}
