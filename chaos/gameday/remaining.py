"""The faults of a phase that has run for a while already, for its remaining time."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from llmops.chaos.experiments.plan import Step

Key = tuple[str, str]  # provider, name of the injection


def remaining(step: Step, elapsed_s: float, hits: Mapping[Key, int]) -> Step:
    """The step with the faults that are still to act: their moments come as much sooner, their counts are as much less.

    The dice begin anew. A ramp goes on where it was.
    """
    if elapsed_s <= 0:
        return step
    faults = []
    for fault in step.faults:
        schedule = rest_of(fault.toxic["schedule"], elapsed_s, hits.get(fault.key, 0))
        if schedule is not None:
            faults.append(replace(fault, toxic={**fault.toxic, "schedule": schedule}))
    return replace(step, faults=tuple(faults))


def rest_of(schedule: Mapping[str, Any], elapsed_s: float, hit: int) -> dict[str, Any] | None:
    """What is left of a schedule; None where it is over."""
    rest = dict(schedule)
    if rest.get("until_s") is not None:
        rest["until_s"] -= elapsed_s
        if rest["until_s"] <= 0:
            return None
    rest["after_s"] = max(0.0, (rest.get("after_s") or 0.0) - elapsed_s)
    rest["ramp"] = [(at - elapsed_s, probability) for at, probability in rest.get("ramp") or ()]
    if rest.get("first") is not None:
        rest["first"] -= hit
        if rest["first"] < (rest.get("every") or 1):
            return None
    return rest
