"""What a gate asks, once it is parsed: a bound on a metric, or the verdict of a scenario or a whole result."""

import re
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, log
from typing import Literal

from llmops.chaos.intervals import LEVEL, least_samples
from llmops.metrics import unit_of

Side = Literal["at_most", "at_least"]
LEAST_OF_SUMS = 10
"""Samples behind a mean, a cost or another figure without an interval: fewer say nothing, as for expectations."""
OF_SAMPLES = re.compile(r"mean|^usd_per_|_max_s$|_per_second$")
"""Metrics that are nothing without the number of samples behind them; others, such as a moment or a sum, have none."""
PERCENTILE = re.compile(r"_p(\d\d)_s$")


@dataclass(frozen=True)
class Bound:
    """A metric keeps to a limit."""

    metric: str
    side: Side
    limit: Decimal  # in the unit of the metric
    strict: bool = False  # the limit itself is beyond it
    over: int | None = None  # samples it must be measured on, at least

    @property
    def unit(self) -> str:
        return unit_of(self.metric)

    @property
    def is_of_samples(self) -> bool:
        return self.unit == "ratio" or OF_SAMPLES.search(self.metric) is not None

    @property
    def percent(self) -> int | None:
        """Of a percentile; None of all else."""
        found = PERCENTILE.search(self.metric)
        return int(found[1]) if found else None

    def holds(self, value: Decimal) -> bool:
        """Whether this very value keeps to it."""
        if value == self.limit:
            return not self.strict
        return (value < self.limit) == (self.side == "at_most")


@dataclass(frozen=True)
class VerdictIs:
    """A scenario, or a result of a kind, has this verdict."""

    name: str
    word: str


@dataclass(frozen=True)
class SameSystem:
    """A result of one kind is of the very system that a result of another kind tells of, such as what is deployed."""

    one: str
    other: str


Condition = Bound | VerdictIs | SameSystem


def refusal(bound: Bound) -> str:
    """Why no result could satisfy it, or none could fail it; empty where it has something to decide."""
    if _is_never_satisfied(bound):
        return f"no {bound.metric} could satisfy it"
    if _is_never_failed(bound):
        return f"no {bound.metric} could fail it"
    needed = needed_samples(bound)
    if bound.over is not None and bound.over < needed:
        return f"on {bound.over} samples it can never hold: it needs {needed}"
    return ""


def needed_samples(bound: Bound) -> int:
    """With fewer, not even a flawless run would do."""
    if bound.unit == "ratio":
        return least_samples(float(bound.limit if bound.side == "at_most" else 1 - bound.limit))
    if bound.percent is None:
        return LEAST_OF_SUMS
    share = bound.percent / 100 if bound.side == "at_most" else 1 - bound.percent / 100
    return ceil(log((1 - LEVEL) / 2) / log(share))  # fewer samples leave that end of the interval open: share^n > 0.025


def _is_never_satisfied(bound: Bound) -> bool:
    if bound.side == "at_most":  # no metric of ours is below 0
        return bound.limit < 0 or (bound.strict and bound.limit == 0)
    return bound.unit == "ratio" and (bound.limit > 1 or (bound.strict and bound.limit == 1))


def _is_never_failed(bound: Bound) -> bool:
    if bound.side == "at_most":
        return bound.unit == "ratio" and bound.limit >= 1
    return bound.limit < 0 or (bound.limit == 0 and (bound.unit == "ratio" or not bound.strict))
