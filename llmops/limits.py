"""Rate limits as providers keep them: token buckets, quotas, and both axes of one limiter. No clock of their own."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

Clock = Callable[[], float]
"""Seconds. Any origin will do for buckets; quotas need epoch seconds, for days and months begin by the calendar."""

SECONDS_PER_MINUTE = 60
CLOCK_ERROR_S = 1e-6  # epoch seconds as floats are 0.24 µs apart: who waits exactly as long as told is let in

Window = Literal["day", "month"]
Axis = Literal["requests", "tokens", "quota"]


def charged_tokens(input_tokens: int, max_tokens: int) -> int:
    """What a request is charged at admission: its input and all the output it may ask for."""
    return input_tokens + max_tokens


@dataclass(frozen=True)
class AxisState:
    """One axis of a limiter as rate-limit headers tell it."""

    limit: float
    remaining: float  # never below 0: headers know no debt
    reset_s: float  # until it is full again; infinite where it never is


class TokenBucket:
    """Full at first, refilled continuously, never above its capacity."""

    def __init__(self, capacity: float, refill_per_second: float, clock: Clock) -> None:
        """ValueError for a capacity that is not positive, or a negative refill."""
        if not 0 < capacity < math.inf or not 0 <= refill_per_second < math.inf:
            raise ValueError(f"a bucket of {capacity} with {refill_per_second} per second cannot be")
        self.capacity = capacity
        self.refill_per_second = refill_per_second
        self._clock = clock
        self._level = capacity
        self._at = clock()

    @property
    def remaining(self) -> float:
        """What is in it now; below 0 while a debt is being paid off."""
        now = self._clock()
        if now > self._at:  # a clock that steps back takes nothing away
            self._level = min(self.capacity, self._level + (now - self._at) * self.refill_per_second)
            self._at = now
        return self._level

    def has(self, cost: float) -> bool:
        """Whether that much is available now."""
        return self.remaining >= cost - CLOCK_ERROR_S * self.refill_per_second

    def admit(self, cost: float) -> bool:
        """Take all of the cost, or nothing and say no: reservation at admission."""
        if not self.has(cost):
            return False
        self.charge(cost)
        return True

    def admit_into_debt(self, cost: float) -> bool:
        """Take all of the cost while anything is left at all, so that one request may overshoot."""
        if self.remaining <= CLOCK_ERROR_S * self.refill_per_second:
            return False
        self.charge(cost)
        return True

    def charge(self, cost: float) -> None:
        """Take the cost unasked, into debt if need be. A negative cost is a refund, and never overfills."""
        self._level = min(self.capacity, self.remaining - cost)

    def seconds_until(self, cost: float) -> float:
        """How long until that much is available: 0 when it is, infinite when it never will be."""
        if self.has(cost):
            return 0.0
        if cost > self.capacity or self.refill_per_second == 0:
            return math.inf
        return (cost - self.remaining) / self.refill_per_second

    def axis(self) -> AxisState:
        return AxisState(self.capacity, max(0.0, self.remaining), self.seconds_until(self.capacity))


class Quota:
    """So much a calendar day or month (UTC); what is used comes back when the next one begins."""

    def __init__(self, limit: float, window: Window, clock: Clock) -> None:
        """ValueError for a limit that is not positive."""
        if not 0 < limit < math.inf:
            raise ValueError(f"a quota of {limit} cannot be")
        self.limit = limit
        self.window = window
        self._clock = clock
        self._used = 0.0
        self._ends_at = window_end_s(clock(), window)

    @property
    def remaining(self) -> float:
        """What is left of this window; below 0 when more was charged than there was."""
        now = self._clock()
        if now >= self._ends_at:
            self._used, self._ends_at = 0.0, window_end_s(now, self.window)
        return self.limit - self._used

    def has(self, cost: float) -> bool:
        return self.remaining >= cost

    def charge(self, cost: float) -> None:
        self._used = self.limit - self.remaining + cost

    def admit(self, cost: float) -> bool:
        """Count all of the cost, or nothing and say no."""
        if not self.has(cost):
            return False
        self.charge(cost)
        return True

    def seconds_until(self, cost: float) -> float:
        """How long until that much is available: 0 when it is, infinite when it never will be."""
        if self.has(cost):
            return 0.0
        return math.inf if cost > self.limit else self._ends_at - self._clock()

    def axis(self) -> AxisState:
        remaining = max(0.0, self.remaining)
        return AxisState(self.limit, remaining, 0.0 if remaining == self.limit else self._ends_at - self._clock())


def window_end_s(now_s: float, window: Window) -> float:
    """The epoch second at which the calendar day or month (UTC) of that moment ends."""
    today = datetime.fromtimestamp(now_s, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if window == "day":
        return (today + timedelta(days=1)).timestamp()
    next_month = today.replace(day=1) + timedelta(days=32)
    return next_month.replace(day=1).timestamp()


@dataclass(frozen=True)
class Admission:
    """The answer of a limiter to one request, with all that its headers say."""

    admitted: bool
    blocked_by: Axis | None  # the axis that will hold it back longest; None when admitted
    retry_after_s: float  # 0 when admitted; infinite when waiting will not help
    requests: AxisState | None  # None: this axis is not limited
    tokens: AxisState | None
    quota: AxisState | None


class RateLimiter:
    """Requests a minute, tokens a minute and a quota at once: all let a request in, or none is charged."""

    def __init__(
        self,
        clock: Clock,
        *,
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
        quota: Quota | None = None,
    ) -> None:
        self.requests = _per_minute(requests_per_minute, clock)
        self.tokens = _per_minute(tokens_per_minute, clock)
        self.quota = quota  # in requests

    def admit(self, tokens: float) -> Admission:
        """Let one request of so many charged tokens in, or say which axis refused and how long it will."""
        waits = {axis: limit.seconds_until(cost) for axis, limit, cost in self._axes(tokens)}
        longest = max(waits, key=lambda axis: waits[axis], default=None)
        if longest is not None and waits[longest] > 0:
            return self._answer(longest, waits[longest])
        for _, limit, cost in self._axes(tokens):
            limit.charge(cost)
        return self._answer(None, 0.0)

    def standing(self) -> Admission:
        """All axes as they stand, charging nothing."""
        return self._answer(None, 0.0)

    def settle(self, tokens: float) -> None:
        """Correct what was charged for tokens, once the truth is known: positive takes more, negative gives back."""
        if self.tokens is not None:
            self.tokens.charge(tokens)

    def _axes(self, tokens: float) -> "list[tuple[Axis, TokenBucket | Quota, float]]":
        axes: list[tuple[Axis, TokenBucket | Quota | None, float]] = [
            ("quota", self.quota, 1),  # first: of equal waits, the one that must not be retried is named
            ("tokens", self.tokens, tokens),
            ("requests", self.requests, 1),
        ]
        return [(axis, limit, cost) for axis, limit, cost in axes if limit is not None]

    def _answer(self, blocked_by: Axis | None, wait_s: float) -> Admission:
        states = {axis: limit.axis() for axis, limit, _ in self._axes(0)}
        return Admission(
            blocked_by is None, blocked_by, wait_s, states.get("requests"), states.get("tokens"), states.get("quota")
        )


def _per_minute(limit: float | None, clock: Clock) -> TokenBucket | None:
    return None if limit is None else TokenBucket(limit, limit / SECONDS_PER_MINUTE, clock)
