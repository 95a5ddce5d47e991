"""A circuit breaker on three signals: errors, latency against a baseline, and the quality of sampled answers.

Pure: observations with their own times go in, transitions come out; no clock, no dice, no files. The errors-only
breaker is the same machine with one signal. Problem 11: P95 over three times the baseline opens it, three times does
not.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, get_args

from llmops.chaos.reliability.window import Observation, Window
from llmops.errors import BadInput

Signal = Literal["errors", "latency", "quality"]
State = Literal["closed", "open", "half_open"]
SIGNALS: tuple[Signal, ...] = get_args(Signal)
SURE = 1.645  # standard errors: the mean of a sample lies under a limit with 95 % confidence (one-sided, normal)
TINY = 1e-9  # relative: sums and products of decimals are not exact, and exactly at a limit is not over it


@dataclass(frozen=True)
class Baseline:
    """What is normal; None is not known."""

    p95_s: float | None = None
    quality: float | None = None


@dataclass(frozen=True)
class Settings:
    """When it opens and when it closes again."""

    signals: tuple[Signal, ...] = SIGNALS
    window_s: float = 60.0
    min_samples: int = 20  # in the window, before errors or latency are judged (as Hystrix: requestVolumeThreshold)
    min_qualities: int = 50  # sampled answers in the window, before quality is judged
    error_ratio: float = 0.5  # at or over it (as Hystrix and resilience4j by default)
    latency_factor: float = 3.0  # P95 over so many times the baseline's (problem 11)
    quality_factor: float = 0.85  # mean quality surely (see SURE) under this share of the baseline's; our own choice
    cool_down_s: float = 30.0  # open for so long, then half open
    probes: int = 5  # requests judged while half open
    baseline_s: float = 60.0  # how long it learns the baseline, where none is stated
    healthy_error_ratio: float = 0.05  # a baseline is learned only where no more than this failed

    def __post_init__(self) -> None:
        for name, most in _BOUNDS.items():
            value = getattr(self, name)
            if not 0 < value <= most or math.isinf(value):
                raise BadInput(f"{name} is {value}, and must be over 0" + (f" and at most {most}" if most == 1 else ""))
        if not 0 <= self.healthy_error_ratio < 1:
            raise BadInput(f"healthy_error_ratio is {self.healthy_error_ratio}, and must be from 0 to below 1")


_BOUNDS = {
    **dict.fromkeys(("error_ratio", "quality_factor"), 1.0),
    **dict.fromkeys(("window_s", "min_samples", "min_qualities", "latency_factor", "cool_down_s"), math.inf),
    **dict.fromkeys(("probes", "baseline_s"), math.inf),
}


@dataclass(frozen=True)
class Breach:
    """A signal over its limit, and on how many samples that stands."""

    signal: Signal
    value: float
    limit: float
    samples: int


@dataclass(frozen=True)
class Transition:
    """From one state to another; `breaches` say why it opened."""

    at_s: float
    origin: State
    state: State
    breaches: tuple[Breach, ...] = ()


class Breaker:
    """Closed until a signal is over its limit; open for a while; half open until its probes say which."""

    def __init__(self, settings: Settings, baseline: Baseline | None = None) -> None:
        self.settings = settings
        self.baseline = baseline or Baseline()
        self.state: State = "closed"
        self.unhealthy_baseline = False  # at some time none could be learned, because too much failed
        self.seen: dict[Signal, int] = dict.fromkeys(SIGNALS, 0)  # samples of each signal that were looked at
        self.judged: dict[Signal, int] = dict.fromkeys(SIGNALS, 0)  # how often there were enough to judge it
        self._window = Window(settings.window_s)
        self._learning = Window(settings.baseline_s)
        self._learning_since: float | None = None
        self._probing = Window()
        self._opened_at = 0.0
        self._opened_by: frozenset[Signal] = frozenset()
        self._now = -math.inf

    def see(self, seen: Observation) -> list[Transition]:
        """What one more request changes. A time that steps back counts as now."""
        found = self.tick(seen.at_s)
        seen = replace(seen, at_s=self._now)
        if self.state == "open":
            return found  # a real breaker lets nothing through
        self._count(seen)
        if self.state == "half_open":
            self._probing.add(seen)
            return [*found, *self._probed()]
        self._learn(seen)
        self._window.add(seen)
        breaches = tuple(self._breaches(self._window, self.settings.min_samples, self.settings.min_qualities, SURE))
        return [*found, self._open(breaches)] if breaches else found

    def tick(self, now_s: float) -> list[Transition]:
        """What the time alone changes: after its cool-down an open one is half open."""
        self._now = max(self._now, now_s)
        half_open_at = self._opened_at + self.settings.cool_down_s
        if self.state != "open" or self._now < half_open_at:
            return []
        self._probing.clear()
        return [self._become("half_open", half_open_at)]

    def limit(self, signal: Signal) -> float | None:
        """The value over which (of quality: under which) a signal opens it; None while its baseline is not known."""
        settings, baseline = self.settings, self.baseline
        if signal == "errors":
            return settings.error_ratio
        if signal == "latency":
            return None if baseline.p95_s is None else settings.latency_factor * baseline.p95_s
        return None if baseline.quality is None else settings.quality_factor * baseline.quality

    def _count(self, seen: Observation) -> None:
        if seen.error is not None:
            self.seen["errors"] += 1
            self.seen["latency"] += not seen.error and seen.latency_s is not None
            self.seen["quality"] += not seen.error and seen.quality is not None

    def _breaches(self, window: Window, min_samples: int, min_qualities: int, sure: float) -> Iterator[Breach]:
        for signal in self.settings.signals:
            value, limit, samples = self._value(signal, window)
            if value is None or limit is None or samples < (min_qualities if signal == "quality" else min_samples):
                continue
            self.judged[signal] += 1
            if _over(signal, value, limit, sure * window.quality_error):
                yield Breach(signal, value, limit, samples)

    def _value(self, signal: Signal, window: Window) -> tuple[float | None, float | None, int]:
        if signal == "errors":
            return window.error_ratio, self.limit(signal), window.judged
        if signal == "latency":
            return window.p95_s, self.limit(signal), window.latencies
        return window.quality, self.limit(signal), window.qualities

    # --- the baseline

    def _learn(self, seen: Observation) -> None:
        """What is not stated is taken from the first stretch of time that is long, full and healthy enough."""
        if self._is_known():
            return
        if self._learning_since is None:
            self._learning_since = seen.at_s
        learning = self._learning
        learning.add(seen)
        if seen.at_s - self._learning_since < self.settings.baseline_s:
            return
        if learning.error_ratio is None or learning.error_ratio > self.settings.healthy_error_ratio:
            self.unhealthy_baseline = True
            return
        known, settings = self.baseline, self.settings
        p95_s = learning.p95_s if learning.latencies >= settings.min_samples else None
        quality = learning.quality if learning.qualities >= settings.min_qualities else None
        self.baseline = Baseline(
            p95_s if known.p95_s is None else known.p95_s, quality if known.quality is None else known.quality
        )
        if self._is_known():
            learning.clear()

    def _is_known(self) -> bool:
        return all(self.limit(signal) is not None for signal in self.settings.signals)

    # --- states

    def _open(self, breaches: tuple[Breach, ...]) -> Transition:
        self._opened_at = self._now
        self._opened_by = frozenset(breach.signal for breach in breaches) | (
            self._opened_by if self.state == "half_open" else frozenset()
        )
        return self._become("open", self._now, breaches)

    def _probed(self) -> Iterator[Transition]:
        """Open again on a breach; closed when the signals that opened it have enough probes, and none is over."""
        probes = self.settings.probes
        breaches = tuple(self._breaches(self._probing, probes, probes, 0.0))  # here it is for the good to be proven
        if breaches:
            yield self._open(breaches)
        elif all(self._value(signal, self._probing)[2] >= probes for signal in {"errors", *self._opened_by}):
            self._window.clear()
            self._opened_by = frozenset()
            yield self._become("closed", self._now)

    def _become(self, state: State, at_s: float, breaches: tuple[Breach, ...] = ()) -> Transition:
        origin, self.state = self.state, state
        return Transition(at_s, origin, state, breaches)


def _over(signal: Signal, value: float, limit: float, doubt: float) -> bool:
    """Errors at their limit open it; a latency at its limit does not, nor a quality less than its doubt below it."""
    reached = value + doubt if signal == "quality" else value
    if math.isclose(reached, limit, rel_tol=TINY):
        return signal == "errors"
    return reached < limit if signal == "quality" else reached > limit
