"""The form of an experiment: what its YAML file may say, as pydantic models."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from llmops.chaos.proxy.config import ScheduleSection, ScopeSection
from llmops.config import fields_at
from llmops.errors import nearest_hint

SCHEMA_VERSION = 1
NAME = r"^[a-z0-9]+(-[a-z0-9]+)*$"
Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Delay = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Ratio = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
"""A name that can stand in `{name.base_url}`."""


WITHOUT_POINT = re.compile(r"[-+]?\d{1,15}(\.\d{0,15})?[eE][-+]?\d{1,2}")
"""A number that YAML 1.1 does not take for one: it wants a point and a sign."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Ready(_Strict):
    """How a started system says that it is ready: by a 2xx answer on this path."""

    path: str = "/health"
    timeout_s: Seconds = 60.0


class System(_Strict):
    """The system under test: one that runs already (url), one to start (command), or one whose recipe we have (known).

    Texts of command, files, env and headers may hold `{port}`, `{workdir}`, `{folder}` (the experiment's own),
    `{authority}`, `{NAME.base_url}`, `{NAME.origin}` and `{NAME.port}` of a provider, `{settings.KEY}` and `{env.NAME}`
    of `env_from`.
    """

    url: str | None = None
    command: Annotated[list[str], Field(min_length=1)] | None = None
    known: str | None = None
    settings: dict[str, Any] = {}
    files: dict[str, str] = {}  # name: text, written into the working folder before it starts
    env: dict[str, str] = {}  # all that it is given besides PATH, a HOME of its own and the locale
    env_from: list[str] = []  # variables of the caller that it is given: keys; their values are redacted everywhere
    headers: dict[str, str] = {}  # what the load sends to it
    ready: Ready | None = None
    base_path: str | None = None
    timers_s: dict[str, Seconds] = {}  # its own timeouts and cooldowns: phases are at least three times the longest

    @model_validator(mode="after")
    def _is_one(self) -> "System":
        given = [name for name in ("url", "command", "known") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"a system is exactly one of url, command and known, not {' and '.join(given) or 'none'}")
        if self.url is not None:
            useless = [name for name in ("files", "env", "ready", "base_path") if getattr(self, name)]
            if useless:
                raise ValueError(f"a system that runs already is not started: {', '.join(useless)} cannot be")
        return self


class RunningProxy(_Strict):
    """A proxy that runs already, and goes on after the run: it fronts the providers by their names."""

    control: str  # base URL of its control API
    journal: str  # the file that it writes


class Provider(_Strict):
    """One provider behind its proxy: simulated here, or a real upstream; neither where the proxy runs already."""

    simulate: str | None = None
    upstream: str | None = None
    models: Annotated[list[str], Field(min_length=1)]  # those that may answer; a simulated provider knows no other
    port: Port | None = None  # of its proxy; any free one unless given
    tls: bool = False  # its proxy listens with TLS, by an authority of the run: `{authority}` is its certificate
    ca_file: str | None = None
    ttft_s: Delay | None = None
    ttft_p95_s: Delay | None = None
    itl_s: Delay | None = None
    itl_p95_s: Delay | None = None
    tokens_per_second: Annotated[float, Field(gt=0)] | None = None
    requests_per_minute: Count | None = None
    tokens_per_minute: Count | None = None
    requests_per_day: Count | None = None
    refuse_prefill: bool = False

    @model_validator(mode="after")
    def _is_one(self) -> "Provider":
        if self.simulate is not None and self.upstream is not None:
            raise ValueError("a provider is either simulated (simulate: openai) or real (upstream: https://…)")
        if self.simulate is None:
            simulated = {"simulate", "upstream", "models", "port", "tls", "ca_file"}
            useless = sorted(self.model_fields_set - simulated)
            if useless:
                raise ValueError(f"only a simulated provider has {', '.join(useless)}")
        if self.itl_s is not None and self.tokens_per_second is not None:
            raise ValueError("itl_s and tokens_per_second say the same: give one")
        return self


class Load(_Strict):
    """What is asked of the system, and how often: an open loop, that does not wait for answers."""

    requests_per_second: Annotated[float, Field(gt=0, le=10_000)]
    arrivals: Literal["constant", "poisson", "gamma"] = "constant"
    shape: Annotated[float, Field(gt=0)] | None = None  # of gamma: below 1 they come in bursts
    dialect: str = "openai_chat"
    model: str
    stream: bool = True
    deadline_s: Seconds = 30.0  # past it a request hangs
    input_tokens: Count = 50  # of a prompt, about
    max_tokens: Count | None = None  # of an answer
    tenants: dict[str, Annotated[float, Field(ge=0)]] = {}  # names to weights
    tenant_header: str = "x-tenant"  # in which they are named; the system must pass it on
    body: dict[str, Any] = {}  # more of every request's body, such as tools

    @model_validator(mode="after")
    def _has_its_shape(self) -> "Load":
        if (self.shape is not None) != (self.arrivals == "gamma"):
            raise ValueError("gamma arrivals have a shape, and no others")
        return self

    @model_validator(mode="after")
    def _body_adds(self) -> "Load":
        if taken := sorted({"model", "messages", "input", "contents", "stream"} & self.body.keys()):
            raise ValueError(f"the body's {taken[0]} is the load's own to say")
        return self


