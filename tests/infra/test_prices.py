"""Prices: dated, sourced, the newest of a day, unknown where there is none."""

from datetime import date
from decimal import Decimal

import pytest

from llmops.infra.prices import Price, price, prices, spot_range

ON = date(2026, 11, 26)


def row(usd: str, day: date | None, item: str = "x", unit: str = "hour") -> Price:
    return Price(item, unit, Decimal(usd), "on_demand", "", "somewhere", day)


def test_every_row_has_a_source_and_is_above_zero() -> None:
    assert [it for it in prices() if not it.source or it.usd <= 0] == []
    assert {it.unit for it in prices()} == {"hour", "month", "gb_month", "iops_month", "mib_s_month"}
    assert all((it.commitment == "spot") == bool(it.zone) for it in prices())


def test_the_newest_of_a_day_counts() -> None:
    rows = [row("1", date(2026, 1, 1)), row("2", date(2026, 6, 1)), row("9", date(2026, 12, 1))]
    assert [price("x", day, rows) for day in (date(2026, 5, 31), date(2026, 6, 1), date(2025, 1, 1))] == [
        rows[0],
        rows[1],
        None,
    ]


def test_a_row_without_a_day_holds_until_there_is_one() -> None:
    rows = [row("1", None), row("2", date(2026, 6, 1))]
    assert price("x", date(2026, 1, 1), rows) == rows[0]
    assert price("x", ON, rows) == rows[1]


def test_an_unknown_price_is_none() -> None:
    assert price("p5e.48xlarge", ON) is None
    assert spot_range("p5e.48xlarge", ON) is None
    assert spot_range("p5.4xlarge", ON) is None  # on demand it has one


def test_spot_has_a_cheapest_and_a_dearest_zone() -> None:
    found = spot_range("g6e.12xlarge", ON)
    assert found is not None
    assert [(str(it.usd), it.zone) for it in found] == [("3.7887", "use1-az1"), ("6.015", "use1-az6")]
    assert spot_range("g6e.12xlarge", date(2026, 11, 25)) is None


def test_no_zone_has_two_prices_of_a_day() -> None:
    keys = [(it.item, it.commitment, it.zone, it.checked_on) for it in prices()]
    assert len(keys) == len(set(keys))


def test_spot_never_costs_more_than_on_demand() -> None:
    spot = [it for it in prices() if it.commitment == "spot"]
    on_demand = {it.item: it.usd for it in prices() if it.commitment == "on_demand"}
    assert [it for it in spot if it.usd > on_demand[it.item]] == []
    assert {it.item for it in spot} >= {"p4d.24xlarge", "p5.48xlarge", "g6e.12xlarge"}


def test_on_demand_is_never_the_spot_price() -> None:
    found = price("g6e.12xlarge", ON)
    assert found is not None
    assert found.usd == Decimal("10.49264")


@pytest.mark.parametrize(("unit", "month"), [("hour", Decimal(730)), ("month", Decimal(1)), ("gb_month", Decimal(1))])
def test_an_hourly_price_runs_all_month(unit: str, month: Decimal) -> None:
    assert row("1", None, unit=unit).per_month == month
