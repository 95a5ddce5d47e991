"""A result beside an earlier one of its kind: what is newly laundered, slower, dearer or failing.

A regression is worse than before by more than the tolerance, and proven: the intervals are apart. What is worse by more
and not proven is INVALID where a gate names the metric, and noise where none does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from llmops.chaos.gates.conditions import LEAST_OF_SUMS
from llmops.chaos.gates.judging import why_nothing_is_proven
from llmops.chaos.gates.loader import in_words
from llmops.chaos.gates.measured import Found, counts_of, ends, shown
from llmops.chaos.gates.quoting import quoted
from llmops.chaos.gates.results.reading import Usable
from llmops.chaos.gates.results.schema import Metric
from llmops.chaos.gates.schema import Tolerances
from llmops.chaos.gates.worsening import SINGLE, WORSE, Worse
from llmops.chaos.intervals import wilson

Ends = tuple[Decimal | None, Decimal | None]
Level = Literal["fail", "warn"]


@dataclass(frozen=True)
class Compared:
    """What came of one comparison that is told."""

    name: str  # such as `newly slower`
    found: Found
    file: str
    where: str = ""
    level: Level = "fail"


@dataclass
class Comparison:
    """All comparisons with one baseline."""

    baseline: str
    told: list[Compared] = field(default_factory=list)
    held: int = 0
    noise: int = 0  # worse by more than the tolerance, and not proven
    new: int = 0  # figures that the baseline does not have, or that prove nothing there
    not_compared: set[str] = field(default_factory=set)  # metrics that nothing is said about
    gone: list[str] = field(default_factory=list)  # scenarios that only the baseline has

    @property
    def is_empty(self) -> bool:
        return not (self.told or self.held or self.noise)


def compared(
    results: Sequence[Usable], before: Usable, gated: Mapping[str, Level], tolerances: Tolerances
) -> Comparison:
    """All results of the baseline's kind beside it. `gated`: the metrics that gates name, with the strictest level."""
    comparison = Comparison(before.file)
    alike = [one for one in results if one.result.kind == before.result.kind]
    for one in alike:
        if why := _why_no_baseline(one, before):
            comparison.told.append(Compared("baseline", Found("INVALID", quoted(why)), before.file))
            continue
        _compare_verdicts(one, before, comparison)
        _compare_metrics(one, before, gated, tolerances, comparison)
    there = {scenario.name for one in alike for scenario in one.result.scenarios}
    comparison.gone += [each.name for each in before.result.scenarios if alike and each.name not in there]
    if comparison.is_empty:
        why = f"{before.file} and the results have no figure in common"
        comparison.told.append(Compared("baseline", Found("INVALID", quoted(why)), before.file))
    return comparison


def _why_no_baseline(one: Usable, before: Usable) -> str:
    if one.result.id == before.result.id:
        return f"the baseline {before.file} is the run that is judged"
    if before.result.finished_at > one.result.finished_at:
        return f"the baseline {before.file} is later than {one.file}"
    return ""


def _compare_verdicts(one: Usable, before: Usable, comparison: Comparison) -> None:
    was = {scenario.name: scenario.verdict for scenario in before.result.scenarios}
    for scenario in one.result.scenarios:
        then, now = was.get(scenario.name), scenario.verdict
        if then == "PASS" and now == "PASS":
            comparison.held += 1
        elif then == "PASS" and now == "FAIL":
            reason = quoted(f"{scenario.name} was PASS, and is FAIL: {scenario.reason}")
            comparison.told.append(Compared("newly failing", Found("FAIL", reason), one.file, scenario.name))
        elif then in {"PASS", "FAIL"} and now == "INVALID":
            reason = quoted(f"{scenario.name} was {then}, and proves nothing now: {scenario.reason}")
            comparison.told.append(Compared("newly unproven", Found("INVALID", reason), one.file, scenario.name))


