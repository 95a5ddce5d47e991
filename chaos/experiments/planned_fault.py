"""A fault of an experiment as the proxy takes it; one that can never fire is refused."""

from dataclasses import dataclass
from typing import Any

from llmops.chaos.experiments.evidence import Injection
from llmops.chaos.experiments.schema import Experiment, Injected, Load
from llmops.chaos.proxy.config import ScheduleSection, ScopeSection, schedule_of, scope_of
from llmops.chaos.proxy.injections import Injection as ProxyInjection
from llmops.chaos.proxy.injections import is_below_http, make_fault
from llmops.chaos.proxy.reach import Reach
from llmops.chaos.proxy.schedule import Schedule, matches
from llmops.chaos.wire.dialects import DIALECTS
from llmops.errors import BadInput, nearest_hint


@dataclass(frozen=True)
class PlannedFault:
    """The fault in the words of the evidence and in those of the control API."""

    injection: Injection
    toxic: dict[str, Any]

    @property
    def key(self) -> tuple[str, str]:
        return self.injection.provider, self.injection.name


def planned_fault(
    each: Injected, experiment: Experiment, *, requests: int, duration_s: float, speed: float
) -> PlannedFault:
    """A fault of a phase of so many requests and seconds. BadInput."""
    if each.provider not in experiment.providers:
        raise BadInput(
            f"there is no provider {each.provider!r}", hint=nearest_hint(each.provider, experiment.providers)
        )
    provider = experiment.providers[each.provider]
    fault = make_fault(each.fault, each.parameters)
    timed = scaled(each.schedule, speed)
    scope = each.scope if is_below_http(fault) else inference_only(each.scope)
    schedule = schedule_of(timed)
    name = each.name or each.fault
    load = experiment.load
    reach = Reach(provider.tls, provider.models, load.tenant_header if load.tenants else None)
    reach.check(ProxyInjection(name, fault, schedule, scope_of(scope)))
    _check_can_fire(schedule, requests, duration_s)
    _check_load(each, load)
    toxic = {
        "name": name,
        "type": each.fault,
        "attributes": each.parameters,
        "schedule": timed.model_dump(),
        "scope": scope.model_dump(),
    }
    return PlannedFault(
        Injection(each.provider, name, each.fault, is_below_http(fault), schedule, scope_of(scope)), toxic
    )


def inference_only(scope: ScopeSection) -> ScopeSection:
    """Without routes of its own a fault is for inference: gateways ask for `/v1/models` too, which nobody waits for."""
    return scope if scope.routes else scope.model_copy(update={"routes": list(DIALECTS)})


def scaled(schedule: ScheduleSection, speed: float) -> ScheduleSection:
    """Moments within a phase move with its length; probabilities and counts do not."""
    return schedule.model_copy(
        update={
            "after_s": schedule.after_s / speed,
            "until_s": None if schedule.until_s is None else schedule.until_s / speed,
            "ramp": [(at / speed, probability) for at, probability in schedule.ramp],
        }
    )


def _check_can_fire(schedule: Schedule, requests: int, duration_s: float) -> None:
    if schedule.after_s >= duration_s:
        raise BadInput(
            f"it begins after {schedule.after_s:g} s, and the phase ends after {duration_s:g} s",
            hint="it would never fire",
        )
    if schedule.every is not None and schedule.every > requests:
        raise BadInput(
            f"one of every {schedule.every} requests is hit, and the phase has {requests}", hint="it would never fire"
        )
    if schedule.probability == 0 and not schedule.ramp:
        raise BadInput("a probability of 0 never fires", hint="a phase without faults (`faults: []`) is a placebo")


def _check_load(each: Injected, load: Load) -> None:
    """What the load never asks cannot be hit."""
    if each.scope.stream is not None and each.scope.stream is not load.stream:
        asked = "streamed" if load.stream else "not streamed"
        word = str(each.scope.stream).lower()
        raise BadInput(f"`stream: {word}` never fires: the load's answers are {asked}", hint="leave it out")
    for tenant in each.scope.tenants:
        if not any(matches(known, (tenant,)) for known in load.tenants):
            raise BadInput(f"the load has no tenant {tenant!r}", hint=nearest_hint(tenant, load.tenants))
