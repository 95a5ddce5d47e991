"""Sums of priced tokens: exact totals, for all of a log or for one group of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from llmops.costmodel.prices.tokens import PricedSum
from llmops.costmodel.usage.schema import TOKEN_CLASSES
from llmops.money import total_usd

Group = tuple[str | None, ...]
INPUT_CLASSES = TOKEN_CLASSES[:-1]


@dataclass(frozen=True)
class Reported:
    """What the log itself says was billed, and how many of the requests say so."""

    usd: Decimal
    requests: int


@dataclass(frozen=True)
class Totals:
    """What some rows cost. Tokens without a price are counted, never taken for free."""

    requests: int
    successes: int
    tokens: Mapping[str, int]
    list_usd: Decimal  # catalogue or own price of the priced tokens
    net_usd: Decimal  # the same after negotiated discounts
    unpriced_tokens: int
    apart_tokens: int  # of a tier without a dated rate, such as batch: not in the sums above
    apart_standard_usd: Decimal  # what those would cost at the standard price
    reported: Reported | None  # None where no row says what was billed

    @property
    def input_tokens(self) -> int:
        """The whole input, every cache class included."""
        return sum(self.tokens.get(name, 0) for name in INPUT_CLASSES)

    @property
    def output_tokens(self) -> int:
        return self.tokens.get("output_total_tokens", 0)

    @property
    def all_tokens(self) -> int:
        return self.input_tokens + self.output_tokens

    @property
    def nothing_priced(self) -> bool:
        """Whether there are tokens and none of them has a price."""
        return self.all_tokens > 0 and self.unpriced_tokens + self.apart_tokens >= self.all_tokens

    @property
    def all_priced(self) -> bool:
        """Whether every token has a price: else a cost per request would take some for free."""
        return self.unpriced_tokens + self.apart_tokens == 0

    @property
    def usd_per_request(self) -> Decimal | None:
        return self.net_usd / self.requests if self.requests and self.all_priced else None

    @property
    def usd_per_success(self) -> Decimal | None:
        return self.net_usd / self.successes if self.successes and self.all_priced else None


@dataclass(frozen=True)
class Bill:
    """The totals of a log, and of each group of it."""

    by: Sequence[str]
    whole: Totals
    groups: Mapping[Group, Totals]
    priced: Sequence[PricedSum] = field(repr=False)


def bill_of(priced: Sequence[PricedSum], by: Sequence[str], reported: Mapping[Group, Reported]) -> Bill:
    """The bill of sums that were grouped `by` those columns; the dearest group first."""
    members: dict[Group, list[PricedSum]] = defaultdict(list)
    for one in priced:
        members[one.sum.group].append(one)
    groups = {group: totals_of(sums, reported.get(group)) for group, sums in members.items()}
    ordered = dict(sorted(groups.items(), key=lambda item: (-item[1].net_usd, str(item[0]))))
    return Bill(by, totals_of(priced, _all(reported.values())), ordered, priced)


def totals_of(priced: Iterable[PricedSum], reported: Reported | None) -> Totals:
    """The exact totals of some sums."""
    sums = list(priced)
    tokens: dict[str, int] = defaultdict(int)
    for one in sums:
        for name, count in one.sum.tokens.items():
            tokens[name] += count
    return Totals(
        requests=sum(one.sum.requests for one in sums),
        successes=sum(one.sum.successes for one in sums),
        tokens=dict(tokens),
        list_usd=total_usd(one.list_usd or Decimal(0) for one in sums),
        net_usd=total_usd(one.net_usd or Decimal(0) for one in sums),
        unpriced_tokens=sum(sum(one.unpriced_tokens.values()) for one in sums),
        apart_tokens=sum(sum(one.apart_tokens.values()) for one in sums),
        apart_standard_usd=total_usd(one.standard_usd or Decimal(0) for one in sums),
        reported=reported,
    )


def _all(reported: Iterable[Reported]) -> Reported | None:
    parts = [part for part in reported if part.requests]
    return Reported(total_usd(part.usd for part in parts), sum(part.requests for part in parts)) if parts else None
