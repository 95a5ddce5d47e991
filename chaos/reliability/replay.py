"""A trace through two breakers, three signals and errors only: how soon each opened, and how often for nothing."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from llmops.chaos.reliability.breaker import Baseline, Breaker, Settings, Signal, Transition
from llmops.chaos.reliability.trace import Recorded

GOOD_QUALITY = 0.5  # of one answer; what is under it is a bad answer
DECIMALS = 9  # seconds are told to the nanosecond; what is below that is the error of floating point


@dataclass(frozen=True)
class BadSpan:
    """A stretch of time in which the provider was bad; openings within `grace_s` after it still stand on it."""

    since_s: float
    until_s: float
    grace_s: float = 0.0

    def holds(self, at_s: float) -> bool:
        return self.since_s <= at_s <= self.until_s + self.grace_s


@dataclass(frozen=True)
class Detection:
    """Whether and when a breaker opened in a bad span."""

    span: BadSpan
    delay_s: float | None  # from its start; None: not at all, or it was open before
    open_before: bool = False


@dataclass(frozen=True)
class Outcome:
    """What one breaker made of a trace."""

    transitions: tuple[Transition, ...]
    bad_seen: int  # bad answers that its signals could see one by one: errors, and sampled bad qualities
    bad_let_through: int  # bad answers while it was not open
    good_held_back: int  # good ones while it was
    open_s: float
    baseline: Baseline
    limits: dict[Signal, float | None]
    samples: dict[Signal, int]
    judged: dict[Signal, int]
    unhealthy_baseline: bool

    @property
    def trips(self) -> tuple[Transition, ...]:
        """Its openings from closed; to open again after bad probes is none."""
        return tuple(one for one in self.transitions if (one.origin, one.state) == ("closed", "open"))

    def detections(self, spans: Sequence[BadSpan]) -> tuple[Detection, ...]:
        return tuple(_detection(span, self.transitions) for span in spans)

    def false_trips(self, spans: Sequence[BadSpan]) -> int:
        """Openings in no bad span."""
        return sum(not any(span.holds(trip.at_s) for span in spans) for trip in self.trips)


@dataclass
class Run:
    """One breaker on its way through a trace."""

    breaker: Breaker
    transitions: list[Transition] = field(default_factory=list)
    bad_seen: int = 0
    bad_let_through: int = 0
    good_held_back: int = 0
    last_s: float = 0.0

    def take(self, request: Recorded, *, sampled: bool = True) -> list[Transition]:
        """What the next request changes; requests come by the time when they were known."""
        self.last_s = request.known_at_s
        found = self.tick(request.known_at_s)
        is_open, bad = self.breaker.state == "open", is_bad(request)
        by_quality = sampled and "quality" in self.breaker.settings.signals
        self.bad_seen += bad and (request.error is True or by_quality)
        self.bad_let_through += bad and not is_open
        self.good_held_back += is_open and request.error is False and not bad
        more = self.breaker.see(request.observation(sampled=sampled))
        self.transitions += more
        return found + more

    def tick(self, now_s: float) -> list[Transition]:
        """What the time alone changes."""
        found = self.breaker.tick(now_s)
        self.transitions += found
        return found

    def outcome(self) -> Outcome:
        breaker = self.breaker
        return Outcome(
            tuple(self.transitions),
            self.bad_seen,
            self.bad_let_through,
            self.good_held_back,
            _open_s(self.transitions, self.last_s),
            breaker.baseline,
            {signal: breaker.limit(signal) for signal in breaker.settings.signals},
            dict(breaker.seen),
            dict(breaker.judged),
            breaker.unhealthy_baseline,
        )


@dataclass
class Availability:
    """Counted over a whole trace. Refusals for the caller's own sake (429, 400 …) count for neither kind."""

    kinds: Counter[bool | None] = field(default_factory=Counter)  # error, answer, refused
    qualities: int = 0  # answers whose quality is known
    quality_sum: float = 0.0
    bad: int = 0  # errors, and answers that are known to be bad
    first_s: float | None = None
    last_s: float = 0.0

    def take(self, request: Recorded) -> None:
        self.kinds[request.error] += 1
        self.bad += is_bad(request)
        self.first_s = request.at_s if self.first_s is None else min(self.first_s, request.at_s)
        self.last_s = max(self.last_s, request.known_at_s)
        if request.error is False and request.quality is not None:
            self.qualities += 1
            self.quality_sum += request.quality

    @property
    def requests(self) -> int:
        return self.kinds.total()

    @property
    def judged(self) -> int:
        """Answers and errors of the provider."""
        return self.kinds[True] + self.kinds[False]

    @property
    def http(self) -> float | None:
        """The share that was answered at all."""
        return self.kinds[False] / self.judged if self.judged else None

    @property
    def functional(self) -> float | None:
        """The share that was answered, times the mean quality of the answers of which it is known."""
        return None if self.http is None or not self.qualities else self.http * self.quality_sum / self.qualities


@dataclass
class Replay:
    """Both breakers side by side, and what was counted."""

    settings: Settings
    baseline: Baseline = field(default_factory=Baseline)
    availability: Availability = field(default_factory=Availability)
    quality_by: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.three_signals = Run(Breaker(self.settings, self.baseline))
        self.errors_only = Run(Breaker(replace(self.settings, signals=("errors",)), self.baseline))

    def take(self, request: Recorded, *, sampled: bool = True) -> list[Transition]:
        """The next request; what it changes of the breaker of three signals."""
        self.availability.take(request)
        if request.quality_by:
            self.quality_by[request.quality_by] += 1
        self.errors_only.take(request, sampled=sampled)
        return self.three_signals.take(request, sampled=sampled)


def replay(
    requests: Iterable[Recorded],
    settings: Settings,
    baseline: Baseline | None = None,
    *,
    sampled: Callable[[int], bool] = lambda _number: True,
) -> Replay:
    """`requests` by the time when they were known; `sampled` says of which the breaker knows the quality."""
    both = Replay(settings, baseline or Baseline())
    for number, request in enumerate(requests):
        both.take(request, sampled=sampled(number))
    return both


def is_bad(request: Recorded) -> bool:
    """No answer of the provider, or one that is known to be worth nothing."""
    if request.error is False:
        return request.quality is not None and request.quality < GOOD_QUALITY
    return request.error is True


def spans_of(times: Iterable[float], *, apart_s: float, grace_s: float) -> tuple[BadSpan, ...]:
    """Times at which a fault was applied as stretches; those further apart than `apart_s` are two."""
    spans: list[BadSpan] = []
    for at in sorted(times):
        if spans and at - spans[-1].until_s <= apart_s:
            spans[-1] = replace(spans[-1], until_s=at)
        else:
            spans.append(BadSpan(at, at, grace_s))
    return tuple(spans)


def _detection(span: BadSpan, transitions: Sequence[Transition]) -> Detection:
    before = [one for one in transitions if one.at_s < span.since_s]
    if before and before[-1].state == "open":
        return Detection(span, None, open_before=True)
    opened = next((one.at_s for one in transitions if one.state == "open" and span.holds(one.at_s)), None)
    return Detection(span, None if opened is None else round(opened - span.since_s, DECIMALS))


def _open_s(transitions: Sequence[Transition], end_s: float) -> float:
    """How long it was open; half open is not."""
    total, since = 0.0, None
    for one in transitions:
        if one.state == "open":
            since = one.at_s
        elif since is not None:
            total, since = total + one.at_s - since, None
    return round(total + (max(0.0, end_s - since) if since is not None else 0.0), DECIMALS)
