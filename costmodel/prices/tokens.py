"""Tokens to money: each sum of one rate key becomes exact dollars, or tokens without a price and the reason."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from llmops.costmodel.prices.classes import PARENTS
from llmops.costmodel.prices.rates import Answer, NoDatedRate, NoPrice, Rate, Rates
from llmops.costmodel.usage.schema import TOKEN_CLASSES, RateSum
from llmops.errors import BadInput
from llmops.money import cost_usd, total_usd

if TYPE_CHECKING:
    from llmops.costmodel.prices.book import PriceBook

REQUESTS = "requests"
_PERCENT_DECIMALS = 15  # as many as the configuration allows


@dataclass(frozen=True)
class CostLine:
    """One class of tokens at its rate, or the requests where the provider charges for each."""

    name: str  # a class of the usage table, or "requests"
    count: int  # a part class with a rate of its own is taken out of the class it is part of
    rate: Rate  # USD per million tokens; per 1,000 requests
    list_usd: Decimal  # count * rate, exact, before any discount


@dataclass(frozen=True)
class PricedSum:
    """What the rows of one sum cost. What could not be priced is a count of tokens, never zero dollars."""

    sum: RateSum
    answer: Answer
    lines: tuple[CostLine, ...]  # at the standard price where the answer is NoDatedRate: shown, not charged
    unpriced_tokens: dict[str, int]  # by TOKEN_CLASSES: no price, or a class without any rate
    apart_tokens: dict[str, int]  # by TOKEN_CLASSES: of a tier that has no dated rate

    @property
    def list_usd(self) -> Decimal | None:
        """Catalogue (or own) price of the tokens that have one; None where nothing has."""
        return total_usd(line.list_usd for line in self.lines) if isinstance(self.answer, Rates) else None

    @property
    def net_usd(self) -> Decimal | None:
        """`list_usd` after the negotiated discount."""
        listed = self.list_usd
        if listed is None or not isinstance(self.answer, Rates) or self.answer.discount is None:
            return listed
        return _discounted(self.lines, self.answer.discount.percent)

    @property
    def standard_usd(self) -> Decimal | None:
        """What the tokens that stand apart would cost at the standard list price; None where there are none."""
        return total_usd(line.list_usd for line in self.lines) if isinstance(self.answer, NoDatedRate) else None

    @property
    def rates(self) -> Rates | None:
        """The rates that `lines` are made with."""
        return self.answer.standard if isinstance(self.answer, NoDatedRate) else _rates_or_none(self.answer)

    @property
    def inherited(self) -> dict[str, str]:
        """Classes with tokens that took another's rate, and whose."""
        rates = self.rates
        tokens = self.sum.tokens
        if rates is None:
            return {}
        held = {name: rate.inherited_from for name, rate in rates.by_class.items() if tokens.get(name, 0)}
        return {name: parent for name, parent in held.items() if parent}

    @property
    def clock_assumed(self) -> bool:
        """Whether the price depends on the hour and the log does not say it: midnight UTC was taken."""
        return self.rates is not None and self.rates.clock_matters and self.sum.key.day is None

    @property
    def why_unpriced(self) -> str:
        """A sentence for `unpriced_tokens`; empty where there are none."""
        if isinstance(self.answer, NoPrice):
            return self.answer.reason
        if not self.unpriced_tokens or self.rates is None:
            return ""
        return f"{self.rates.match.name} has no rate for {', '.join(self.unpriced_tokens)}"


def priced(sums: Iterable[RateSum], book: "PriceBook", price_date: date | None = None) -> list[PricedSum]:
    """Each sum with its cost, on its own day or on `price_date`, in the order given.

    BadInput for a row without a day where `price_date` is None, and for parts that exceed their whole.
    """
    return [_priced(one, book.rates(one.key, price_date)) for one in sums]


def _priced(one: RateSum, answer: Answer) -> PricedSum:
    held = {name: count for name in TOKEN_CLASSES if (count := one.tokens.get(name, 0))}
    rates = answer.standard if isinstance(answer, NoDatedRate) else _rates_or_none(answer)
    if rates is None:
        return PricedSum(one, answer, (), held, {})
    counts = {name: count for name, count in _disjoint(one, rates).items() if count}
    lines = (*_token_lines(counts, rates), *_request_lines(one, rates))
    if isinstance(answer, NoDatedRate):
        return PricedSum(one, answer, lines, {}, held)
    return PricedSum(one, answer, lines, {name: n for name, n in counts.items() if name not in rates.by_class}, {})


def _rates_or_none(answer: Answer) -> Rates | None:
    return answer if isinstance(answer, Rates) else None


def _token_lines(counts: Mapping[str, int], rates: Rates) -> Iterator[CostLine]:
    for name, count in counts.items():
        rate = rates.by_class.get(name)
        if rate is not None:
            yield CostLine(name, count, rate, cost_usd(count, rate.usd_per_mtok))


def _disjoint(one: RateSum, rates: Rates) -> dict[str, int]:
    """The counts, with each part that has a rate of its own taken out of its whole."""
    counts = {name: one.tokens.get(name, 0) for name in TOKEN_CLASSES}
    for part, whole in PARENTS.items():
        inside = one.tokens.get(part, 0)
        if inside > one.tokens.get(whole, 0):
            raise BadInput(
                f"{part} ({inside:,}) exceed {whole} ({one.tokens.get(whole, 0):,}), which they are part of",
                hint=f"check the counts of {one.key.model!r} in the log, or the mapping file",
            )
        rate = rates.by_class.get(part)
        if inside and rate is not None and rate.usd_per_mtok != _usd(rates.by_class.get(whole)):
            counts[part] = inside
            counts[whole] -= inside
    return _not_negative(counts, one)


def _usd(rate: Rate | None) -> Decimal | None:
    return rate.usd_per_mtok if rate else None


def _not_negative(counts: dict[str, int], one: RateSum) -> dict[str, int]:
    below = next((name for name, count in counts.items() if count < 0), None)
    if below is not None:
        raise BadInput(
            f"the parts of {below} add up to more than the whole",
            hint=f"check the counts of {one.key.model!r} in the log, or the mapping file",
        )
    return counts


def _request_lines(one: RateSum, rates: Rates) -> Iterator[CostLine]:
    if rates.usd_per_1k_requests is not None and one.requests:
        fee = rates.usd_per_1k_requests
        yield CostLine(REQUESTS, one.requests, Rate(fee), cost_usd(one.requests, fee, per=1000))


def _discounted(lines: Iterable[CostLine], percent: Decimal) -> Decimal:
    """Exactly (100 - percent) / 100 of the lines; percentages have 15 decimals at most."""
    kept = int((100 - percent).scaleb(_PERCENT_DECIMALS))
    return total_usd(cost_usd(kept, line.list_usd, per=100 * 10**_PERCENT_DECIMALS) for line in lines)
