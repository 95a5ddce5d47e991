"""Own prices and negotiated discounts: the part of llmops.yaml that goes before the catalogue or on top of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase

from llmops.costmodel.prices.classes import REQUESTS_KEY, rates_by_class
from llmops.costmodel.prices.config import Discount, OwnPrice, PricesSection
from llmops.costmodel.prices.rates import DiscountApplied, Match, NoDatedRate, NoPrice, Rates
from llmops.costmodel.prices.request_context import RequestContext
from llmops.errors import BadInput

Readings = list[tuple[str | None, str]]
_Key = tuple[str | None, str, str, date | None]


@dataclass(frozen=True)
class OwnPrices:
    """The own prices of one model, whatever their days and tiers."""

    requested: str
    entries: tuple[OwnPrice, ...]

    def answer(self, day: date, context: RequestContext) -> Rates | NoDatedRate | NoPrice:
        """The price that holds on that day, or why there is none."""
        fitting = self._active(day, context.label)
        if fitting is not None:
            return self._rates(fitting)
        standard = self._active(day, "standard")
        if standard is None:
            return self._nothing(day)
        reason = f"{context.label}, no dated rate: llmops.yaml states the standard price of {standard.model} only"
        return NoDatedRate(context.label, reason, self._rates(standard), self._first(context.label, day))

    def _active(self, day: date, label: str) -> OwnPrice | None:
        active = [entry for entry in self.entries if _label(entry) == label and entry.holds_on(day)]
        return max(active, key=lambda entry: entry.from_ or date.min, default=None)

    def _first(self, label: str, day: date) -> date | None:
        starts = [entry.from_ for entry in self.entries if _label(entry) == label and entry.from_]
        return min((start for start in starts if start > day), default=None)

    def _nothing(self, day: date) -> NoPrice:
        first = self._first("standard", day)
        known = f"the first known starts on {first}" if first else "the last one has ended"
        return NoPrice(
            self.requested, "before_first", f"no price for {self.requested} on {day}: {known}", first_date=first
        )

    def _rates(self, entry: OwnPrice) -> Rates:
        provider = entry.provider or "own"
        return Rates(
            match=Match(self.requested, provider, entry.model, provider, "exact"),
            label=_label(entry),
            by_class=rates_by_class(entry.rates, {}),
            usd_per_1k_requests=entry.rates.get(REQUESTS_KEY),
            valid_from=entry.from_,
            input_above=0,
            clock_matters=False,
            source=f"llmops.yaml, {entry.source}" if entry.source else "llmops.yaml",
        )


class OwnBook:
    """All of the section `prices:`; providers are given by their catalogue id, or else by their own name."""

    def __init__(self, section: PricesSection, provider_id: Callable[[str], str | None]) -> None:
        self._provider_id = provider_id
        self._own = [(self._provider(price.provider), price) for price in section.own]
        self._discounts = [(self._provider(discount.provider), discount) for discount in section.discounts]
        self.provider_names = {name for name, _ in self._own if name is not None}
        _refuse_twins(self._own)

    def prices(self, requested: str, readings: Readings) -> OwnPrices | None:
        """The own prices for a name, by the first of its readings that has any."""
        for provider, model in readings:
            entries = tuple(
                price
                for name, price in self._own
                if price.model.lower() == model.lower() and (provider is None or name in (None, provider))
            )
            if entries:
                return OwnPrices(requested, entries)
        return None

    def discount(self, provider: str, models: set[str], day: date) -> DiscountApplied | None:
        """The discount on the list price of a model. BadInput where two of them hold."""
        held = [
            discount
            for name, discount in self._discounts
            if name == provider
            and discount.holds_on(day)
            and any(fnmatchcase(model.lower(), discount.model.lower()) for model in models)
        ]
        if len(held) > 1:
            patterns = " and ".join(repr(discount.model) for discount in held)
            raise BadInput(
                f"prices.discounts: {patterns} of {provider} both hold for {max(models)!r} on {day}",
                hint="make the patterns or the dates exclude each other, or state one discount for both",
            )
        return DiscountApplied(held[0].percent, _source(held[0])) if held else None

    def _provider(self, name: str | None) -> str | None:
        return None if name is None else self._provider_id(name) or name.lower()


def _label(entry: OwnPrice) -> str:
    parts = (entry.processing, entry.service_tier, entry.speed)
    return " and ".join(part for part in parts if part != "standard") or "standard"


def _source(discount: Discount) -> str:
    return f"llmops.yaml, {discount.source}" if discount.source else "llmops.yaml"


def _refuse_twins(own: list[tuple[str | None, OwnPrice]]) -> None:
    seen: set[_Key] = set()
    for provider, price in own:
        key = (provider, price.model.lower(), _label(price), price.from_)
        if key in seen:
            since = f"from {price.from_}" if price.from_ else "without `from`"
            raise BadInput(
                f"prices.own: two {_label(price)} prices of {price.model!r} {since}",
                hint="give the newer one a later `from`",
            )
        seen.add(key)
