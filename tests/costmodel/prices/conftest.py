"""What the tests of prices share."""

from collections.abc import Callable
from datetime import date

import pytest

from llmops.costmodel.prices.book import PriceBook
from llmops.costmodel.usage.schema import PART_CLASSES, TOKEN_CLASSES, RateKey, RateSum

Keyed = Callable[..., RateKey]
Summed = Callable[..., RateSum]


@pytest.fixture(scope="session")
def book() -> PriceBook:
    """The bundled catalogue, with nothing of one's own."""
    return PriceBook.load()


@pytest.fixture(scope="session")
def keyed() -> Keyed:
    """A rate key from a provider, a model and a day as a date; the rest is standard unless given."""

    def key(provider: str | None, model: str | None, day: str | None = "2026-11-20", **given: object) -> RateKey:
        number = (date.fromisoformat(day) - date(1970, 1, 1)).days if day else None
        plain = {"processing": "standard", "service_tier": None, "speed": None, "input_above": 0, "second_from": 0}
        return RateKey(provider, model, number, **{**plain, **given})  # type: ignore[arg-type]

    return key


@pytest.fixture(scope="session")
def summed() -> Summed:
    """The sum of one request (or of `requests`) with the token counts given."""

    def rows(key: RateKey, requests: int = 1, **tokens: int) -> RateSum:
        counts = dict.fromkeys((*TOKEN_CLASSES, *PART_CLASSES), 0) | tokens
        return RateSum(key, (), requests, requests, requests, counts)

    return rows
