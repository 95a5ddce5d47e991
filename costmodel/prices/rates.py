"""What the price book answers: rates, no rate for that tier and day, or no price; each with its reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

How = Literal["exact", "snapshot", "loose"]


@dataclass(frozen=True)
class Match:
    """Which entry of which price list answered for a name in the log, so that a report can print it."""

    requested: str  # as the log spells it, `provider:model` where it names both
    provider: str
    model: str
    listed_by: str  # the provider whose list holds the entry: azure:gpt-4o is priced from OpenAI's
    how: How  # "snapshot": differs by a date, version or region only; "loose": matched by a rule of the catalogue
    alias: str = ""  # what llmops.yaml says the name stands for

    @property
    def name(self) -> str:
        """`provider:model` of the entry."""
        return f"{self.listed_by}:{self.model}"


@dataclass(frozen=True)
class Rate:
    """The price of one class of tokens."""

    usd_per_mtok: Decimal
    inherited_from: str = ""  # whose rate it is, where the class has none of its own


@dataclass(frozen=True)
class DiscountApplied:
    """A negotiated discount on the list price."""

    percent: Decimal
    source: str


@dataclass(frozen=True)
class Rates:
    """The rates of one entry, day, tier and size."""

    match: Match
    label: str  # "standard", "batch", "flex" ...
    by_class: Mapping[str, Rate]  # classes of the usage table; one that is absent has no rate
    usd_per_1k_requests: Decimal | None  # on top of the tokens, where the provider charges per request
    valid_from: date | None  # None: the entry applies without saying since when
    input_above: int  # the size tier: inputs above this many tokens; 0 for the lowest
    clock_matters: bool  # the price depends on the time of day
    source: str
    discount: DiscountApplied | None = None
    not_covered: tuple[str, ...] = ()  # what else the entry charges for, and a usage table cannot show

    @property
    def dated(self) -> str:
        """Since when the price holds, `2025-06-10` or `undated`."""
        return self.valid_from.isoformat() if self.valid_from else "undated"


@dataclass(frozen=True)
class NoDatedRate:
    """The model has a price, but none for that tier on that day; the standard one stands beside it."""

    label: str  # "batch", "flex", "batch and fast", or the unknown name of a tier
    reason: str
    standard: Rates
    first_date: date | None = None  # when the tier's first known rate starts, where it is later

    @property
    def match(self) -> Match:
        return self.standard.match


Why = Literal[
    "no_model",
    "unknown_provider",
    "unknown_model",
    "self_hosted",
    "reserved",
    "opaque_name",
    "before_first",
    "no_rates",
]


@dataclass(frozen=True)
class NoPrice:
    """Tokens of this name cannot be priced, and why."""

    requested: str
    why: Why
    reason: str  # a sentence
    nearest: tuple[str, ...] = ()  # known names, `provider:model`
    first_date: date | None = None  # when the model's first known price starts, where it is later
    match: Match | None = None


Answer = Rates | NoDatedRate | NoPrice
