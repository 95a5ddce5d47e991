"""One fault that is on: for whom, when, and how it is made from a name and parameters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import fields as fields_of
from typing import Any

from llmops.chaos.bounds import check_limits
from llmops.chaos.faults.base import Fault, OnAccept, OnHandshake, faults
from llmops.chaos.proxy.receipts import fault_name
from llmops.chaos.proxy.schedule import Schedule, Scope, set_fields
from llmops.errors import BadInput, nearest_hint

TAKEN_NAME = "down"  # of a whole listener, in leases and receipts


@dataclass(frozen=True)
class Injection:
    """A fault, for whom and when. `lease_s` None is for ever; the proxy's default holds where nothing is said."""

    name: str
    fault: Fault
    schedule: Schedule = field(default_factory=Schedule)
    scope: Scope = field(default_factory=Scope)

    def __post_init__(self) -> None:
        check_name(self.name, "an injection")
        if self.name == TAKEN_NAME:
            raise BadInput(f"no injection may be named {TAKEN_NAME}", hint="a listener that is disabled is called so")
        if not is_below_http(self.fault):
            return
        if not self.scope.is_all or self.schedule.sticky is not None:
            raise BadInput(
                f"{fault_name(self.fault)} acts on connections, before there is a request to look at",
                hint="give it time, count and probability only: no models, routes, tenants, stream, size or sticky",
            )


def begins_too_late(injection: Injection, lease_s: float | None) -> str:
    """Why it would never fire though its schedule could: its lease is over by then. Empty where it is not."""
    after_s = injection.schedule.after_s
    if lease_s is None or after_s < lease_s:
        return ""
    return f"{injection.name} begins after {after_s:g} s, and its lease ends after {lease_s:g} s"


def check_name(name: str, of: str) -> None:
    """BadInput for a name that no path of the control API could hold."""
    if not name.strip() or name in {".", ".."} or "/" in name or not name.isprintable():
        raise BadInput(f"{name!r} is no name for {of}", hint="it stands in a path: no /, no control characters")


def is_below_http(fault: object) -> bool:
    """Whether it acts on connections, and sees no request."""
    return isinstance(fault, OnAccept | OnHandshake)


def configured(injection: Injection) -> dict[str, object]:
    """What the journal tells of an injection: all parameters, and what of schedule and scope is set."""
    return {
        "parameters": dict(vars(injection.fault)),
        "schedule": set_fields(injection.schedule),
        "scope": set_fields(injection.scope),
    }


def make_fault(type_name: str, attributes: Mapping[str, object]) -> Fault:
    """A fault from its name and configuration. UnknownName, or BadInput that names the parameter."""
    kind: Any = faults.get(type_name)
    known = [each.name for each in fields_of(kind)]
    for key in attributes:
        if key not in known:
            raise BadInput(f"{type_name} has no parameter {key!r}", hint=nearest_hint(key, known) or "it takes none")
    _check_types(type_name, kind, attributes)
    check_limits(type_name, attributes)
    try:
        made: Fault = kind(**attributes)
    except TypeError as error:
        raise BadInput(f"{type_name}: {error}", hint=f"parameters: {', '.join(known) or 'none'}") from error
    return made


def _check_types(type_name: str, kind: Any, attributes: Mapping[str, object]) -> None:  # noqa: ANN401 - any class
    """Values must be of the declared types: a dataclass itself would take anything. BadInput."""
    from llmops.chaos.proxy.config import check_fields

    check_fields(type_name, kind, attributes)
