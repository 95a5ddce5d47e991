"""Days, hours, tiers and sizes of an entry, on an entry made for it."""

from datetime import UTC, date, time, timedelta, timezone
from decimal import Decimal

import pytest
from genai_prices import types

from llmops.costmodel.prices.catalogue import Found
from llmops.costmodel.prices.validity import clock_edges, first_date, size_edges, valid_at

NIGHT = types.TimeOfDateConstraint(time(16, 30, tzinfo=UTC), time(0, 30, tzinfo=UTC))


def price(usd: int) -> types.ModelPrice:
    return types.ModelPrice(input_mtok=Decimal(usd))


def found(entry: types.ModelInfo, listed_by: str = "acme") -> Found:
    return Found("acme", listed_by, entry, "exact")


def entry(prices: types.ModelPrice | list[types.ConditionalPrice], **given: object) -> types.ModelInfo:
    return types.ModelInfo("m", types.ClauseEquals("m"), prices=prices, **given)  # type: ignore[arg-type]


def usd(one: Found, day: date, second: int = 0, size: int = 1) -> Decimal:
    valid = valid_at(one, day, second, (), size)
    assert valid is not None
    return valid.prices["input_mtok"]


def test_hours_that_cross_midnight_hold_on_both_sides() -> None:
    one = found(entry([types.ConditionalPrice(prices=price(2)), types.ConditionalPrice(NIGHT, prices=price(1))]))
    assert clock_edges(one) == {1_800, 59_400}
    day = date(2026, 1, 1)
    assert [usd(one, day, second) for second in (0, 1_799, 1_800, 59_399, 59_400)] == [1, 1, 2, 2, 1]


def test_clock_edges_are_in_utc() -> None:
    shanghai = timezone(timedelta(hours=8))
    hours = types.TimeOfDateConstraint(time(1, 0, tzinfo=shanghai), time(9, 0, tzinfo=shanghai))
    one = found(entry([types.ConditionalPrice(prices=price(2)), types.ConditionalPrice(hours, prices=price(1))]))
    assert clock_edges(one) == {17 * 3600, 3600}


@pytest.mark.parametrize(("size", "expected"), [(1000, 1), (1001, 2), (5000, 2), (5001, 3)])
def test_a_size_tier_starts_strictly_above(size: int, expected: int) -> None:
    tiers = [types.Tier(1000, Decimal(2)), types.Tier(5000, Decimal(3))]
    one = found(entry(types.ModelPrice(input_mtok=types.TieredPrices(Decimal(1), tiers))))
    assert size_edges(one) == {1000, 5000}
    assert usd(one, date(2026, 1, 1), size=size) == expected


def test_the_last_price_that_has_started_holds() -> None:
    start = types.StartDateConstraint(date(2026, 2, 1))
    one = found(entry([types.ConditionalPrice(prices=price(2)), types.ConditionalPrice(start, prices=price(1))]))
    assert usd(one, date(2026, 1, 31)) == 2
    assert usd(one, date(2026, 2, 1)) == 1
    assert first_date(one, ()) is None  # one of its prices has always held


def test_a_tier_is_named_with_its_first_day_and_belongs_to_the_providers_own_list() -> None:
    when = (("processing", "batch"),)
    batch = types.PriceVariant({"processing": "batch"}, price(1), types.StartDateConstraint(date(2026, 2, 1)))
    own = found(entry(price(2), price_variants=[batch]))
    assert valid_at(own, date(2026, 1, 31), 0, when, 1) is None
    assert first_date(own, when) == date(2026, 2, 1)
    valid = valid_at(own, date(2026, 2, 1), 0, when, 1)
    assert valid is not None
    assert (valid.overrides, valid.valid_from) == ({"input_mtok": Decimal(1)}, date(2026, 2, 1))
    borrowed = found(own.entry, listed_by="maker")
    assert valid_at(borrowed, date(2026, 2, 1), 0, when, 1) is None
