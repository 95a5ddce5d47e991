"""What the instances that run have cost since they were launched."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from llmops.infra.awake import Instance
from llmops.infra.prices import price
from llmops.money import shown_usd, total_usd

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


def an_hour(instances: Iterable[Instance], on: date) -> str:
    """What those that run cost an hour on demand, in words; unknown where one of their prices is."""
    running = Counter(it.type for it in instances if it.state.startswith(RUNNING))
    told = ", ".join(f"{count} × {name}" for name, count in sorted(running.items())) or "no instance"
    prices = {name: price(name, on) for name in running}
    known = [found.usd * running[name] for name, found in prices.items() if found is not None]
    amount = f"{shown_usd(total_usd(known))} USD" if len(known) == len(prices) else "an unknown amount"
    return f"{amount} an hour on demand ({told})"
