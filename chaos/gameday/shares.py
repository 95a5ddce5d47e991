"""What share of a phase's requests its faults hit, and what share of them callers may lose, before anything runs.

Faults throw their dice apart from one another: at a moment all of them miss with the product of their misses.
"""

import math
from collections.abc import Callable

from llmops.chaos.experiments.evidence import Injection
from llmops.chaos.experiments.plan import Step
from llmops.chaos.experiments.schema import Experiment
from llmops.chaos.faults.base import faults

POINTS = 200  # moments of a phase that are looked at
LEAST_FAILED = 0.05  # expected even where a fallback should save all: gateways learn, retries run out


def radius_ratio(step: Step, experiment: Experiment) -> float:
    """The share of the step's requests that may meet a fault, whatever its scope: at most.

    Each request goes to the preferred provider; how many come to another is up to the system.
    """
    return _mean(step, lambda moment_s: _hit_at(step, next(iter(experiment.providers)), moment_s, experiment))


def failed_ratio(step: Step, experiment: Experiment) -> float:
    """The share of callers' requests that is expected to fail: where every provider fails, or nobody sees an error."""
    if any(faults.get(one.fault).family in {"content", "embeddings"} for one in step.injections):
        return max(LEAST_FAILED, radius_ratio(step, experiment))
    names = list(experiment.providers)
    lost = _mean(step, lambda moment_s: math.prod(_hit_at(step, name, moment_s, experiment) for name in names))
    return max(LEAST_FAILED, lost)


def _mean(step: Step, share_at: Callable[[float], float]) -> float:
    return sum(share_at(step.duration_s * (at + 0.5) / POINTS) for at in range(POINTS)) / POINTS


def _hit_at(step: Step, provider: str, moment_s: float, experiment: Experiment) -> float:
    own = (one for one in step.injections if one.provider == provider)
    return 1 - math.prod(1 - _of_one(one, moment_s, step.requests, experiment) for one in own)


def _of_one(injection: Injection, moment_s: float, requests: int, experiment: Experiment) -> float:
    schedule = injection.schedule
    if not schedule.is_open(moment_s):
        return 0.0
    if schedule.sticky is not None:
        return _of_tenants(injection, moment_s, experiment)
    ratio = schedule.probability_at(moment_s) / (schedule.every or 1)
    return ratio if schedule.first is None else ratio * min(1.0, schedule.first / max(1, requests))


def _of_tenants(injection: Injection, moment_s: float, experiment: Experiment) -> float:
    """The weight of the tenants that the seed's dice choose; other clients are not known: all of them may be hit."""
    load = experiment.load
    if injection.schedule.sticky != load.tenant_header or not load.tenants:
        return 1.0
    label = f"{injection.provider}:{injection.name}"  # as the proxy throws
    hit = (
        weight
        for name, weight in load.tenants.items()
        if injection.schedule.hits(1, moment_s, seed=experiment.seed, label=label, key=name)
    )
    return sum(hit) / sum(load.tenants.values())
