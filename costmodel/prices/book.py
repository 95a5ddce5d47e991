"""The price book: own prices, then the catalogue; it answers with rates or with the reason why there are none."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from llmops.costmodel.prices import names, validity
from llmops.costmodel.prices.catalogue import Catalogue, Found
from llmops.costmodel.prices.classes import PER_TOKEN_KEYS, REQUESTS_KEY, rates_by_class
from llmops.costmodel.prices.config import PricesSection
from llmops.costmodel.prices.lookup import LookedUp, Names, did_you_mean
from llmops.costmodel.prices.own import OwnBook
from llmops.costmodel.prices.rates import Answer, Match, NoDatedRate, NoPrice, Rates
from llmops.costmodel.prices.request_context import RequestContext, request_context
from llmops.costmodel.prices.validity import Valid
from llmops.costmodel.usage.schema import PriceEdges, RateKey
from llmops.errors import BadInput, UnknownName, nearest_hint

if TYPE_CHECKING:
    from typing import Self

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class _Asked:
    """An entry of the catalogue, and for when and which size its price is asked."""

    match: Match
    found: Found
    day: date
    second_of_day: int
    input_above: int
    requested_model: str

    def valid(self, context: validity.Context) -> Valid | None:
        # the tier of any input of this piece, which are all above its lower edge
        return validity.valid_at(self.found, self.day, self.second_of_day, context, size=self.input_above + 1)


class PriceBook:
    """Token prices. Pure after construction: the same key has the same answer, and nothing is read again."""

    def __init__(self, catalogue: Catalogue, section: PricesSection) -> None:
        self._own = OwnBook(section, catalogue.provider_id)
        self._names = Names(catalogue, self._own, section)
        self._answers: dict[tuple[RateKey, date], Answer] = {}
        self.version = catalogue.version
        _refuse_unknown_discounts(section, catalogue)

    @classmethod
    def load(cls, own: PricesSection | None = None) -> "Self":
        """The bundled catalogue and the user's own prices. BadInput where the latter make no sense."""
        return cls(Catalogue(), own or PricesSection())

    def edges(self, models: Iterable[tuple[str | None, str | None]]) -> PriceEdges:
        """Where the rates of these (provider, model) pairs can change within a day."""
        found = [looked.found for pair in models if (looked := self._names.look_up(*pair)).found]
        sizes = (validity.size_edges(entry) for entry in found if entry)
        clocks = (validity.clock_edges(entry) for entry in found if entry)
        return PriceEdges(tuple(sorted(set[int]().union(*sizes))), tuple(sorted(set[int]().union(*clocks))))

    def rates(self, key: RateKey, on: date | None = None) -> Answer:
        """The rates of a row on its own day, or on the day `on`. BadInput where there is neither."""
        day = on or _day_of(key)
        if (key, day) not in self._answers:
            self._answers[key, day] = self._answer(key, day)
        return self._answers[key, day]

    def model_named(self, text: str) -> tuple[str | None, str]:
        """`openai:gpt-5`, `openai/gpt-5` or `gpt-5` as a provider and a model. UnknownName where nothing has it."""
        provider, model = self._names.named(text)
        looked = self._names.look_up(provider, model)
        if not looked.is_known and looked.missing is not None:
            hint = did_you_mean(looked.missing) or "write it as provider:model, or state its price in llmops.yaml"
            raise UnknownName(looked.missing.reason, hint=hint)
        return provider, model

    def _answer(self, key: RateKey, day: date) -> Answer:
        looked = self._names.look_up(key.provider, key.model)
        context = request_context(key.processing, key.service_tier, key.speed)
        if context.reserved or names.is_reserved_arn(key.model or ""):
            return NoPrice(looked.requested, "reserved", f"{looked.requested} is reserved capacity, billed by the hour")
        own = None if looked.own is None else looked.own.answer(day, context)
        if own is not None and not (isinstance(own, NoPrice) and looked.found and looked.found.how != "loose"):
            return _with_alias(own, looked.alias)
        if looked.found is None:
            return looked.missing or NoPrice(looked.requested, "unknown_model", "no price is known")
        return self._from_catalogue(_asked(looked, looked.found, key, day), context)

    def _from_catalogue(self, asked: _Asked, context: RequestContext) -> Answer:
        valid = asked.valid(())
        if valid is None:
            return _too_early(asked)
        if not validity.token_keys(valid):
            return _no_rates(asked)
        standard = self._rates(asked, valid, "standard")
        if context.is_standard:
            return standard
        special = None if context.unknown else asked.valid(context.when)
        if special is None:
            return _no_dated_rate(asked, context, standard)
        return self._rates(asked, special, context.label)

    def _rates(self, asked: _Asked, valid: Valid, label: str) -> Rates:
        merged = {**valid.prices, **valid.overrides}
        starts = [edge for edge in validity.size_edges(asked.found) if edge <= asked.input_above]
        models = {asked.requested_model, asked.found.entry.id}
        return Rates(
            match=asked.match,
            label=label,
            by_class=rates_by_class(valid.prices, valid.overrides),
            usd_per_1k_requests=merged.get(REQUESTS_KEY),
            valid_from=valid.valid_from,
            input_above=max(starts, default=0),
            clock_matters=bool(validity.clock_edges(asked.found)),
            source=self.version,
            discount=self._own.discount(asked.found.provider_id, models, asked.day),
            not_covered=tuple(sorted(set(merged) - PER_TOKEN_KEYS - {REQUESTS_KEY})),
        )


