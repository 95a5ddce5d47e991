"""Whether a ratio keeps to its limit: Wilson intervals decide, two-sided at 95 %, and say how many samples would.

Wilson, E. B. (1927), "Probable inference, the law of succession, and statistical inference", JASA 22, 209-212. The
interval inverts the score test: a limit L is outside it exactly when |p - L| > z * sqrt(L * (1 - L) / n). So the number
of samples that would decide has a closed form. A pass and a fail are each wrong in at most 2.5 % of runs.
"""

from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist
from typing import Literal

Word = Literal["PASS", "FAIL", "INVALID"]
LEVEL = 0.95
Z = NormalDist().inv_cdf(0.5 + LEVEL / 2)  # 1.95996…: two-sided
RULES_OUT = 0.1
"""Of a limit that allows none: seeing none passes where a true ratio of this or more is ruled out (35 samples)."""


@dataclass(frozen=True)
class Decision:
    """What so many of so many say about a limit."""

    word: Word
    low: float
    high: float
    needed: int | None = (
        None  # samples with which the ratio that was seen would decide; None where none would, or it has
    )


def wilson(count: int, n: int) -> tuple[float, float]:
    """The interval of the true ratio behind `count` of `n`; of none at all it is everything.

    Worked by hand for 8 of 10 in the test. ValueError for counts that cannot be.
    """
    if not 0 <= count <= n:
        raise ValueError(f"{count} of {n} is no ratio")
    if n == 0:
        return 0.0, 1.0
    ratio, square = count / n, Z * Z / n
    middle = (ratio + square / 2) / (1 + square)
    half = Z * sqrt(ratio * (1 - ratio) / n + square / (4 * n)) / (1 + square)
    low = 0.0 if count == 0 else max(0.0, middle - half)  # exactly so; floats leave 1e-17
    high = 1.0 if count == n else min(1.0, middle + half)
    return low, high


def at_least(count: int, n: int, limit: float, *, rules_out: float = RULES_OUT) -> Decision:
    """Whether the true ratio is `limit` or more. With a limit of 1 a single miss fails: see `at_most`."""
    mirrored = at_most(n - count, n, 1 - limit, rules_out=rules_out)
    low, high = wilson(count, n)
    return Decision(mirrored.word, low, high, mirrored.needed)


def at_most(count: int, n: int, limit: float, *, rules_out: float = RULES_OUT) -> Decision:
    """Whether the true ratio is `limit` or less.

    No interval of finitely many samples lies below 0, so a limit of 0 has a rule of its own: a single one fails, and
    none passes where the interval ends below `rules_out`.
    """
    low, high = wilson(count, n)
    if limit <= 0:
        if count:
            return Decision("FAIL", low, high)
        needed = least_samples(0, rules_out=rules_out)
        return Decision("PASS" if n >= needed else "INVALID", low, high, None if n >= needed else needed)
    if n and _beyond(limit - count / n, n, limit):
        return Decision("PASS", low, high)
    if n and _beyond(count / n - limit, n, limit):
        return Decision("FAIL", low, high)
    return Decision("INVALID", low, high, _needed(count, n, limit))


def least_samples(limit: float, *, rules_out: float = RULES_OUT) -> int:
    """With fewer, not even a flawless run keeps to `at most limit`; for `at least L` give 1 - L.

    Of a limit of 0 those that rule `rules_out` out. ValueError where no number would do.
    """
    bound = limit if limit > 0 else rules_out
    if not 0 < bound < 1:
        raise ValueError(f"a limit of {bound} has nothing to decide")
    return ceil(Z * Z * (1 - bound) / bound - 1e-9)


def _beyond(distance: float, n: int, limit: float) -> bool:
    """Whether the limit is outside the interval of a ratio at this distance from it."""
    return distance > 0 and distance * distance * n >= Z * Z * limit * (1 - limit) - 1e-9


def _needed(count: int, n: int, limit: float) -> int | None:
    """Samples with which the same ratio would decide; the ratio of none is taken to be flawless."""
    distance = abs((count / n if n else 0.0) - limit)
    if distance < 1e-9:  # noqa: PLR2004 - the same number, but for floats
        return None
    return ceil(Z * Z * limit * (1 - limit) / distance**2 - 1e-9)
