"""What the parts of a fallback cost: dated rows with a source each."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "data" / "prices.csv"
HOURS_PER_MONTH = 730  # 8,760 hours of a year in 12 months


@dataclass(frozen=True)
class Price:
    """One price, as somebody read it on a day; without a day nobody of us did."""

    item: str
    unit: str
    usd: Decimal
    commitment: str
    zone: str
    source: str
    checked_on: date | None

    @property
    def per_month(self) -> Decimal:
        return self.usd * (HOURS_PER_MONTH if self.unit == "hour" else 1)


@cache
def prices() -> tuple[Price, ...]:
    lines = [line for line in FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return tuple(
        Price(
            item=row["item"],
            unit=row["unit"],
            usd=Decimal(row["usd"]),
            commitment=row["commitment"],
            zone=row["zone"],
            source=row["source"],
            checked_on=date.fromisoformat(row["checked_on"]) if row["checked_on"] else None,
        )
        for row in csv.DictReader(lines)
    )


def price(item: str, on: date, rows: Iterable[Price] | None = None) -> Price | None:
    """The newest price of an item on a day: on-demand for an instance type. None where none is known."""
    held = [
        row
        for row in (prices() if rows is None else rows)
        if row.item == item and row.commitment != "spot" and (row.checked_on is None or row.checked_on <= on)
    ]
    return max(held, key=lambda row: row.checked_on or date.min, default=None)


def spot_range(instance_type: str, on: date) -> tuple[Price, Price] | None:
    """The cheapest and the dearest zone, on the newest day that spot prices were read. None where none are known."""
    held = [
        row
        for row in prices()
        if row.item == instance_type and row.commitment == "spot" and row.checked_on and row.checked_on <= on
    ]
    if not held:
        return None
    newest = max(row.checked_on for row in held if row.checked_on)
    of_day = sorted((row for row in held if row.checked_on == newest), key=lambda row: row.usd)
    return of_day[0], of_day[-1]
