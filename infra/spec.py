"""The inputs of the fallback: names, defaults and ranges as in the Terraform module, and what follows from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from math import ceil
from typing import Any

from llmops.errors import BadInput, nearest_hint
from llmops.infra.spec_checks import CHECKS, RESERVE_RATIO


@dataclass(frozen=True, kw_only=True)
class FallbackSpec:
    """One fallback. BadInput, with the message of the Terraform module, for a value that it would refuse."""

    name: str
    model: str
    weights_revision: str
    image: str
    instance_types: tuple[str, ...]
    ami_id: str
    certificate_arn: str
    mode: str = "cold"
    max_model_len: int = 8192
    vllm_args: tuple[str, ...] = ()
    root_device_name: str = "/dev/xvda"
    volume_size_gb: int = 300
    volume_iops: int = 6000
    volume_throughput_mib_s: int = 750
    capacity_reservation_id: str | None = None
    max_size: int = 4
    hot_size: int = 1
    warm_size: int = 1
    on_demand_base: int = 1
    spot_percent: int = 0
    waiting_requests_target: int = 8
    expected_start_max_s: int = 1800
    start_timeout_s: int | None = None
    vpc_id: str | None = None
    subnet_ids: tuple[str, ...] = ()
    vpc_cidr: str = "10.42.0.0/16"
    availability_zones: tuple[str, ...] = ()
    egress: str = "nat"
    client_cidrs: tuple[str, ...] = ()
    api_port: int = 8000
    zone_id: str | None = None
    record_name: str | None = None
    primary_endpoint: str | None = None
    primary_health_path: str = "/health"
    max_awake_hours: int = 12
    log_days: int = 30
    alarm_email: str | None = None
    force_destroy: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for holds, message in CHECKS:
            if not holds(self):
                raise BadInput(message.format(**vars(self), timeout_s=self.timeout_s))

    @property
    def timeout_s(self) -> int:
        """Grace, hook and warm-up in seconds."""
        return (
            ceil(self.expected_start_max_s * (1 + RESERVE_RATIO))
            if self.start_timeout_s is None
            else self.start_timeout_s
        )

    @property
    def resting_size(self) -> int:
        """Instances in service while nobody woke it."""
        return self.hot_size if self.mode == "hot" else 0

    @property
    def makes_vpc(self) -> bool:
        return self.vpc_id is None

    @property
    def makes_records(self) -> bool:
        return None not in (self.zone_id, self.record_name, self.primary_endpoint)


def spec_from(values: Mapping[str, Any]) -> FallbackSpec:
    """A spec from plain data, such as the configuration of a stack. BadInput names what is unknown or missing."""
    known = {it.name: it for it in fields(FallbackSpec)}
    for name in values:
        if name not in known:
            raise BadInput(f"the fallback has no input {name!r}", hint=nearest_hint(name, known))
    needed = [name for name, it in known.items() if it.default is it.default_factory and name not in values]
    if needed:
        raise BadInput(f"the fallback needs {needed[0]}", hint=f"needed: {', '.join(needed)}" if needed[1:] else "")
    for name, value in values.items():
        if not _is_of(known[name].type, value):
            raise BadInput(f"{name} must be {_in_words(known[name].type)}, not {value!r}")
    given: dict[str, Any] = {name: tuple(it) if isinstance(it, list) else it for name, it in values.items()}
    return FallbackSpec(**given)


def _is_of(kind: Any, value: Any) -> bool:  # noqa: ANN401 - a type annotation, and what a file holds
    if kind in (int, int | None) and isinstance(value, bool):
        return False  # YAML's `yes` is no number
    if kind == tuple[str, ...]:
        return isinstance(value, list | tuple) and all(isinstance(it, str) for it in value)
    if kind == Mapping[str, str]:
        return isinstance(value, Mapping) and all(isinstance(it, str) for pair in value.items() for it in pair)
    return isinstance(value, kind)


def _in_words(kind: Any) -> str:  # noqa: ANN401 - a type annotation
    words = {str: "text", int: "a whole number", bool: "true or false", tuple[str, ...]: "a list of texts"}
    return words.get(kind, {str | None: "text", int | None: "a whole number"}.get(kind, "a mapping of texts"))
