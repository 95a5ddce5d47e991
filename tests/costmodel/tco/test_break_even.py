from decimal import Decimal
from itertools import product

import pytest

from llmops.costmodel.tco.break_even import SelfHostCurve, break_even_volume


def curve(fixed: str, replica: str, replicas: str, spare: int = 0, per_volume: str = "0") -> SelfHostCurve:
    return SelfHostCurve(Decimal(fixed), Decimal(per_volume), Decimal(replica), Decimal(replicas), spare)


def test_the_cost_grows_in_steps_of_a_replica() -> None:
    costs = curve("1000", "500", "0.5", spare=1)
    assert costs.usd_at(Decimal(2)) == 1000 + (1 + 1) * 500  # ceil(0.5 × 2) = 1
    assert costs.usd_at(Decimal("2.01")) == 1000 + (2 + 1) * 500  # ceil(1.005) = 2


def test_break_even_within_the_first_step() -> None:
    # API 1,000 × v = 1,000 + 500 at v = 1.5; one replica carries up to v = 2
    assert break_even_volume(Decimal(1000), curve("1000", "500", "0.5")) == Decimal("1.5")


def test_break_even_in_a_later_step() -> None:
    # n replicas carry v = n, so the API must reach 3,000 + 500 n within v <= n: 1,000 n >= 3,000 + 500 n → n = 6
    assert break_even_volume(Decimal(1000), curve("3000", "500", "1")) == 6


def test_a_spare_replica_moves_the_break_even() -> None:
    # 1,000 v = 1,000 + (n + 1) × 500 and n = ceil(v): n = 3 → v = 3
    assert break_even_volume(Decimal(1000), curve("1000", "500", "1", spare=1)) == 3


def test_never_when_a_replica_costs_what_the_api_asks_for_its_tokens() -> None:
    assert break_even_volume(Decimal(500), curve("1", "500", "1")) is None
    assert break_even_volume(Decimal("500.01"), curve("1", "500", "1")) is not None


def test_never_when_what_grows_with_the_volume_eats_the_saving() -> None:
    assert break_even_volume(Decimal(100), curve("1", "0", "1", per_volume="100")) is None


def test_no_demand_on_gpus_leaves_the_fixed_costs() -> None:
    assert break_even_volume(Decimal(100), curve("250", "500", "0")) == Decimal("2.5")


@pytest.mark.parametrize(
    ("fixed", "replica", "replicas", "spare"),
    list(product(["0", "4000"], ["700", "2900"], ["0.13", "1.7", "4"], [0, 1])),
)
def test_the_api_is_cheaper_just_below_and_no_cheaper_at_the_break_even(
    fixed: str, replica: str, replicas: str, spare: int
) -> None:
    api, costs = Decimal(20_000), curve(fixed, replica, replicas, spare, per_volume="55")
    volume = break_even_volume(api, costs)
    assert volume is not None
    above, below = volume * Decimal("1.000001"), volume * Decimal("0.9999")
    assert api * above >= costs.usd_at(above)
    assert api * below < costs.usd_at(below)