def _compare_metrics(
    one: Usable, before: Usable, gated: Mapping[str, Level], tolerances: Tolerances, comparison: Comparison
) -> None:
    was = {metric.key: metric for metric in before.result.metrics if not why_nothing_is_proven(metric, before)}
    known = {metric.name for metric in before.result.metrics}
    for metric in one.result.metrics:
        worse, then = _way_of(metric, gated), was.get(metric.key)
        if worse is None:
            comparison.not_compared.add(metric.name)
        if worse is None or why_nothing_is_proven(metric, one):
            continue
        if metric.name in gated and (why := _why_not_comparable(metric, then, known)):
            found = Found("INVALID", f"{metric.name} cannot be compared with {quoted(before.file)}: {why}")
        elif then is None or not (_is_enough(metric) and _is_enough(then)):
            comparison.new += 1
            continue
        else:
            found = _found(metric, then, worse, tolerances)
        if found.word == "INVALID" and metric.name not in gated:
            comparison.noise += 1
        elif found.word == "PASS":
            comparison.held += 1
        else:
            where, level = quoted(in_words(metric.scope)), gated.get(metric.name, "fail")
            comparison.told.append(Compared(f"newly {worse.word}", found, one.file, where, level))


def _way_of(metric: Metric, gated: Mapping[str, Level]) -> Worse | None:
    return WORSE.get(metric.name) or (SINGLE.get(metric.name) if metric.name in gated else None)


def _why_not_comparable(now: Metric, then: Metric | None, known: set[str]) -> str:
    """What keeps a metric that a gate names from being compared. A part that is new, such as a scenario, is no gap."""
    if now.name not in known:
        return "it is not in it"
    few = next((one for one in (then, now) if one is not None and not _is_enough(one)), None)
    if few is None or then is None:
        return ""
    return (
        "it was not measured"
        if now.name in SINGLE
        else f"it was measured on {few.n or 0} samples, and that takes {LEAST_OF_SUMS}"
    )


def _is_enough(metric: Metric) -> bool:
    if metric.name in SINGLE:
        return metric.value is not None
    return metric.value is not None and metric.n is not None and metric.n >= LEAST_OF_SUMS


def _found(now: Metric, then: Metric, worse: Worse, tolerances: Tolerances) -> Found:
    """PASS: no worse than is tolerated; FAIL: proven; INVALID: worse, and it may be chance."""
    value, was = now.value or Decimal(0), then.value or Decimal(0)
    of = f" of {quoted(in_words(now.scope))}" if now.scope else ""
    said = f"newly {worse.word}: {now.name}{of} is {_with_ends(now)} and was {_with_ends(then)}"
    if worse.never and was == 0 < value:
        return Found("FAIL", said)
    allowed, tolerance = _allowed(was, worse, tolerances)
    if value >= allowed if worse.how == "less" else value <= allowed:
        return Found("PASS", "")
    if worse.how == "dearer" or _are_apart(now, then, worse):
        return Found("FAIL", f"{said}, and {tolerance} is tolerated")
    return Found("INVALID", f"{said}: more than {tolerance} worse, and it may be chance", is_undecided=True)


def _allowed(was: Decimal, worse: Worse, tolerances: Tolerances) -> tuple[Decimal, str]:
    """The worst value that is tolerated, and the tolerance in words."""
    if worse.how in {"more", "less"}:
        points = Decimal(str(tolerances.worse_ratio))
        return was + (points if worse.how == "more" else -points), f"{tolerances.worse_ratio * 100:.3g} points"
    share = tolerances.slower_ratio if worse.how == "slower" else tolerances.dearer_ratio
    return was + abs(was) * Decimal(str(share)), f"{share * 100:.3g} %"  # of a saving, too, more is dearer


def _are_apart(now: Metric, then: Metric, worse: Worse) -> bool:
    """Whether the intervals have nothing in common; an open end reaches everywhere."""
    lower, upper = (now, then) if worse.how == "less" else (then, now)
    high, low = _ends(lower)[1], _ends(upper)[0]
    return high is not None and low is not None and high < low


def _ends(metric: Metric) -> Ends:
    counts = counts_of(metric) if metric.unit == "ratio" else None
    if counts is not None:
        low, high = wilson(*counts)  # type: ignore[arg-type] # of a mean, the count is no whole number
        return Decimal(low), Decimal(high)
    return (metric.interval.low, metric.interval.high) if metric.interval else (None, None)


def _with_ends(metric: Metric) -> str:
    counts = counts_of(metric) if metric.unit == "ratio" else None
    if counts is not None:
        return f"{counts[0]:,.10g} of {counts[1]:,}"
    return f"{shown(metric.value or 0, metric.unit)}{ends(*_ends(metric), metric.unit)}"
