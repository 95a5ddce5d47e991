"""Percentiles with intervals that assume no distribution, and none where there are too few samples for one.

Value: linear interpolation between order statistics (Hyndman and Fan's type 7). Interval: order statistics whose ranks
the binomial distribution gives (Conover, Practical Nonparametric Statistics, 3.2), two-sided; it holds for independent
samples, and queues make samples depend on each other. An end that no sample reaches is open.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A percentile: None where there are fewer samples than `needed`. An open end of the interval is None."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    needed: int

    @property
    def too_few(self) -> str:
        """In words, where there is no value."""
        return f"too few ({self.n} of {self.needed})"

    def is_below(self, other: "Estimate") -> bool:
        """Whether the intervals are apart."""
        return self.high is not None and other.low is not None and self.high < other.low


class Sample:
    """Some measurements."""

    def __init__(self, values: "Iterable[float] | NDArray[np.float64]") -> None:
        """ValueError for what is no number: unknown values are left out before."""
        import numpy as np

        found = np.sort(np.asarray(values if isinstance(values, np.ndarray) else list(values), dtype=np.float64))
        if found.size and not math.isfinite(float(found.sum())):
            raise ValueError("a sample holds numbers only")
        self._sorted = found
        self._estimates: dict[int, Estimate] = {}

    @property
    def n(self) -> int:
        return int(self._sorted.size)

    @cached_property
    def mean(self) -> float | None:
        return float(self._sorted.mean()) if self.n else None

    @property
    def max(self) -> float | None:
        return float(self._sorted[-1]) if self.n else None

    def percentile(self, percent: int) -> Estimate:
        """ValueError unless 0 < percent < 100."""
        if percent not in self._estimates:
            self._estimates[percent] = self._estimate(percent)
        return self._estimates[percent]

    def _estimate(self, percent: int) -> Estimate:
        import numpy as np

        needed = samples_needed(percent)
        if self.n < needed:
            return Estimate(None, None, None, self.n, needed)
        low, high = ranks(self.n, percent)
        value = float(np.percentile(self._sorted, percent))
        return Estimate(value, self._at(low), self._at(high), self.n, needed)

    def _at(self, rank: int | None) -> float | None:
        return None if rank is None else float(self._sorted[rank - 1])


def samples_needed(percent: int) -> int:
    """With fewer, not one sample would be expected beyond the percentile: 2 for p50, 20 for p95, 100 for p99."""
    if not 0 < percent < 100:  # noqa: PLR2004 - percent
        raise ValueError(f"there is no percentile {percent}")
    return math.ceil(100 / min(percent, 100 - percent))


@cache
def ranks(n: int, percent: int, level: float = LEVEL) -> tuple[int | None, int | None]:
    """The ranks (from 1) of the order statistics between which the percentile lies, with `level` or more.

    X(l) lies above it when fewer than l of n samples fall below it, so with probability P(Bin(n, p) < l); l is the
    greatest and u the least rank for which each side errs with at most (1 - level) / 2. None where no rank does.
    """
    share, side = percent / 100, (1 - level) / 2
    low = _count_below(n, share, side)
    high = n + 1 - _count_below(n, 1 - share, side)
    return (low or None), (high if high <= n else None)


def _count_below(n: int, share: float, side: float) -> int:
    """The greatest l with P(Bin(n, share) <= l - 1) <= side; 0 where there is none.

    Sums from the left, from where the terms matter: 12 standard deviations below the mean they are under 1e-30.
    """
    spread = math.sqrt(n * share * (1 - share))
    start = max(0, math.floor(n * share - 12 * spread))
    total = 0.0
    for count in range(start, n + 1):
        total += math.exp(
            math.lgamma(n + 1) - math.lgamma(count + 1) - math.lgamma(n - count + 1)
            + count * math.log(share) + (n - count) * math.log1p(-share)
        )  # fmt: skip
        if total > side:
            return count
    return n
