"""When an injection fires: which requests, how often, and between which moments; the same seed gives the same run."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from math import isfinite
from typing import Any

from llmops.errors import BadInput
from llmops.randomness import stream


def set_fields(configured: Any) -> dict[str, Any]:  # noqa: ANN401 - any dataclass
    """What of a schedule or scope is not left at its default."""
    return {
        field.name: value for field in fields(configured) if (value := getattr(configured, field.name)) != field.default
    }


@dataclass(frozen=True)
class Scope:
    """Which requests an injection is for; an empty field allows all. Patterns are of the shell: `gpt-4o*`."""

    models: Sequence[str] = ()
    routes: Sequence[str] = ()  # paths with patterns, or names of dialects
    tenants: Sequence[str] = ()  # values of the tenant header
    stream: bool | None = None
    min_request_bytes: int | None = None
    max_request_bytes: int | None = None

    def __post_init__(self) -> None:
        low, high = self.min_request_bytes, self.max_request_bytes
        if low is not None and high is not None and low > high:
            raise BadInput(f"a scope from {low} to {high} request bytes is empty", hint="swap them")
        for name in ("models", "tenants"):
            if "" in getattr(self, name):
                raise BadInput(f"a scope with an empty pattern in {name} is for nobody", hint="leave it out for all")
        for route in self.routes:
            if "=" in route.partition("?")[2]:
                raise BadInput(f"no route is {route!r}", hint="routes are paths without their query")

    @property
    def is_all(self) -> bool:
        return all(getattr(self, field.name) in ((), [], None) for field in fields(self))

    def allows(self, subject: "Subject") -> bool:
        """Whether the request is one of these. What is not known of a request is not in a scope that asks for it."""
        size = subject.request_bytes
        return (
            (not self.models or (subject.model is not None and matches(subject.model, self.models)))
            and (not self.routes or subject.dialect in self.routes or matches(subject.path, self.routes))
            and (not self.tenants or (subject.tenant is not None and matches(subject.tenant, self.tenants)))
            and (self.stream is None or subject.stream is self.stream)
            and (self.min_request_bytes is None or size >= self.min_request_bytes)
            and (self.max_request_bytes is None or size <= self.max_request_bytes)
        )


@dataclass(frozen=True)
class Subject:
    """A request as schedules and scopes see it; None is unknown."""

    path: str
    dialect: str | None = None
    model: str | None = None
    tenant: str | None = None
    stream: bool | None = None
    request_bytes: int = 0
    sticky_key: str | None = None


def matches(value: str, patterns: Sequence[str]) -> bool:
    """Whether one of the patterns is of the value; capitals count."""
    return any(fnmatchcase(value, pattern) for pattern in patterns)


def check_header(what: str, name: str, hint: str = "such as x-tenant") -> None:
    """BadInput for a name that no header can have (RFC 9110, 5.6.2)."""
    if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
        raise BadInput(f"{what} is {name!r}, and no header is named so", hint=hint)


@dataclass(frozen=True)
class Schedule:
    """Which of the requests in scope are hit. All that is given must agree; nothing given is always."""

    first: int | None = None  # only the first n
    every: int | None = None  # every nth: the nth, the 2nth …
    probability: float = 1.0
    ramp: Sequence[
        tuple[float, float]
    ] = ()  # (seconds, probability), linear between, flat outside; replaces probability
    sticky: str | None = None  # `client`, or a header: the same one is always hit or never
    after_s: float = 0.0  # from the beginning of the injection
    until_s: float | None = None

    def __post_init__(self) -> None:
        for name in ("first", "every"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise BadInput(f"{name} is {value}", hint="it counts requests: 1 or more")
        self._check_moments()
        self._check_probabilities()
        if self.first is not None and self.every is not None and self.first < self.every:
            raise BadInput(
                f"of the first {self.first} none is a multiple of {self.every}", hint="first is every or more"
            )
        if self.sticky is not None:
            check_header("sticky", self.sticky, "`client`, or the name of a header")

    def _check_probabilities(self) -> None:
        for _, probability in [*self.ramp, (0.0, self.probability)]:
            if not 0 <= probability <= 1:
                raise BadInput(f"a probability of {probability}", hint="it is a ratio from 0 to 1: 5 percent is 0.05")
        if self.ramp and self.probability != 1:
            raise BadInput("a ramp says how probable it is, and so does probability", hint="give one of them")

    def _check_moments(self) -> None:
        moments = [at for at, _ in self.ramp]
        named = {"after_s": self.after_s, "until_s": self.until_s, **{f"ramp at {at}": at for at in moments}}
        for name, value in named.items():
            if value is not None and not isfinite(value):
                raise BadInput(f"{name} is {value}", hint="give seconds from the beginning of the injection")
        if moments != sorted(set(moments)):
            raise BadInput("the moments of a ramp must rise", hint="such as [[0, 0.008], [3600, 0.16]]")
        if self.after_s < 0 or (self.until_s is not None and self.until_s <= self.after_s):
            raise BadInput(f"from {self.after_s} s until {self.until_s} s there is no time", hint="until_s is later")

    @property
    def is_always(self) -> bool:
        """Whether every one is hit while the time lasts."""
        return self.first is None and self.every is None and not self.ramp and self.probability == 1 and not self.sticky

    def is_open(self, elapsed_s: float) -> bool:
        """Whether its time is now."""
        return self.after_s <= elapsed_s and (self.until_s is None or elapsed_s < self.until_s)

    def next_moment_s(self, elapsed_s: float) -> float | None:
        """When it opens or closes next, seconds from its beginning."""
        moments = [self.after_s, *([] if self.until_s is None else [self.until_s])]
        return min((moment for moment in moments if moment > elapsed_s), default=None)

    def probability_at(self, elapsed_s: float) -> float:
        """The ratio of requests hit at this time."""
        if not self.ramp:
            return self.probability
        before = [point for point in self.ramp if point[0] <= elapsed_s]
        after = [point for point in self.ramp if point[0] > elapsed_s]
        if not before or not after:
            return (before or after)[-1 if before else 0][1]
        (start, low), (end, high) = before[-1], after[0]
        return low + (high - low) * (elapsed_s - start) / (end - start)

    def hits(self, ordinal: int, elapsed_s: float, *, seed: int, label: str, key: str | None = None) -> bool:
        """Whether the `ordinal`th request in scope (from 1) is hit. `key` is what a sticky schedule hashes."""
        if not self.is_open(elapsed_s):
            return False
        if self.first is not None and ordinal > self.first:
            return False
        if self.every is not None and ordinal % self.every:
            return False
        probability = self.probability_at(elapsed_s)
        if self.sticky is not None:
            return key is not None and stream(seed, f"{label}:sticky:{key}").random() < probability
        return probability >= 1 or stream(seed, f"{label}:{ordinal}:hit").random() < probability