class Hold(_Strict):
    """How long something is watched: so many requests, or so many seconds (which --speed divides)."""

    requests: Count | None = None
    duration_s: Seconds | None = None

    @model_validator(mode="after")
    def _is_one(self) -> "Hold":
        if (self.requests is None) == (self.duration_s is None):
            raise ValueError("say either requests or duration_s")
        return self


class Injected(_Strict):
    """A fault on one provider, in the words of `chaos.providers.NAME.injections` of llmops.yaml."""

    provider: str
    fault: str
    name: str | None = None
    parameters: dict[str, Any] = {}
    scope: ScopeSection = ScopeSection()
    schedule: ScheduleSection = ScheduleSection()


class Phase(Hold):
    """A part of the method: these faults hold while so many requests are sent. No fault at all is a placebo."""

    name: Annotated[str, Field(pattern=NAME)]
    faults: list[Injected]


class Abort(_Strict):
    """What stops the run: too few functional successes among the last requests of an injection."""

    functional_success_below: Ratio
    over_requests: Count = 20


class Experiment(_Strict):
    """One experiment."""

    schema_version: Literal[1]
    name: Annotated[str, Field(pattern=NAME)]
    title: str = ""
    source: str | list[str] = []
    seed: int = 0
    system: System
    proxy: RunningProxy | None = None  # one is started unless given
    providers: Annotated[dict[Word, Provider], Field(min_length=1)]  # the preferred one first
    load: Load
    baseline: Hold = Hold(requests=20)
    phases: Annotated[list[Phase], Field(min_length=1)]
    recovery: Hold = Hold(requests=20)
    expectations: Annotated[list[str | dict[str, dict[str, Any] | None]], Field(min_length=1)]
    abort: list[Abort] = []
    repetitions: Annotated[int, Field(ge=1, le=1000)] = 1

    @property
    def sources(self) -> list[str]:
        return [self.source] if isinstance(self.source, str) else self.source


class Wrong(Exception):
    """The first thing in the data that cannot be, and where it stands."""

    def __init__(self, path: tuple[int | str, ...], message: str, hint: str) -> None:
        super().__init__(message)
        self.path, self.hint = path, hint


def experiment_from(data: Mapping[str, Any]) -> Experiment:
    """The experiment that the data describe. Wrong where they describe none."""
    try:
        return Experiment.model_validate(dict(data))
    except ValidationError as error:
        raise wrong_in(error, Experiment) from error


def wrong_in(error: ValidationError, form: type[BaseModel]) -> Wrong:
    """The first thing that a form refused."""
    found = error.errors(include_url=False, include_context=False)
    first = next((each for each in found if each["type"] == "extra_forbidden"), found[0])  # a typo is missing, too
    path, kind, last = first["loc"], first["type"], str(first["loc"][-1]) if first["loc"] else ""
    shown = ".".join(map(str, path))
    if kind == "extra_forbidden":
        return Wrong(path, f"unknown key {shown!r}", nearest_hint(last, fields_at(form, path)))
    if kind == "missing":
        return Wrong(path, f"{'.'.join(map(str, path[:-1])) or 'the experiment'} has no {last!r}", "it is required")
    if path[:1] == ("expectations",) and len(path) > 1:
        return Wrong(path[:2], "an expectation is the name of a check, or `name: {parameter: value}`", "")
    message = first["msg"].removeprefix("Value error, ")
    given = first["input"]
    tellable = isinstance(given, str | int | float | None) and not {"env", "headers", "files", "settings"} & {*path}
    if isinstance(given, str) and WITHOUT_POINT.fullmatch(given) and kind in {"float_type", "int_type"}:
        number = float(given)
        as_yaml = f"write {number:.0f}" if kind == "int_type" else f"write {_with_point(given)}"
        return Wrong(path, f"{shown}: {message}", f"found: {given!r}, which YAML takes for text: {as_yaml}")
    return Wrong(path, f"{shown}: {message}", f"found: {given!r}" if tellable and kind != "value_error" else "")


def _with_point(text: str) -> str:
    """`1e9` as YAML 1.1 has it: `1.0e+9`."""
    digits, _, exponent = text.lower().partition("e")
    digits = digits if "." in digits else f"{digits}.0"
    return f"{digits}e{exponent if exponent[0] in '+-' else '+' + exponent}"


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the form, as it is committed beside this file."""
    schema = Experiment.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://llmops-toolkit.dev/experiment.schema.json",
        **schema,
    }
