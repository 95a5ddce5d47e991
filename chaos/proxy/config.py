"""The section `chaos:` of the configuration, and the checks of fields that come from outside."""

from collections.abc import Mapping
from math import inf
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from llmops.chaos.bounds import WHOLE
from llmops.chaos.faults.base import require_one_of
from llmops.chaos.proxy.address import Address
from llmops.chaos.proxy.keys import url_without_keys, without_keys
from llmops.chaos.proxy.leases import DEFAULT_LEASE_S
from llmops.chaos.proxy.schedule import Schedule, Scope
from llmops.errors import BadInput

MAX_PORT = 65535
POINT_NUMBERS = 2


class _Strict(BaseModel):
    """No unknown keys, and no guessing: `yes` is no number, `"60"` neither."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def _lease(value: object) -> object:
    seconds = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < inf
    if value is None or value == "none" or seconds:
        return value
    raise ValueError("a lease is seconds above 0, or `none`")


def _point(value: object) -> object:
    if isinstance(value, list) and len(value) == POINT_NUMBERS:
        return tuple(value)
    raise ValueError("a ramp is a list of points [seconds, probability], such as [[0, 0.008], [3600, 0.16]]")


Lease = Annotated[float | Literal["none"], BeforeValidator(_lease)]
Point = Annotated[tuple[float, float], BeforeValidator(_point)]


class ScopeSection(_Strict):
    """For whom an injection is."""

    models: list[str] = []
    routes: list[str] = []
    tenants: list[str] = []
    stream: bool | None = None
    min_request_bytes: int | None = Field(None, ge=0, le=WHOLE.most)
    max_request_bytes: int | None = Field(None, ge=0, le=WHOLE.most)


class ScheduleSection(_Strict):
    """When an injection fires."""

    first: int | None = Field(None, le=WHOLE.most)
    every: int | None = Field(None, le=WHOLE.most)
    probability: float = 1.0
    ramp: list[Point] = []
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
    lease_s: Lease | None = None


class ProviderSection(_Strict):
    """One provider behind the proxy."""

    upstream: str
    port: Annotated[int, Field(ge=0, le=MAX_PORT)] = 0
    tls: bool = False  # a TLS listener with a certificate of the run's own authority
    ca_file: str | None = None  # authorities to trust for the upstream, besides none of the system's
    models: list[str] = []  # all that it is asked for: a scope that names another is refused
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
    default_lease_s: Lease = DEFAULT_LEASE_S
    allow_upstream: list[str] = []


def address_of(url: str) -> Address:
    """`https://api.openai.com` as an address. BadInput for anything else."""
    shown = url_without_keys(url)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        reason = "its port is no number" if "@" in url else without_keys(str(error))
        raise BadInput(f"{shown!r} is not a URL: {reason}", hint="such as https://api.openai.com") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadInput(f"{shown!r} is not an http or https URL", hint="such as https://api.openai.com")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise BadInput(
            f"{shown!r} has more than scheme, host and port", hint="keys go into the client, not into the URL"
        )
    if port == 0:
        raise BadInput(f"{shown!r} names port 0", hint="leave the port out for the usual one")
    tls = parts.scheme == "https"
    return Address(parts.hostname, port or (443 if tls else 80), tls, parts.path.rstrip("/"))


def host_port(text: str, *, what: str = "address") -> tuple[str, int]:
    """`HOST:PORT` or `[::1]:PORT` in two. BadInput."""
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or int(port) > MAX_PORT:
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
    """Values for the fields of a dataclass, against their declared types. BadInput that names the field.

    Strict, for a dataclass would take anything: `true` is no number. Only a list may stand for another sequence.
    """
    hints = get_type_hints(kind)
    for name, value in values.items():
        try:
            TypeAdapter(hints[name]).validate_python(value, strict=not isinstance(value, list))
        except ValidationError as error:
            if get_origin(hints[name]) is Literal:
                require_one_of(f"{what}: {name}", value, get_args(hints[name]))
            message = error.errors(include_url=False)[0]["msg"]
            raise BadInput(
                f"{what}: {name} is {value!r}: {message}", hint=f"its type is {_type_name(hints[name])}"
            ) from error


def _type_name(hint: object) -> str:
    return hint.__name__ if isinstance(hint, type) else str(hint).replace("typing.", "")
