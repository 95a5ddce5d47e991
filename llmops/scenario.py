"""What became of one scenario of an experiment, as a report carries it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

Word = Literal["PASS", "FAIL", "INVALID"]


@dataclass(frozen=True)
class ScenarioCheck:
    """One expectation and what came of it."""

    name: str
    verdict: Word
    reason: str
    n: int  # requests it was judged by
    value: float | None  # what was measured, in `unit`; None where it could not be
    limit: float | None
    side: Literal["at_least", "at_most"]  # of the limit, on which the value must be
    unit: str  # ratio, s, times
    low: float | None = None  # of the two-sided 95 % interval of the ratio of requests that decided; None: no ratio did
    high: float | None = None
    needed: int | None = None  # requests with which it would be decided; None where it is, or none would
    examples: Sequence[str] = ()  # ids of requests that broke it
    phases: Sequence[str] = ()  # that it is limited to; none: all of its kind


@dataclass(frozen=True)
class ScenarioReceipts:
    """What the proxies say that the planned faults did."""

    expected: int | None  # None where the dice of a fault do not tell
    fired: int
    on_user_requests: int


@dataclass(frozen=True)
class ScenarioTimes:
    """Moments of the first repetition; None where one did not come to pass."""

    first_receipt: datetime | None = None
    detected: datetime | None = None
    mitigated: datetime | None = None
    recovered: datetime | None = None


@dataclass(frozen=True)
class Span:
    """Something that lasted: a phase, or a fault on a provider. Seconds from the beginning of its timeline."""

    name: str
    kind: str  # of a phase baseline, inject or recover; of a fault the provider
    from_s: float
    to_s: float


@dataclass(frozen=True)
class TimelineAttempt:
    """One attempt at a provider."""

    provider: str
    from_s: float
    to_s: float
    status: int | None
    faults: Sequence[str] = ()


@dataclass(frozen=True)
class TimelineRequest:
    """One user request, what its caller saw, and what it caused."""

    id: str
    from_s: float  # when it was due
    to_s: float | None  # None where it never ended
    outcome: str
    attempts: Sequence[TimelineAttempt] = ()


@dataclass(frozen=True)
class Timeline:
    """What happened when."""

    began_at: datetime
    phases: Sequence[Span]
    faults: Sequence[Span]
    requests: Sequence[TimelineRequest]
    left_out: int = 0  # requests beyond those that a page can show


@dataclass(frozen=True)
class Scenario:
    """The verdict of one scenario, and what it stands on."""

    name: str
    title: str
    verdict: Word
    reason: str
    checks: Sequence[ScenarioCheck] = ()
    outcomes: Mapping[str, int] = field(default_factory=dict)  # of the requests of the method's phases
    receipts: ScenarioReceipts = ScenarioReceipts(None, 0, 0)
    times: ScenarioTimes = ScenarioTimes()
    usd: Decimal | None = None  # of all attempts at catalogue prices; None: not measured
    timeline: Timeline | None = None
