"""A fault of an experiment as the proxy takes it; one that can never fire is refused."""

from dataclasses import dataclass
from typing import Any

from llmops.chaos.experiments.can_fire import require_can_fire
from llmops.chaos.experiments.evidence import Injection
from llmops.chaos.experiments.schema import Experiment, Injected
from llmops.chaos.faults.base import Fault
from llmops.chaos.proxy.config import ScheduleSection, ScopeSection, schedule_of, scope_of
from llmops.chaos.proxy.injection import Injection as ProxyInjection
from llmops.chaos.proxy.injection import is_below_http, make_fault
from llmops.chaos.proxy.reach import Reach
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
    _check_listener(each, fault, experiment)
    reach = Reach(provider.tls, provider.models, load.tenant_header if load.tenants else None)
    reach.check(ProxyInjection(name, fault, schedule, scope_of(scope)))
    require_can_fire(each, fault, schedule, experiment, requests=requests, duration_s=duration_s)
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


def _check_listener(each: Injected, fault: Fault, experiment: Experiment) -> None:
    """What the proxy would refuse too, in the words of an experiment."""
    if getattr(fault, "needs_tls", False) and not experiment.providers[each.provider].tls:
        hint = f"give {each.provider} `tls: true`, and the system {{authority}} to trust"
        raise BadInput(f"{each.fault} needs a TLS listener", hint=hint)
    if each.scope.tenants and not experiment.load.tenants:
        raise BadInput("the scope names tenants, and the load has none", hint="give the load `tenants: {NAME: weight}`")
