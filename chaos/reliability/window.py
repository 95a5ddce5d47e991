"""The last requests, by time: how many failed, how slow the 95th percentile was, how good the sampled answers were."""

import math
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Observation:
    """One request, at the moment when it was over; seconds of any one clock."""

    at_s: float
    error: bool | None  # None: refused for the caller's own sake (429, 400), which says nothing of the provider
    latency_s: float | None = None  # of an answer; None is not measured
    quality: float | None = None  # of an answer, 0 to 1; None is not sampled


class Window:
    """Observations of the last `length_s`; what is older is forgotten when something newer comes, or on `move`."""

    def __init__(self, length_s: float = math.inf) -> None:
        self.length_s = length_s
        self._kept: deque[Observation] = deque()
        self._latencies: list[float] = []  # sorted
        self._quality_sum = self._quality_squares = 0.0
        self.answers = self.errors = self.qualities = 0

    def add(self, seen: Observation) -> None:
        """Count it; times never step back."""
        self._kept.append(seen)
        self._count(seen, 1)
        self.move(seen.at_s)

    def move(self, now_s: float) -> None:
        """Forget what is as old as the window is long."""
        while self._kept and self._kept[0].at_s <= now_s - self.length_s:
            self._count(self._kept.popleft(), -1)

    def clear(self) -> None:
        """Forget all."""
        self.__init__(self.length_s)  # type: ignore[misc] # the same window, empty

    @property
    def judged(self) -> int:
        """Requests that say something of the provider."""
        return self.answers + self.errors

    @property
    def latencies(self) -> int:
        return len(self._latencies)

    @property
    def error_ratio(self) -> float | None:
        return self.errors / self.judged if self.judged else None

    @property
    def p95_s(self) -> float | None:
        return p95(self._latencies)

    @property
    def quality(self) -> float | None:
        """The mean of the sampled qualities."""
        return self._quality_sum / self.qualities if self.qualities else None

    @property
    def quality_error(self) -> float:
        """The standard error of that mean: of single scores as they scatter, so of 0 and 1 that of a share."""
        if self.quality is None:
            return 0.0
        variance = self._quality_squares / self.qualities - self.quality**2
        return math.sqrt(max(0.0, variance) / self.qualities)

    def _count(self, seen: Observation, sign: int) -> None:
        if seen.error is None:
            return
        if seen.error:
            self.errors += sign
            return
        self.answers += sign
        if seen.latency_s is not None:
            self._sort(seen.latency_s, sign)
        if seen.quality is not None:
            self.qualities += sign
            self._quality_sum = self._quality_sum + sign * seen.quality if self.qualities else 0.0
            self._quality_squares = self._quality_squares + sign * seen.quality**2 if self.qualities else 0.0

    def _sort(self, latency_s: float, sign: int) -> None:
        if sign > 0:
            insort(self._latencies, latency_s)
        else:
            del self._latencies[bisect_left(self._latencies, latency_s)]


def p95(ordered: Sequence[float]) -> float | None:
    """The 95th percentile by nearest rank: the smallest value that 95 of 100 do not exceed. None of nothing."""
    return ordered[(95 * len(ordered) + 99) // 100 - 1] if ordered else None
