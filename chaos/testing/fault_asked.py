"""A fault as a test asks for it: the words of `chaos.providers.NAME.injections` in llmops.yaml, in Python."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from llmops.chaos.faults.base import Fault, faults
from llmops.chaos.proxy.config import ScheduleSection, ScopeSection, schedule_of, scope_of
from llmops.chaos.proxy.injection import Injection, make_fault
from llmops.chaos.proxy.leases import DEFAULT_LEASE_S
from llmops.chaos.proxy.schedule import Schedule, Scope
from llmops.config import validated
from llmops.errors import BadInput


@dataclass(frozen=True)
class FaultAsked:
    """What, where and when; checked when it is made."""

    type_name: str
    fault: Fault
    proxy: str | None  # None: the only one
    schedule: Schedule
    scope: Scope
    lease_s: float

    def injection(self, name: str) -> Injection:
        return Injection(name, self.fault, self.schedule, self.scope)


def fault_asked(
    fault: str,
    /,
    *,
    proxy: str | None = None,
    schedule: Mapping[str, Any] | None = None,
    scope: Mapping[str, Any] | None = None,
    lease_s: float = DEFAULT_LEASE_S,
    **parameters: object,
) -> FaultAsked:
    """UnknownName, or BadInput for what is wrong, can never fire, or fires and leaves no trace of it."""
    _check_words(fault, parameters)
    asked = FaultAsked(
        fault,
        make_fault(fault, parameters),
        proxy,
        schedule_of(validated(ScheduleSection, schedule or {}, "schedule")),
        scope_of(validated(ScopeSection, scope or {}, "scope")),
        lease_s,
    )
    if getattr(asked.fault, "stops_listening", False) and asked.schedule.is_always:
        raise BadInput(
            f"nobody sees who meets {fault}: a test could pass without it",
            hint='schedule={"every": 1} accepts each connection and resets it, with a receipt',
        )
    return asked


def _check_words(fault: str, parameters: Mapping[str, object]) -> None:
    """The likeliest slip: a word of the schedule or the scope among the fault's own. UnknownName, BadInput."""
    own = {each.name for each in fields(faults.get(fault))}  # type: ignore[arg-type] # every fault is a dataclass
    for what, section in (("schedule", ScheduleSection), ("scope", ScopeSection)):
        for word in parameters:
            if word in section.model_fields and word not in own:
                raise BadInput(f"{fault} has no parameter {word!r}", hint=f'{what}={{"{word}": …}}')
