"""The public price list: genai-prices, read as data, with its rules of matching."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version

from genai_prices import types
from genai_prices.data import providers as bundled_providers
from genai_prices.data_snapshot import DataSnapshot, find_provider_by_id

from llmops.costmodel.prices import names
from llmops.costmodel.prices.rates import How

_NEAREST = 3


@dataclass(frozen=True)
class Found:
    """An entry of the catalogue, as a provider sells it."""

    provider_id: str
    listed_by: str  # another provider, where this one sells another's models at its prices
    entry: types.ModelInfo
    how: How

    @property
    def variants(self) -> list[types.PriceVariant]:
        """Prices of other tiers; an entry of another provider's list has none, as in genai-prices."""
        return list(self.entry.price_variants or []) if self.listed_by == self.provider_id else []


class Catalogue:
    """Look-ups in the data of genai-prices, as bundled with the installed version: no network, no updates."""

    def __init__(self, providers: list[types.Provider] | None = None) -> None:
        self._providers = bundled_providers if providers is None else providers
        self._snapshot = DataSnapshot(providers=self._providers, from_auto_update=False)
        self.version = f"genai-prices {version('genai-prices')}"

    def provider_id(self, name: str) -> str | None:
        """The catalogue's id of a provider, by the rules of genai-prices; None where it has none."""
        if names.is_self_hosted(name):
            return None  # `custom_openai` is not OpenAI
        found = find_provider_by_id(self._providers, names.provider_key(name))
        return found.id if found else None

    def exact_provider_id(self, name: str) -> str | None:
        """The same for a prefix of a model's name, where only an exact spelling may count."""
        key = names.provider_key(name)
        if any(provider.id == key for provider in self._providers):
            return key
        return self.provider_id(name) if key in _LITELLM_PREFIXES else None

    def find(self, provider_id: str | None, model: str) -> Found | None:
        """The entry that genai-prices finds, else the one with that very id."""
        try:
            provider, entry = self._snapshot.find_provider_model(model, None, provider_id, None)
        except LookupError:
            return self._by_id(provider_id, model)
        return Found(provider.id, self._owner(provider, entry), entry, _how(model, entry))

    def nearest(self, provider_id: str | None, model: str) -> tuple[str, ...]:
        """Known names that look like this one, `provider:model`: the provider's own, else anybody's."""
        near = _close(model, {entry.id: provider.id for provider, entry in self._all(provider_id)})
        if near or provider_id is None:
            return near
        return _close(model, {entry.id: provider.id for provider, entry in self._all(None)})

    def provider_names(self) -> list[str]:
        return [provider.id for provider in self._providers]

    def _by_id(self, provider_id: str | None, model: str) -> Found | None:
        if provider_id is None:
            return None
        for provider, entry in self._all(provider_id):
            if entry.id.lower() == model.lower():
                return Found(provider.id, provider.id, entry, "exact")
        return None

    def _all(self, provider_id: str | None) -> Iterator[tuple[types.Provider, types.ModelInfo]]:
        # makers of models last, so that they win over resellers where names are the same
        for provider in sorted(self._providers, key=lambda one: one.model_match is not None):
            if provider_id in (None, provider.id):
                yield from ((provider, entry) for entry in provider.models)

    def _owner(self, provider: types.Provider, entry: types.ModelInfo) -> str:
        if any(entry is own for own in provider.models):
            return provider.id
        return next(other.id for other in self._providers if any(entry is own for own in other.models))


# LiteLLM's names for providers, in front of a model's name, where the catalogue knows them by a rule only.
_LITELLM_PREFIXES = {
    "bedrock", "bedrock_converse", "cohere_chat", "gemini", "google", "moonshot", "together_ai", "xai", "voyage",
}  # fmt: skip


def _how(model: str, entry: types.ModelInfo) -> How:
    name = model.lower()
    if name == entry.id.lower() or name in _spelled_out(entry.match):
        return "exact"
    return "snapshot" if names.plain_name(name) == names.plain_name(entry.id) else "loose"


def _spelled_out(clause: object) -> set[str]:
    """The names that a rule of matching lists in full."""
    if isinstance(clause, types.ClauseEquals):
        return {clause.equals.lower()}
    if isinstance(clause, types.ClauseOr):
        return set().union(*(_spelled_out(part) for part in clause.or_))
    return set()


def _close(model: str, providers_by_id: dict[str, str]) -> tuple[str, ...]:
    near = difflib.get_close_matches(model.lower(), providers_by_id, n=_NEAREST)
    return tuple(f"{providers_by_id[name]}:{name}" for name in near)
