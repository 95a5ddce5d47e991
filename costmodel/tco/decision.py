"""BUY, BUILD or INCONCLUSIVE, and the assumption that would turn it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from llmops.costmodel.tco.break_even import SelfHostCurve, break_even_volume
from llmops.costmodel.tco.lines import CostLine, Range, total
from llmops.errors import ExitCode
from llmops.money import rounded_usd
from llmops.report import Verdict

MIN_SPAN_DAYS = 7  # below it a week's rhythm is a guess
MOST_FLIPS = 3


@dataclass(frozen=True)
class Api:
    """What the API costs a month: a range where some tokens have no dated rate, and how many have no rate at all."""

    usd_per_month: Range
    unpriced_tokens: int = 0


@dataclass(frozen=True)
class BreakEven:
    """Multiples of today's volume from which self-hosting costs no more than the API; None: at no volume."""

    low: Decimal | None
    typical: Decimal | None
    high: Decimal | None


def decide(api: Api, lines: Sequence[CostLine]) -> Verdict:
    """Compare the API with self-hosting on the whole of both ranges; where they overlap it is INCONCLUSIVE.

    Unpriced tokens make the API dearer than it looks: they cannot unsettle BUILD, and leave BUY unproven.
    """
    self_host = total(lines)
    flips = _flips(api.usd_per_month.typical, lines)
    if self_host.high < api.usd_per_month.low:
        return Verdict("BUILD", f"self-hosting costs less even at its high end: {_sides(api, self_host)}.", flips)
    if self_host.low <= api.usd_per_month.high:
        return Verdict("INCONCLUSIVE", f"the ranges overlap: {_sides(api, self_host)}.", flips)
    if api.unpriced_tokens:
        because = (
            f"{api.unpriced_tokens:,} tokens have no price, so the API costs more than is known: "
            f"{_sides(api, self_host)}."
        )
        return Verdict("INCONCLUSIVE", because, flips, ExitCode.NO_DATA)
    return Verdict("BUY", f"the API costs less even at the low end of self-hosting: {_sides(api, self_host)}.", flips)


MIN_DAYS_WITH_CALLS = 5  # a working week; and at least half of the days


def too_thin(verdict: Verdict, days_with_calls: int, clock_days: float) -> Verdict:
    """The verdict of a log with too many empty days: a stray time, or two days far apart, are no month."""
    because = (
        f"calls came on only {days_with_calls:,} of the log's {clock_days:,.0f} days, which cannot stand for a month "
        f"(check its times; if this is how it is: --assume-repeats). If it repeated: {verdict.word}, {verdict.because}"
    )
    return replace(verdict, word="INCONCLUSIVE", because=because, exit_code=ExitCode.NO_DATA)


def is_thin(days_with_calls: int, clock_days: float) -> bool:
    """Whether too few of the days have calls."""
    return days_with_calls < MIN_DAYS_WITH_CALLS or 2 * days_with_calls < clock_days


def too_short(verdict: Verdict, span_days: float) -> Verdict:
    """The verdict of a log that is too short to stand for a month: said as it stands, and not as a decision."""
    because = (
        f"{span_days:.3g} days of log cannot stand for a month ({MIN_SPAN_DAYS} can; if these do: --assume-repeats). "
        f"If it repeated: {verdict.word}, {verdict.because}"
    )
    return replace(verdict, word="INCONCLUSIVE", because=because, exit_code=ExitCode.NO_DATA)


def break_even(api: Range, curves: tuple[SelfHostCurve, SelfHostCurve, SelfHostCurve]) -> BreakEven:
    """The cheap curve against the dear API, typical against typical, the dear curve against the cheap API."""
    low, typical, high = curves
    return BreakEven(
        break_even_volume(api.high, low), break_even_volume(api.typical, typical), break_even_volume(api.low, high)
    )


def _sides(api: Api, self_host: Range) -> str:
    return f"API {_span(api.usd_per_month)}, self-hosted {_span(self_host)} USD a month"


def _span(usd: Range) -> str:
    return rounded_usd(usd.low) if usd.low == usd.high else f"{rounded_usd(usd.low)} to {rounded_usd(usd.high)}"


def _flips(api_usd: Decimal, lines: Sequence[CostLine]) -> list[str]:
    """The assumptions that could turn the typical comparison alone, and the amount at which each does.

    Those whose own range holds that amount, the likeliest first; where there is none, the one that comes nearest.
    """
    gap = total(lines).typical - api_usd
    moved = [(name, usd, usd.typical - gap) for name, usd in _by_driver(lines).items() if usd.typical > 0]
    possible = sorted((it for it in moved if it[2] > 0), key=lambda it: abs(it[2] / it[1].typical - 1))
    inside = [it for it in possible if it[1].low <= it[2] <= it[1].high]
    return [_flip(name, usd, amount, gap) for name, usd, amount in inside[:MOST_FLIPS] or possible[:1]]


def _by_driver(lines: Sequence[CostLine]) -> dict[str, Range]:
    drivers = dict.fromkeys(line.driver or line.name for line in lines)
    return {name: total([line for line in lines if (line.driver or line.name) == name]) for name in drivers}


def _flip(name: str, usd: Range, amount: Decimal, gap: Decimal) -> str:
    word, change = ("BUILD", "no more than") if gap > 0 else ("BUY", "more than")
    inside = "inside" if usd.low <= amount <= usd.high else "outside"
    return (
        f"Typically {word}, if {name} cost {change} {rounded_usd(amount)} USD "
        f"(assumed {rounded_usd(usd.typical)}; {inside} its range)."
    )


def volume_flip(found: BreakEven) -> str:
    """The volume from which the typical comparison may turn; where there is none, what smoother traffic would do."""
    if found.typical is not None:
        return f"At {found.typical:,.2g} times today's volume the API typically costs as much as self-hosting."
    if found.low is None:
        return "No volume turns it to BUILD: the GPUs alone cost more per token than the API."
    return (
        "With the peaks of this log no volume typically turns it to BUILD; "
        f"with none at all, {found.low:,.2g} times today's volume could."
    )
