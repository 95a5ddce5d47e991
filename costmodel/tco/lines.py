"""Cost lines: named amounts a month with a low, a typical and a high end, a source, and where they apply."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from llmops.errors import BadInput
from llmops.money import total_usd
from llmops.report import Source

Basis = Literal["measured", "stated", "assumed"]
"""Where an amount comes from: the log and dated prices, the user's own word, or a published figure."""


@dataclass(frozen=True)
class Range:
    """A low, a typical and a high end: of USD a month unless its name says otherwise."""

    low: Decimal
    typical: Decimal
    high: Decimal

    def __post_init__(self) -> None:
        if not self.low <= self.typical <= self.high:
            raise BadInput(
                f"a range must rise: low {self.low}, typical {self.typical}, high {self.high}",
                hint="swap the ends, or leave `typical` out to take the middle",
            )

    @classmethod
    def exactly(cls, value: Decimal | int) -> "Range":
        return cls(Decimal(value), Decimal(value), Decimal(value))

    def times(self, other: "Range | Decimal | int") -> "Range":
        """The product, end by end; both ranges must be of numbers that are not negative."""
        by = other if isinstance(other, Range) else Range.exactly(other)
        return Range(self.low * by.low, self.typical * by.typical, self.high * by.high)

    def divided_by(self, divisor: Decimal) -> "Range":
        return Range(self.low / divisor, self.typical / divisor, self.high / divisor)

    def each(self, change: Callable[[Decimal], Decimal]) -> "Range":
        return Range(change(self.low), change(self.typical), change(self.high))


@dataclass(frozen=True)
class CostLine:
    """One line of the cost of an option."""

    name: str
    what: str
    usd_per_month: Range
    basis: Basis
    source: Source
    applies_to: Literal["rented", "owned", "both"] = "both"
    formula: str = ""  # how the typical amount came about, such as "4 GPUs × 3.99 USD/h × 730 h"
    grows_with_volume: bool = False  # in proportion, such as egress; GPUs grow in steps and are told apart by name
    driver: str = ""  # what moves it, where several lines move together: one assumption, and not two


def total(lines: Iterable[CostLine]) -> Range:
    """The sum, end by end: all lines at their low ends, all typical, all at their high ends."""
    amounts = [line.usd_per_month for line in lines]
    return Range(
        total_usd(amount.low for amount in amounts),
        total_usd(amount.typical for amount in amounts),
        total_usd(amount.high for amount in amounts),
    )