def _asked(looked: LookedUp, found: Found, key: RateKey, day: date) -> _Asked:
    match = Match(looked.requested, found.provider_id, found.entry.id, found.listed_by, found.how, looked.alias)
    return _Asked(match, found, day, key.second_from, key.input_above, key.model or "")


def _day_of(key: RateKey) -> date:
    if key.day is None:
        raise BadInput(
            "the log has rows without a time, and prices depend on the day",
            hint="say which day's prices to use: --price-date DATE, or --price-date today",
        )
    try:
        return _EPOCH + timedelta(days=key.day)
    except OverflowError as error:
        reason = f"the log has a row {key.day:,} days after 1970-01-01"
        raise BadInput(reason, hint="check the unit of its time") from error


def _too_early(asked: _Asked) -> NoPrice:
    first = validity.first_date(asked.found, ())
    known = f"the first known one starts on {first}" if first else "no start is known"
    reason = f"no price for {asked.match.name} on {asked.day}: {known}"
    return NoPrice(asked.match.requested, "before_first", reason, first_date=first, match=asked.match)


def _no_rates(asked: _Asked) -> NoPrice:
    others = ", ".join(sorted(validity.price_keys(asked.found))) or "none at all"
    reason = f"the catalogue has no price per token for {asked.match.name} (its prices: {others})"
    return NoPrice(asked.match.requested, "no_rates", reason, match=asked.match)


def _no_dated_rate(asked: _Asked, context: RequestContext, standard: Rates) -> NoDatedRate:
    label = context.label
    if context.unknown:
        reason = f"{label} is no tier that is known here, so no rate of {asked.match.name} was guessed for it"
        return NoDatedRate(label, reason, standard)
    first = validity.first_date(asked.found, context.when)
    later = first if first and first > asked.day else None
    known = f", and the first starts on {later}" if later else ""
    reason = f"{label}, no dated rate: the catalogue has none for {asked.match.name} on {asked.day}{known}"
    return NoDatedRate(label, reason, standard, later)


def _with_alias(answer: Answer, alias: str) -> Answer:
    if alias and isinstance(answer, Rates):
        return replace(answer, match=replace(answer.match, alias=alias))
    if alias and isinstance(answer, NoDatedRate):
        return replace(answer, standard=replace(answer.standard, match=replace(answer.match, alias=alias)))
    return answer


def _refuse_unknown_discounts(section: PricesSection, catalogue: Catalogue) -> None:
    for discount in section.discounts:
        if catalogue.provider_id(discount.provider) is None:
            reason = f"prices.discounts: the catalogue has no provider {discount.provider!r}"
            raise UnknownName(reason, hint=nearest_hint(discount.provider, catalogue.provider_names()))
