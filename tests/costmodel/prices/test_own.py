"""Own prices and discounts."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from llmops.config import validated
from llmops.costmodel.prices.book import PriceBook
from llmops.costmodel.prices.config import PricesSection
from llmops.costmodel.prices.rates import NoDatedRate, NoPrice, Rates
from llmops.errors import BadInput

Make = Callable[..., Any]
ACME = {"provider": "acme", "model": "acme-large", "input_usd_per_mtok": 2, "output_usd_per_mtok": 4}


def with_own(*entries: dict[str, Any]) -> PriceBook:
    return PriceBook.load(validated(PricesSection, {"own": list(entries)}, "prices"))


def input_usd(answer: object) -> Decimal:
    assert isinstance(answer, Rates)
    return answer.by_class["input_uncached_tokens"].usd_per_mtok


@pytest.mark.parametrize(
    ("provider", "model"),
    [("acme", "acme-large"), ("ACME", "Acme-Large"), (None, "acme-large"), (None, "acme/acme-large")],
)
def test_an_own_model_is_found_with_and_without_its_provider(keyed: Make, provider: str | None, model: str) -> None:
    assert input_usd(with_own(ACME).rates(keyed(provider, model))) == 2


def test_an_own_model_of_another_provider_is_not_taken(keyed: Make) -> None:
    assert isinstance(with_own(ACME).rates(keyed("rival", "acme-large")), NoPrice)


def test_an_own_price_covers_a_server_of_ones_own(keyed: Make) -> None:
    own = {"provider": "hosted_vllm", "model": "llama", "input_usd_per_mtok": 0}
    assert input_usd(with_own(own).rates(keyed("hosted_vllm", "llama"))) == 0  # stated to be free, not unknown


def test_the_newest_own_price_that_has_started_holds(keyed: Make) -> None:
    newer = {**ACME, "from": date(2026, 7, 1), "input_usd_per_mtok": 3}
    for book in (with_own(newer, ACME), with_own(ACME, newer)):
        assert input_usd(book.rates(keyed("acme", "acme-large", "2026-06-30"))) == 2
        assert input_usd(book.rates(keyed("acme", "acme-large", "2026-07-01"))) == 3


def test_before_an_own_price_a_loose_match_of_the_catalogue_does_not_step_in(keyed: Make) -> None:
    own = {"model": "claude-sonnet-4-5-acme", "from": date(2026, 6, 1), "input_usd_per_mtok": 9}
    book = with_own(own)
    assert input_usd(book.rates(keyed("anthropic", "claude-sonnet-4-5-acme", "2026-06-01"))) == 9
    assert isinstance(book.rates(keyed("anthropic", "claude-sonnet-4-5-acme", "2026-05-31")), NoPrice)


def test_an_own_price_that_has_ended_leaves_tokens_unpriced(keyed: Make) -> None:
    book = with_own({**ACME, "until": date(2026, 6, 30)})
    assert input_usd(book.rates(keyed("acme", "acme-large", "2026-06-30"))) == 2
    answer = book.rates(keyed("acme", "acme-large", "2026-07-01"))
    assert isinstance(answer, NoPrice)
    assert answer.reason.endswith("the last one has ended")


def test_batch_of_an_own_model_needs_its_own_entry(keyed: Make) -> None:
    answer = with_own(ACME).rates(keyed("acme", "acme-large", processing="batch"))
    assert isinstance(answer, NoDatedRate)
    assert input_usd(answer.standard) == 2
    batch = {**ACME, "processing": "batch", "input_usd_per_mtok": 1}
    assert input_usd(with_own(ACME, batch).rates(keyed("acme", "acme-large", processing="batch"))) == 1


def test_two_own_prices_of_the_same_day_are_refused() -> None:
    with pytest.raises(BadInput, match="two standard prices of 'acme-large' without `from`"):
        with_own(ACME, ACME)


def test_two_discounts_that_both_hold_are_refused(keyed: Make) -> None:
    discounts = [
        {"provider": "openai", "model": "gpt-*", "percent": 5, "until": date(2026, 6, 30)},
        {"provider": "openai", "model": "gpt-5*", "percent": 10, "from": date(2026, 6, 30)},
    ]
    book = PriceBook.load(validated(PricesSection, {"discounts": discounts}, "prices"))
    first, second = (
        book.rates(keyed("openai", "gpt-5", "2026-06-29")),
        book.rates(keyed("openai", "gpt-5", "2026-07-01")),
    )
    assert isinstance(first, Rates)
    assert isinstance(second, Rates)
    assert first.discount is not None
    assert second.discount is not None
    assert [first.discount.percent, second.discount.percent] == [Decimal(5), Decimal(10)]
    with pytest.raises(BadInput, match="both hold for 'gpt-5' on 2026-06-30"):
        book.rates(keyed("openai", "gpt-5", "2026-06-30"))


def test_a_discount_does_not_touch_own_prices_or_other_providers(keyed: Make) -> None:
    own = {"provider": "openai", "model": "gpt-5", "input_usd_per_mtok": 1}
    section = {"own": [own], "discounts": [{"provider": "openai", "percent": 50}]}
    book = PriceBook.load(validated(PricesSection, section, "prices"))
    mine, theirs = book.rates(keyed("openai", "gpt-5")), book.rates(keyed("azure", "gpt-4o"))
    assert isinstance(mine, Rates)
    assert isinstance(theirs, Rates)
    assert mine.discount is None
    assert theirs.discount is None
