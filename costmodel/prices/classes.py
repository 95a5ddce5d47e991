"""Which price a class of tokens has: its own, else its parent's, in the keys of genai-prices."""

from collections.abc import Mapping
from decimal import Decimal

from llmops.costmodel.prices.rates import Rate

_CHAINS = {
    "input_uncached_tokens": ("input_mtok",),
    "input_audio_tokens": ("input_audio_mtok", "input_mtok"),
    "cache_read_tokens": ("cache_read_mtok", "input_mtok"),
    "cache_write_5m_tokens": ("cache_write_5m_mtok", "cache_write_mtok", "input_mtok"),
    "cache_write_1h_tokens": ("cache_write_1h_mtok", "cache_write_mtok", "input_mtok"),
    "cache_write_other_tokens": ("cache_write_mtok", "input_mtok"),
    "output_total_tokens": ("output_mtok",),
    "output_reasoning_tokens": ("output_reasoning_mtok", "output_mtok"),
    "output_audio_tokens": ("output_audio_mtok", "output_mtok"),
}

PARENTS = {
    "input_audio_tokens": "input_uncached_tokens",
    "output_reasoning_tokens": "output_total_tokens",
    "output_audio_tokens": "output_total_tokens",
}
"""Part classes and the class that their tokens are already counted in."""

REQUESTS_KEY = "requests_kcount"
PER_TOKEN_KEYS = {key for chain in _CHAINS.values() for key in chain}


def rates_by_class(prices: Mapping[str, Decimal], overrides: Mapping[str, Decimal]) -> dict[str, Rate]:
    """The rate of each class, from USD per Mtok by price key; a class without any is absent.

    `overrides` are the prices of a tier such as batch. As in genai-prices they replace single keys, so that a key
    which the tier does not name keeps its standard price: that rate is marked as inherited too.
    """
    merged = {**prices, **overrides}
    rates: dict[str, Rate] = {}
    for name, chain in _CHAINS.items():
        key = next((key for key in chain if key in merged), None)
        if key is not None:
            rates[name] = Rate(merged[key], _inherited(key, chain[0], overrides))
    return rates


def _inherited(key: str, own_key: str, overrides: Mapping[str, Decimal]) -> str:
    plain = key.removesuffix("_mtok")
    if overrides and key not in overrides:
        return f"standard {plain}"
    return "" if key == own_key else plain
