"""What a load offers: the requests that will be due, by a rate or by a log, and until when."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter

from llmops.chaos.load.arrivals import named, until
from llmops.chaos.load.prompts import Due, Mix, replayed
from llmops.errors import BadInput
from llmops.ports import Arrivals

DEFAULT_DURATION_S = 10.0


@dataclass(frozen=True)
class Limits:
    """Where a load ends: whichever comes first. BadInput for a duration that cannot be."""

    count: int | None = None
    duration_s: float | None = None

    def __post_init__(self) -> None:
        if self.duration_s is not None and not 0 < self.duration_s < float("inf"):
            raise BadInput(f"--duration {self.duration_s} is no time", hint="seconds above 0")

    @property
    def or_default(self) -> "Limits":
        """With an end, where none is given."""
        return self if self.count or self.duration_s else Limits(None, DEFAULT_DURATION_S)

    def of(self, due: Iterator[Due]) -> Iterator[Due]:
        return until(due, count=self.count, duration_s=self.duration_s, at_s=attrgetter("at_s"))


@dataclass(frozen=True)
class Offered:
    """The requests that will be due, in words as well."""

    due: Iterator[Due]
    in_words: str
    set_aside: Mapping[str, int] = field(default_factory=dict)  # of a log: what cannot be replayed


def offered_by_rate(rate_per_second: float, kind: str, *, shape: float, seed: int, limits: Limits) -> Offered:
    """Arrivals of a distribution. BadInput, UnknownName."""
    moments = named(kind, rate_per_second, shape=shape, seed=seed)
    spaced = f"gamma, shape {shape:g}" if kind == "gamma" else kind
    return Offered(limits.or_default.of(map(Due, moments)), f"{rate_per_second:g} a second ({spaced})")


def offered_by_log(log: Arrivals, name: str, *, speed: float, mix: Mix, limits: Limits) -> Offered:
    """The requests of a log, all of them unless there is a limit. BadInput."""
    due = replayed(log, speed=speed, mix=mix)
    hurried = "" if speed == 1 else f", {speed:g} times as fast"
    return Offered(limits.of(due), f"as in {name}{hurried}", log.set_aside)
