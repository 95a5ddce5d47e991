"""What the instances that run have cost since they were launched."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from llmops.infra.awake import Instance
from llmops.infra.prices import price
from llmops.money import total_usd

SECONDS_PER_HOUR = 3600
RUNNING = ("Pending", "InService", "Terminating", "Standby", "Detaching", "EnteringStandby", "Warmed:Running")


def spent_usd(instances: Iterable[Instance], now: datetime) -> tuple[Decimal, list[str]]:
    """USD at on-demand prices, and the instances that it could not price: spot, or a type without a price."""
    amounts, unpriced = [], []
    for instance in instances:
        if not instance.state.startswith(RUNNING):
            continue
        found = None if instance.is_spot else price(instance.type, now.date())
        if found is None or instance.launched_at is None:
            unpriced.append(f"{instance.id} ({instance.type}{', spot' if instance.is_spot else ''})")
        else:
            amounts.append(found.usd * Decimal(int((now - instance.launched_at).total_seconds())) / SECONDS_PER_HOUR)
    return total_usd(amounts), unpriced


def hourly_usd(instance_type: str, on: date) -> Decimal | None:
    found = price(instance_type, on)
    return None if found is None else found.usd
