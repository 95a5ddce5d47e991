"""The section `chaos:` of the configuration, and the checks of fields that come from outside."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_type_hints
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from llmops.chaos.proxy.leases import DEFAULT_LEASE_S
from llmops.chaos.proxy.schedule import Schedule, Scope
from llmops.chaos.proxy.upstream import Address
from llmops.errors import BadInput


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ScopeSection(_Strict):
    """For whom an injection is."""

    models: list[str] = []
    routes: list[str] = []
    tenants: list[str] = []
    stream: bool | None = None
    min_request_bytes: int | None = Field(None, ge=0)
    max_request_bytes: int | None = Field(None, ge=0)


class ScheduleSection(_Strict):
    """When an injection fires."""

    first: int | None = None
    every: int | None = None
    probability: float = 1.0
    ramp: list[tuple[float, float]] = []
    sticky: str | None = None
    after_s: float = 0.0
    until_s: float | None = None


class InjectionSection(_Strict):
    """One fault that is on from the start."""

    name: str | None = None
    fault: str
    parameters: dict[str, Any] = {}
    scope: ScopeSection = ScopeSection()
    schedule: ScheduleSection = ScheduleSection()
    lease_s: float | Literal["none"] | None = None


class ProviderSection(_Strict):
    """One provider behind the proxy."""

    upstream: str
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    tls: bool = False  # a TLS listener with a certificate of the run's own authority
    ca_file: str | None = None  # authorities to trust for the upstream, besides none of the system's
    models: list[str] = []  # known models: a scope that names another is refused
    injections: list[InjectionSection] = []


class ChaosSection(_Strict):
    """The section `chaos:`."""

    providers: dict[str, ProviderSection] = {}
    listen: str = "127.0.0.1"
    control: str | None = None  # HOST:PORT of the control API
    journal: str | None = None
    record_bodies: bool = False
    tenant_header: str | None = None
    seed: int = 0
    default_lease_s: float | Literal["none"] = DEFAULT_LEASE_S
    allow_upstream: list[str] = []


def address_of(url: str) -> Address:
    """`https://api.openai.com` as an address. BadInput for anything else."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadInput(f"{url!r} is not a URL: {error}", hint="such as https://api.openai.com") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadInput(f"{url!r} is not an http or https URL", hint="such as https://api.openai.com")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise BadInput(f"{url!r} has more than scheme, host and port", hint="keys go into the client, not into the URL")
    tls = parts.scheme == "https"
    return Address(parts.hostname, port or (443 if tls else 80), tls, parts.path.rstrip("/"))


def host_port(text: str, *, what: str = "address") -> tuple[str, int]:
    """`HOST:PORT` or `[::1]:PORT` in two. BadInput."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:  # noqa: PLR2004 - the largest port
        raise BadInput(f"{text!r} is no {what}", hint="write HOST:PORT, such as 127.0.0.1:8474")
    return host.strip("[]"), int(port)


def schedule_of(section: ScheduleSection) -> Schedule:
    """BadInput for one that can never fire."""
    return Schedule(**{**section.model_dump(), "ramp": tuple(section.ramp)})


def scope_of(section: ScopeSection) -> Scope:
    values = section.model_dump()
    return Scope(**{**values, **{name: tuple(values[name]) for name in ("models", "routes", "tenants")}})


def lease_of(value: float | str | None, default_s: float | None) -> float | None:
    """Seconds, or None for ever, which `none` must say."""
    if value is None:
        return default_s
    return None if value == "none" else float(value)


def check_fields(what: str, kind: type[Any], values: Mapping[str, object]) -> None:
    """Values for the fields of a dataclass, against their declared types. BadInput that names the field."""
    hints = get_type_hints(kind)
    for name, value in values.items():
        try:
            TypeAdapter(hints[name]).validate_python(value, strict=not isinstance(value, list | int))
        except ValidationError as error:
            message = error.errors(include_url=False)[0]["msg"]
            raise BadInput(f"{what}: {name} is {value!r}: {message}", hint=f"its type is {hints[name]}") from error
