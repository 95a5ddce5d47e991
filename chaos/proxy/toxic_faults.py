"""The proxy of a provider as the control API shows it: our faults are further types of toxics."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from llmops.chaos.faults.base import faults
from llmops.chaos.proxy.config import ScheduleSection, ScopeSection, schedule_of, scope_of
from llmops.chaos.proxy.injection import Injection, begins_too_late, make_fault
from llmops.chaos.proxy.listener import address_text
from llmops.chaos.proxy.provider import Provider
from llmops.chaos.proxy.proxy import Proxy
from llmops.chaos.proxy.receipts import fault_name
from llmops.chaos.proxy.schedule import Schedule, Scope, set_fields
from llmops.chaos.proxy.toxic_json import (
    FAULT_KEYS,
    PROXY_KEYS,
    TOXIC_EXISTS,
    TOXIC_NOT_FOUND,
    ApiError,
    Change,
    Shape,
    bad_body,
    check_keys,
    forbidden,
    lease_seconds,
    text_of,
    truth_of,
    unknown_type,
)
from llmops.config import validated


class ToxicFaults:
    """What the API does to one provider: a toxic is an injection. Wrong parameters are ApiErrors, or BadInput."""

    def __init__(self, whole: Proxy, provider: Provider) -> None:
        self._whole = whole
        self._provider = provider
        self._injections = provider.injections

    def json(self) -> dict[str, Any]:
        provider = self._provider
        return {
            "name": provider.name,
            "listen": self._whole.listeners[provider.name].address,
            "upstream": address_text(provider.address.host, provider.address.port),
            "enabled": self._whole.is_enabled(provider.name),
            "toxics": [self._json(injection) for injection in self._injections],
        }

    async def update(self, fields: Mapping[str, Any]) -> None:
        """Up or down; the rest is what the configuration says."""
        check_keys(fields, PROXY_KEYS)
        shown = self.json()
        for field in ("listen", "upstream"):
            if text_of(fields, field, shown[field]) != shown[field]:
                raise forbidden(f"{field} of a provider is what the configuration says")
        lease_s = lease_seconds(fields.get("lease_s"), self._whole.leases.default_s)
        enabled = truth_of(fields, "enabled", default=shown["enabled"])
        self._whole.set_enabled(self._provider.name, enabled=enabled, lease_s=lease_s)
        await self._listens()

    async def reset(self) -> None:
        self._whole.set_enabled(self._provider.name, enabled=True)
        self._injections.clear()
        await self._listens()

    async def _listens(self) -> None:
        """Who is told so may connect at once, or is refused at once."""
        await self._whole.listening(self._provider.name)

    def toxic(self, name: str) -> dict[str, Any]:
        return self._json(self._found(name))

    async def add(self, shape: Shape) -> None:
        if shape.type not in faults.names():
            raise unknown_type(shape.type, on_provider=True)
        if any(injection.name == shape.name for injection in self._injections):
            raise ApiError(*TOXIC_EXISTS)
        if shape.stream != "downstream":
            raise bad_body(f"{shape.type} acts on answers and connections: its stream is downstream")
        check_keys(shape.ours, FAULT_KEYS)
        schedule = _schedule(shape.schedule, None if shape.toxicity == 1 else shape.toxicity)
        injection = Injection(shape.name, make_fault(shape.type, shape.attributes), schedule, _scope(shape.scope))
        lease_s = lease_seconds(shape.lease_s, self._whole.leases.default_s)
        self._injections.add(injection, lease_s=lease_s)
        await self._listens()
        if late := begins_too_late(injection, lease_s):  # unless it is renewed till then, as a driver does
            self._whole.journal.write(
                "note",
                what="warning",
                provider=self._provider.name,
                toxic=injection.name,
                reason=f"{late} unless renewed",
            )

    async def change(self, name: str, change: Change) -> None:
        """What is said is other from now on: the injection begins anew, its counts and its lease too.

        A schedule or a scope is replaced as a whole.
        """
        old = self._found(name)
        check_keys(change.ours, FAULT_KEYS)
        values = {**vars(old.fault), **change.attributes}
        if change.schedule is not None:
            schedule = _schedule(change.schedule, change.toxicity)
        elif change.toxicity is not None:
            schedule = _with_toxicity(old.schedule, change.toxicity)
        else:
            schedule = old.schedule
        scope = old.scope if change.scope is None else _scope(change.scope)
        new = Injection(name, make_fault(fault_name(old.fault), values), schedule, scope)
        lease_s = self._injections.lease_s(name) if change.lease_s is None else change.lease_s
        self._injections.replace(new, lease_s=lease_s)
        await self._listens()

    async def remove(self, name: str) -> None:
        self._found(name)
        self._injections.remove(name)
        await self._listens()

    def renew(self, name: str, lease_s: float | None) -> None:
        self._found(name)
        self._injections.renew(name, lease_s)

    def _found(self, name: str) -> Injection:
        for injection in self._injections:
            if injection.name == name:
                return injection
        raise ApiError(*TOXIC_NOT_FOUND)

    def _json(self, injection: Injection) -> dict[str, Any]:
        """An injection as a toxic, with what ours know besides."""
        seen, hit = self._injections.counts(injection.name)
        return {
            "attributes": dict(vars(injection.fault)),
            "name": injection.name,
            "type": fault_name(injection.fault),
            "stream": "downstream",
            "toxicity": injection.schedule.probability,
            "schedule": set_fields(injection.schedule),
            "scope": set_fields(injection.scope),
            "lease_left_s": self._injections.lease_left_s(injection.name),
            "in_scope": seen,
            "hit": hit,
            "applied": self._injections.applied(injection.name),
        }


def _schedule(given: object, toxicity: float | None) -> Schedule:
    """The schedule of a request. ApiError or BadInput where its toxicity says a second time how often."""
    section = validated(ScheduleSection, {} if given is None else given, "schedule")  # type: ignore[arg-type]
    if toxicity is not None and "probability" in section.model_fields_set:
        raise bad_body("toxicity and schedule.probability are one thing; give schedule.probability alone")
    schedule = schedule_of(section)
    return schedule if toxicity is None else _with_toxicity(schedule, toxicity)


def _with_toxicity(schedule: Schedule, toxicity: float) -> Schedule:
    if schedule.ramp:
        raise bad_body("schedule.ramp says how often; give no toxicity with it")
    return replace(schedule, probability=toxicity)


def _scope(given: object) -> Scope:
    return scope_of(validated(ScopeSection, {} if given is None else given, "scope"))  # type: ignore[arg-type]
