"""What kind of processing a row was billed as: checked here, because the catalogue prices a typo as standard."""

from collections.abc import Mapping
from dataclasses import dataclass

_STANDARD = {"", "standard", "default", "auto", "on_demand", "ondemand", "standard_only", "unspecified"}
_RESERVED = {"provisioned", "provisioned_throughput", "reserved", "scale", "ptu"}
_TIERS = {
    "flex": ("service_tier", "flex"),
    "on_demand_flex": ("service_tier", "flex"),
    "priority": ("service_tier", "priority"),
    "on_demand_priority": ("service_tier", "priority"),
    "fast": ("service_tier", "fast"),
    "batch": ("processing", "batch"),
}


@dataclass(frozen=True)
class RequestContext:
    """The conditions of a catalogue price. `when` is empty for the standard price."""

    when: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()  # values that mean nothing to us: no price may be guessed from them
    reserved: bool = False  # capacity bought by the unit and hour, never priced per token

    @property
    def is_standard(self) -> bool:
        return not self.when and not self.unknown

    @property
    def label(self) -> str:
        """`standard`, `batch`, `flex`, `batch and fast`; an unknown value is quoted."""
        return " and ".join([*(value for _, value in self.when), *(repr(name) for name in self.unknown)]) or "standard"


def request_context(processing: str, service_tier: str | None, speed: str | None) -> RequestContext:
    """The context of a row, from the three columns of the usage table."""
    if _normal(service_tier) in _RESERVED:
        return RequestContext(reserved=True)
    read = [
        _condition(processing, {"batch": ("processing", "batch")}),
        _condition(service_tier, _TIERS),
        _condition(speed, {"fast": ("speed", "fast")}),
    ]
    when = dict(pair for pair in read if isinstance(pair, tuple))
    return RequestContext(tuple(when.items()), tuple(name for name in read if isinstance(name, str)))


def _condition(value: str | None, known: Mapping[str, tuple[str, str]]) -> tuple[str, str] | str | None:
    """The catalogue's condition for a value; None for the standard one; the value itself where it is unknown."""
    name = _normal(value)
    return None if name in _STANDARD else known.get(name, str(value))


def _normal(value: str | None) -> str:
    return (value or "").strip().lower().replace("-", "_").replace(" ", "_").removeprefix("service_tier_")
