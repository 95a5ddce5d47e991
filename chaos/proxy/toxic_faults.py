"""Our faults as further toxic types: on a provider's proxy, a toxic is an injection."""

from dataclasses import replace
from typing import Any

from llmops.chaos.faults.base import Fault, faults
from llmops.chaos.proxy.config import ScheduleSection, ScopeSection, lease_of, schedule_of, scope_of
from llmops.chaos.proxy.injections import Injection, Injections, make_fault
from llmops.chaos.proxy.receipts import fault_name
from llmops.chaos.proxy.toxic_json import INVALID_TYPE, TOXIC_EXISTS, TOXIC_NOT_FOUND, ApiError, Shape, bad_body
from llmops.chaos.toxics.base import toxics
from llmops.config import validated
from llmops.errors import nearest_hint


def lease_seconds(value: object, default_s: float | None) -> float | None:
    """`lease_s` of a request: seconds, `none`, or nothing for the default. ApiError."""
    if value is None or value == "none":
        return lease_of(value, default_s)
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise bad_body(f"lease_s must be seconds above 0 or none, not {value!r}")
    return float(value)


def add_fault(injections: Injections, shape: Shape, default_lease_s: float | None) -> dict[str, Any]:
    """Begin a fault on a provider. ApiError, or a BadInput that names the parameter."""
    if shape.type not in faults.names():
        raise unknown_type(shape.type, on_provider=True)
    if any(injection.name == shape.name for injection in injections):
        raise ApiError(*TOXIC_EXISTS)
    if shape.stream != "downstream":
        raise bad_body(f"{shape.type} acts on answers and connections: its stream is downstream")
    schedule = schedule_of(validated(ScheduleSection, shape.schedule or {}, "schedule"))
    if shape.toxicity != 1:
        schedule = replace(schedule, probability=shape.toxicity)
    scope = scope_of(validated(ScopeSection, shape.scope or {}, "scope"))
    injection = Injection(shape.name, make_fault(shape.type, shape.attributes), schedule, scope)
    injections.add(injection, lease_s=lease_seconds(shape.lease_s, default_lease_s))
    return fault_json(injections, injection)


def update_fault(
    injections: Injections, name: str, attributes: dict[str, Any], toxicity: float | None, lease_s: float | None
) -> dict[str, Any]:
    """Other parameters or another toxicity: the injection begins anew, with its lease."""
    old = found(injections, name)
    values = {**vars(old.fault), **attributes}
    schedule = old.schedule if toxicity is None else replace(old.schedule, probability=toxicity)
    new = Injection(name, make_fault(fault_name(old.fault), values), schedule, old.scope)
    injections.remove(name)
    injections.add(new, lease_s=lease_s)
    return fault_json(injections, new)


def found(injections: Injections, name: str) -> Injection:
    for injection in injections:
        if injection.name == name:
            return injection
    raise ApiError(*TOXIC_NOT_FOUND)


def fault_json(injections: Injections, injection: Injection) -> dict[str, Any]:
    """An injection as a toxic, with what ours know besides."""
    seen, hit = injections.counts(injection.name)
    fault: Fault = injection.fault
    return {
        "attributes": dict(vars(fault)),
        "name": injection.name,
        "type": fault_name(fault),
        "stream": "downstream",
        "toxicity": injection.schedule.probability,
        "lease_left_s": injections.lease_left_s(injection.name),
        "in_scope": seen,
        "hit": hit,
    }


def unknown_type(name: str, *, on_provider: bool) -> ApiError:
    """Toxiproxy's words, then what would help."""
    message, status = INVALID_TYPE
    if on_provider and name in toxics.names():
        return ApiError(f"{message}: {name} works on plain TCP proxies; this one speaks HTTP", status)
    if not on_provider and name in faults.names():
        return ApiError(f"{message}: {name} needs the proxy of a provider; this one is plain TCP", status)
    hint = nearest_hint(name, faults.names() if on_provider else toxics.names())
    return ApiError(f"{message}: {hint}" if hint else message, status)
