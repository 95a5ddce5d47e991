"""Percentiles by linear interpolation, also among values of which some never came."""

from collections.abc import Sequence
from math import inf, isinf


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The value below which `percent` of the values lie; None of none, and where it falls among infinite ones.

    Linear interpolation between closest ranks, as numpy's default: of [1, 2, 3, 4] the 50th is 2.5.
    """
    ordered = sorted(values)
    if not ordered:
        return None
    rank = (len(ordered) - 1) * percent / 100
    below = int(rank)
    low, high = ordered[below], ordered[min(below + 1, len(ordered) - 1)]
    part = rank - below
    found = low if part == 0 or low == high else inf if isinf(high) else low + (high - low) * part
    return None if isinf(found) else found
