from decimal import Decimal

import pytest

from llmops.costmodel.tco.compare import cost_ratio, overrun_factor, saving_ratio

# Tian Pan, "The Build-vs-Buy LLM Infrastructure Decision Most Teams Get Wrong" (2026-04-15): API 60,000 USD a month,
# self-hosted 85,000, ended at 8,000 by routing.
API, SELF_HOSTED, ROUTED = Decimal(60_000), Decimal(85_000), Decimal(8_000)


def test_self_hosting_cost_1_42_times_the_api() -> None:
    assert round(cost_ratio(SELF_HOSTED, API), 2) == Decimal("1.42")  # 85/60 = 1.41666…


def test_routing_saves_86_7_percent_of_the_api_bill() -> None:
    assert round(saving_ratio(ROUTED, API), 3) == Decimal("0.867")  # 52/60


def test_routing_saves_90_6_percent_of_the_self_hosted_bill() -> None:
    assert round(saving_ratio(ROUTED, SELF_HOSTED), 3) == Decimal("0.906")  # 77/85


def test_a_dearer_option_saves_a_negative_share() -> None:
    assert saving_ratio(Decimal(150), Decimal(100)) == Decimal("-0.5")


def test_equal_costs_are_a_ratio_of_one_and_save_nothing() -> None:
    assert cost_ratio(API, API) == 1
    assert saving_ratio(API, API) == 0


def test_a_free_reference_has_no_ratio() -> None:
    with pytest.raises(ArithmeticError):
        cost_ratio(API, Decimal(0))


def test_a_budget_exceeded_by_340_percent_was_spent_4_4_times() -> None:
    assert overrun_factor(Decimal(340)) == Decimal("4.4")
