"""When an entry of the catalogue has which price: its days, hours, tiers and sizes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeAlias

from genai_prices import types

from llmops.costmodel.prices.catalogue import Found
from llmops.costmodel.prices.classes import PER_TOKEN_KEYS

Constraint: TypeAlias = types.StartDateConstraint | types.TimeOfDateConstraint | None
Context: TypeAlias = tuple[tuple[str, str], ...]
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Valid:
    """The prices of an entry that hold at one time, for one size and tier, by price key."""

    prices: Mapping[str, Decimal]
    overrides: Mapping[str, Decimal]
    valid_from: date | None


def valid_at(found: Found, day: date, second_of_day: int, context: Context, size: int) -> Valid | None:
    """The prices that hold then. None where every price of the entry starts later, or none is for that context."""
    when = datetime.combine(day, time(0), UTC) + timedelta(seconds=second_of_day)
    standard = next((price for price in reversed(_conditional(found.entry)) if _active(price.constraint, when)), None)
    if standard is None:
        return None
    start = _start(standard.constraint)
    prices = _sized(standard.prices, size)
    if not context:
        return Valid(prices, {}, start)
    variants = [
        variant for variant in found.variants if _active(variant.constraint, when) and _applies(variant, context)
    ]
    if not any(len(variant.when) == len(context) for variant in variants):
        return None
    overrides: dict[str, Decimal] = {}
    for variant in reversed(variants):  # the first one wins, key by key
        overrides.update(_sized(variant.prices, size))
    return Valid(prices, overrides, _start(variants[0].constraint))


def first_date(found: Found, context: Context) -> date | None:
    """The first day a price of that context holds from; None where there is none, or one without a date."""
    if context:
        matching = [v.constraint for v in found.variants if _applies(v, context) and len(v.when) == len(context)]
    else:
        matching = [price.constraint for price in _conditional(found.entry)]
    starts = [_start(constraint) for constraint in matching]
    known = [start for start in starts if start is not None]
    return min(known) if known and len(known) == len(starts) else None


def size_edges(found: Found) -> set[int]:
    """Where a size tier starts: it applies to whole inputs strictly above."""
    listed = [price.prices for price in _conditional(found.entry)] + [variant.prices for variant in found.variants]
    return {
        tier.start
        for prices in listed
        for price in vars(prices).values()
        if isinstance(price, types.TieredPrices)
        for tier in price.tiers
    }


def clock_edges(found: Found) -> set[int]:
    """Seconds of the day, UTC, where a time-of-day price starts or ends."""
    constraints = [price.constraint for price in _conditional(found.entry)] + [v.constraint for v in found.variants]
    return {
        _utc_second(edge)
        for constraint in constraints
        if isinstance(constraint, types.TimeOfDateConstraint)
        for edge in (constraint.start_time, constraint.end_time)
    }


def token_keys(valid: Valid) -> set[str]:
    """The price keys that price tokens of the usage table."""
    return {*valid.prices, *valid.overrides} & PER_TOKEN_KEYS


def price_keys(found: Found) -> set[str]:
    """Every price key the entry has at any time, tokens or not."""
    return {
        key for price in _conditional(found.entry) for key, value in vars(price.prices).items() if value is not None
    }


def _conditional(entry: types.ModelInfo) -> list[types.ConditionalPrice]:
    if isinstance(entry.prices, types.ModelPrice):
        return [types.ConditionalPrice(prices=entry.prices)]
    return entry.prices


def _active(constraint: Constraint, when: datetime) -> bool:
    return constraint is None or constraint.active(when)


def _applies(variant: types.PriceVariant, context: Context) -> bool:
    return variant.when.items() <= dict(context).items()


def _start(constraint: Constraint) -> date | None:
    return constraint.start_date if isinstance(constraint, types.StartDateConstraint) else None


def _sized(prices: types.ModelPrice, size: int) -> dict[str, Decimal]:
    """The price of each key for an input of `size` tokens."""
    sized: dict[str, Decimal] = {}
    for key, price in vars(prices).items():
        if isinstance(price, types.TieredPrices):
            sized[key] = next((tier.price for tier in reversed(price.tiers) if size > tier.start), price.base)
        elif price is not None:
            sized[key] = price
    return sized


def _utc_second(at: time) -> int:
    moment = datetime.combine(_EPOCH, at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    return moment.hour * 3600 + moment.minute * 60 + moment.second
