"""One metric of a result against a bound: PASS, FAIL or INVALID, and why, in a sentence.

Ratios are judged on their counts by the rule of expectations (`chaos/intervals.py`), whatever has an
interval by that interval, and all else as it is, on ten samples or more.
"""

from dataclasses import dataclass
from decimal import Decimal

from llmops.chaos import intervals
from llmops.chaos.gates.conditions import LEAST_OF_SUMS, Bound, needed_samples
from llmops.chaos.gates.results.schema import Interval, Metric
from llmops.chaos.intervals import LEVEL, Word


@dataclass(frozen=True)
class Found:
    """What a metric says about a bound."""

    word: Word
    reason: str
    is_undecided: bool = False  # INVALID, but not for lack of data: the limit lies inside the interval


def found(metric: Metric, bound: Bound) -> Found:
    """The verdict of one metric. What was not measured, or on too few samples, is INVALID."""
    if metric.value is None:
        return Found("INVALID", f"{bound.metric} was not measured{_on(metric.n)}")
    if why := _why_too_few(metric, bound):
        return Found("INVALID", f"{bound.metric} {why}")
    if bound.unit == "ratio" and (counts := counts_of(metric)):
        return _of_counts(counts, bound, is_mean=metric.numerator is None)
    if bound.percent is not None and not _is_sure(metric.interval):
        return Found("INVALID", f"{bound.metric} has no interval of {LEVEL * 100:.0f} % to be judged by")
    if metric.interval is not None:
        return _of_interval(metric.value, metric.interval, bound, metric.n)
    return _as_it_is(metric.value, bound, metric.n)


def _is_sure(interval: Interval | None) -> bool:
    """Whether it is an interval of statistics, at the level of ours or above."""
    return interval is not None and interval.level is not None and float(interval.level) >= LEVEL


def _why_too_few(metric: Metric, bound: Bound) -> str:
    """Where there is none; where the gate asks for more; where it is a ratio or a mean of nobody knows how many."""
    if metric.n == 0:
        return "was measured on no sample"
    if bound.over is not None and (metric.n is None or metric.n < bound.over):
        has = "does not say on how many" if metric.n is None else f"was measured on {metric.n:,}"
        return f"{has}, and the gate asks for {bound.over:,}"
    is_alone = metric.n is None and (metric.denominator is None or metric.numerator is None)
    if bound.is_of_samples and is_alone and (metric.interval is None or _is_uncounted(metric, bound)):
        return "does not say on how many it was measured"
    return ""


def _is_uncounted(metric: Metric, bound: Bound) -> bool:
    """An interval of statistics comes from samples; one of assumptions, such as a price range, has no level."""
    return bound.unit == "ratio" and metric.interval is not None and metric.interval.level is not None


def counts_of(metric: Metric) -> tuple[float, int] | None:
    """So many of so many. The mean of n scores from 0 to 1 spreads at most as far as a ratio of n: it counts as one."""
    if metric.numerator is not None and metric.denominator is not None:
        return float(metric.numerator), int(metric.denominator)
    if metric.value is not None and metric.n is not None and metric.interval is None:
        return min(float(metric.value) * metric.n, metric.n), metric.n
    return None


def _of_counts(counts: tuple[float, int], bound: Bound, *, is_mean: bool) -> Found:
    count, n = counts
    rule = intervals.at_most if bound.side == "at_most" else intervals.at_least
    decision = rule(count, n, float(bound.limit))  # type: ignore[arg-type] # of a mean, the count is no whole number
    value = f"{shown(count / n, 'ratio')} on {n:,}" if is_mean else f"{count:,.10g} of {n:,}"
    said = f"{bound.metric} is {value}{ends(decision.low, decision.high, 'ratio')}"
    if decision.word != "INVALID":
        return Found(decision.word, f"{said}: {_allowed(bound)} {_held(decision.word)}")
    needs = "it is the limit itself" if decision.needed is None else f"it takes {decision.needed:,}"
    return Found("INVALID", f"{said}: {_allowed(bound)} is not decided, {needs}", n >= LEAST_OF_SUMS)


def _of_interval(value: Decimal, interval: Interval, bound: Bound, n: int | None) -> Found:
    near, far = (interval.low, interval.high) if bound.side == "at_most" else (interval.high, interval.low)
    said = f"{bound.metric} is {shown(value, bound.unit)}{ends(interval.low, interval.high, bound.unit)}"
    if far is not None and bound.holds(far):
        return Found("PASS", f"{said}: {_allowed(bound)} holds")
    if near is not None and not bound.holds(near):
        return Found("FAIL", f"{said}: {_allowed(bound)} does not hold")
    if far is None and bound.percent is not None:
        return Found("INVALID", f"{said}{_on(n)}: {_allowed(bound)} is not decided, it takes {needed_samples(bound)}")
    return Found("INVALID", f"{said}: {_allowed(bound)} is not decided, the limit lies inside", is_undecided=True)


def _as_it_is(value: Decimal, bound: Bound, n: int | None) -> Found:
    said = f"{bound.metric} is {shown(value, bound.unit)}{_on(n)}"
    if n is not None and n < LEAST_OF_SUMS:
        return Found("INVALID", f"{said}: that is too few, it takes {LEAST_OF_SUMS}")
    word: Word = "PASS" if bound.holds(value) else "FAIL"
    return Found(word, f"{said}: {_allowed(bound)} {_held(word)}")


def ends(low: float | Decimal | None, high: float | Decimal | None, unit: str) -> str:
    """An interval, for a sentence."""
    if low is None and high is None:
        return ""
    first, last = ("open" if end is None else shown(end, unit) for end in (low, high))
    return f" (interval {first} to {last})"


def shown(value: float | Decimal, unit: str) -> str:
    """A value with its unit, in enough digits to see on which side of a limit it is."""
    number = float(value)
    if unit == "ratio":
        return f"{number * 100:.4g} %"
    digits = f"{number:,.0f}" if abs(number) >= 100_000 else f"{number:,.6g}"  # noqa: PLR2004 - %g turns to exponents
    return f"{digits} {'USD' if unit.startswith('usd') else unit}"


def _allowed(bound: Bound) -> str:
    if bound.limit == 0 and bound.side == "at_most":
        return "none at all"
    if bound.limit == 1 and bound.unit == "ratio":
        return "not a single miss"  # judged by the rule of none: the interval never lies at 100 %
    words = {"at_most": "below" if bound.strict else "at most", "at_least": "above" if bound.strict else "at least"}
    return f"{words[bound.side]} {shown(bound.limit, bound.unit)}"


def _on(n: int | None) -> str:
    return "" if n is None else f" on {n:,} samples"


def _held(word: Word) -> str:
    return "holds" if word == "PASS" else "does not hold"
