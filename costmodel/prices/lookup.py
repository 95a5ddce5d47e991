"""From a name in the log to what is known about it: an alias, own prices, an entry of the catalogue, or nothing."""

from collections.abc import Iterable
from dataclasses import dataclass

from llmops.costmodel.prices import names
from llmops.costmodel.prices.catalogue import Catalogue, Found
from llmops.costmodel.prices.config import PricesSection
from llmops.costmodel.prices.own import OwnBook, OwnPrices
from llmops.costmodel.prices.rates import NoPrice
from llmops.errors import UnknownName, nearest_hint


@dataclass(frozen=True)
class LookedUp:
    """Everything known about one name."""

    requested: str
    own: OwnPrices | None
    found: Found | None
    missing: NoPrice | None  # why the catalogue has nothing; None where it has something
    alias: str = ""

    @property
    def is_known(self) -> bool:
        return self.own is not None or self.found is not None


class Names:
    """Look-ups by name, each made once."""

    def __init__(self, catalogue: Catalogue, own: OwnBook, section: PricesSection) -> None:
        self._catalogue = catalogue
        self._own = own
        self._aliases = {name.lower(): target for name, target in section.aliases.items()}
        self._looked_up: dict[tuple[str | None, str | None], LookedUp] = {}
        self._refuse_bad_aliases(section)

    def look_up(self, provider: str | None, model: str | None) -> LookedUp:
        """What is known about a provider and a model, as a log spells them."""
        name = (provider, model)
        if name not in self._looked_up:
            self._looked_up[name] = self._read(provider, model)
        return self._looked_up[name]

    def named(self, text: str) -> tuple[str | None, str]:
        """`provider:model` or a bare name, split. UnknownName where the provider is a near miss."""
        prefix, found, rest = text.partition(":")
        if not (found and rest) or "/" in prefix or "." in prefix:
            return None, text
        if self._is_provider(prefix):
            return prefix, rest
        self._refuse_misspelled(prefix)
        return None, text  # `llama3:8b`, `ft:gpt-4o:acme`

    def _read(self, provider: str | None, model: str | None) -> LookedUp:
        if not model:
            return LookedUp(
                "", None, None, NoPrice("", "no_model", "the log names no model: say which with --model NAME")
            )
        requested = f"{provider}:{model}" if provider else model
        alias = self._aliases.get(requested.lower()) or self._aliases.get(model.lower()) or ""
        if alias:
            provider, model = self.named(alias)
        if provider and names.is_gateway(provider):
            provider = None
        readings = names.readings(self._provider_id(provider), model, self._exact_provider_id)
        found = None if provider and names.is_self_hosted(provider) else self._first_found(readings)
        missing = None if found else self._missing(requested, provider, model)
        return LookedUp(requested, self._own.prices(requested, readings), found, missing, alias)

    def _first_found(self, readings: Iterable[tuple[str | None, str]]) -> Found | None:
        found = (self._catalogue.find(provider, model) for provider, model in readings)
        return next((entry for entry in found if entry is not None), None)

    def _missing(self, requested: str, provider: str | None, model: str) -> NoPrice:
        if provider and names.is_self_hosted(provider):
            reason = f"{requested} is served by a {provider} of one's own: state its price in llmops.yaml, prices.own"
            return NoPrice(requested, "self_hosted", reason)
        if names.is_opaque_arn(model):
            reason = f"{requested} does not say which model it is: name it in llmops.yaml, prices.aliases"
            return NoPrice(requested, "opaque_name", reason)
        known = self._catalogue.provider_id(provider) if provider else None
        nearest = self._catalogue.nearest(known, model if known else model.rpartition("/")[2])
        if provider and not known:
            return NoPrice(requested, "unknown_provider", f"no price list of a provider {provider!r}", nearest)
        return NoPrice(requested, "unknown_model", f"no price is known for {requested!r}", nearest)

    def _provider_id(self, provider: str | None) -> str | None:
        return None if provider is None else self._catalogue.provider_id(provider) or provider.lower()

    def _exact_provider_id(self, prefix: str) -> str | None:
        own = prefix.lower() if prefix.lower() in self._own.provider_names else None
        return self._catalogue.exact_provider_id(prefix) or own

    def _is_provider(self, name: str) -> bool:
        return self._exact_provider_id(name) is not None or names.is_gateway(name) or names.is_self_hosted(name)

    def _refuse_misspelled(self, prefix: str) -> None:
        hint = nearest_hint(prefix, {*self._catalogue.provider_names(), *self._own.provider_names})
        if hint.startswith("did you mean"):
            raise UnknownName(f"no provider is named {prefix!r}", hint=hint)

    def _refuse_bad_aliases(self, section: PricesSection) -> None:
        for name, target in section.aliases.items():
            looked = self.look_up(*self.named(target))
            if not looked.is_known and looked.missing is not None:
                reason = f"prices.aliases: {name!r} stands for {target!r}, and {looked.missing.reason}"
                raise UnknownName(reason, hint=did_you_mean(looked.missing))


def did_you_mean(missing: NoPrice) -> str:
    """The hint for a name without a price; empty where nothing is near."""
    return f"did you mean {missing.nearest[0]!r}?" if missing.nearest else ""
