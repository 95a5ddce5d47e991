"""Dollars since the launch."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from llmops.infra.awake import Instance
from llmops.infra.spent import an_hour, spent_usd

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def instance(
    kind: str = "g6e.12xlarge", state: str = "InService", *, hours: float | None = 2, spot: bool = False
) -> Instance:
    launched = None if hours is None else NOW - timedelta(hours=hours)
    return Instance("i-1", kind, "us-east-1a", state, launched, spot, "ami-1")


def test_hours_times_the_price() -> None:
    assert spent_usd([instance(), instance(hours=0.5)], NOW) == (Decimal("26.2316"), [])  # 2.5 × 10.49264


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (instance("p5e.48xlarge"), "i-1 (p5e.48xlarge)"),
        (instance(spot=True), "i-1 (g6e.12xlarge, spot)"),
        (instance(hours=None), "i-1 (g6e.12xlarge)"),
    ],
)
def test_what_cannot_be_priced_is_said_and_not_zero(one: Instance, words: str) -> None:
    assert spent_usd([one, instance(hours=1)], NOW) == (Decimal("10.49264"), [words])


def test_a_stopped_instance_costs_no_hours() -> None:
    assert spent_usd([instance(state="Warmed:Stopped")], NOW) == (Decimal(0), [])
    assert spent_usd([instance(state="Pending:Wait")], NOW)[0] > 0


def test_an_hour_is_told_with_what_it_is_of() -> None:
    day = NOW.date()
    assert an_hour([instance(), instance()], day) == "20.99 USD an hour on demand (2 × g6e.12xlarge)"  # 2 × 10.49264
    assert an_hour([instance(), instance(state="Warmed:Stopped")], day) == (
        "10.49 USD an hour on demand (1 × g6e.12xlarge)"
    )
    assert an_hour([instance("p5e.48xlarge"), instance()], day) == (
        "an unknown amount an hour on demand (1 × g6e.12xlarge, 1 × p5e.48xlarge)"
    )
