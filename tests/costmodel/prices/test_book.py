"""Answers of the price book, without any tokens."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from llmops.config import validated
from llmops.costmodel.prices.book import PriceBook
from llmops.costmodel.prices.config import PricesSection
from llmops.costmodel.prices.rates import NoDatedRate, NoPrice, Rates
from llmops.errors import UnknownName

Make = Callable[..., Any]


def section(**given: Any) -> PricesSection:
    return validated(PricesSection, given, "prices")


def test_the_version_names_catalogue_and_release(book: PriceBook) -> None:
    from importlib.metadata import version

    assert book.version == f"genai-prices {version('genai-prices')}"


def test_a_loose_match_is_priced_and_says_so(book: PriceBook, keyed: Make) -> None:
    answer = book.rates(keyed(None, "claude-sonnet-4-5-banana"))
    assert isinstance(answer, Rates)
    assert (answer.match.requested, answer.match.name) == ("claude-sonnet-4-5-banana", "anthropic:claude-sonnet-4-5")
    assert answer.match.how == "loose"


def test_another_providers_model_is_priced_from_the_list_that_has_it(book: PriceBook, keyed: Make) -> None:
    answer = book.rates(keyed("azure", "gpt-4o"))
    assert isinstance(answer, Rates)
    assert (answer.match.provider, answer.match.name) == ("azure", "openai:gpt-4o")


def test_tiers_of_a_borrowed_price_list_are_not_guessed(book: PriceBook, keyed: Make) -> None:
    # genai-prices ignores the context there and silently gives the standard price
    assert isinstance(book.rates(keyed("openai", "gpt-5", processing="batch")), Rates)
    answer = book.rates(keyed("azure", "gpt-5", processing="batch"))
    assert isinstance(answer, NoDatedRate)
    assert answer.standard.label == "standard"


def test_two_tiers_at_once_have_no_rate(book: PriceBook, keyed: Make) -> None:
    answer = book.rates(keyed("openai", "gpt-5", processing="batch", service_tier="flex"))
    assert isinstance(answer, NoDatedRate)
    assert answer.label == "batch and flex"


def test_a_mistyped_tier_is_not_priced_as_standard(book: PriceBook, keyed: Make) -> None:
    answer = book.rates(keyed("openai", "gpt-5", service_tier="flexx"))
    assert isinstance(answer, NoDatedRate)
    assert answer.label == "'flexx'"
    assert "'flexx' is no tier that is known here" in answer.reason


@pytest.mark.parametrize("tier", [None, "", "default", "standard", "auto", "on_demand", "ON_DEMAND"])
def test_names_of_the_standard_tier_are_standard(book: PriceBook, keyed: Make, tier: str | None) -> None:
    answer = book.rates(keyed("openai", "gpt-5", service_tier=tier))
    assert isinstance(answer, Rates)
    assert answer.label == "standard"


def test_flex_priority_and_fast_have_their_own_rates(book: PriceBook, keyed: Make) -> None:
    flex = book.rates(keyed("openai", "gpt-5", service_tier="flex"))
    fast = book.rates(keyed("anthropic", "claude-fable-5-2", speed="fast"))
    assert isinstance(flex, Rates)
    assert isinstance(fast, Rates)
    assert flex.by_class["input_uncached_tokens"].usd_per_mtok == Decimal("0.625")
    assert flex.dated == "2026-10-12"
    assert fast.by_class["output_total_tokens"].usd_per_mtok == Decimal(80)


def test_reserved_capacity_is_not_priced_per_token(book: PriceBook, keyed: Make) -> None:
    arn = "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc"
    for key in (keyed("vertex_ai", "gemini-2.5-pro", service_tier="PROVISIONED_THROUGHPUT"), keyed("bedrock", arn)):
        answer = book.rates(key)
        assert isinstance(answer, NoPrice)
        assert answer.why == "reserved"


def test_the_same_key_has_the_same_answer(book: PriceBook, keyed: Make) -> None:
    key = keyed("openai", "gpt-5")
    assert book.rates(key) is book.rates(replace(key))
    assert book.rates(key, date(2025, 1, 1)) is not book.rates(key)


def test_edges_are_those_of_the_models_asked_for(book: PriceBook) -> None:
    assert book.edges([("openai", "gpt-4o"), ("openai", "nonsense-9"), (None, None)]).input_tokens == ()
    both = book.edges([("anthropic", "claude-sonnet-4-5"), ("deepseek", "deepseek-chat")])
    assert (both.input_tokens, both.second_of_day) == ((200_000,), (1_800, 59_400))


@pytest.mark.parametrize(
    ("text", "named"),
    [("openai:gpt-5", ("openai", "gpt-5")), ("gpt-5", (None, "gpt-5")), ("openai/gpt-5", (None, "openai/gpt-5"))],
)
def test_a_model_may_be_named_with_or_without_its_provider(
    book: PriceBook, text: str, named: tuple[str | None, str]
) -> None:
    assert book.model_named(text) == named


@pytest.mark.parametrize(
    ("text", "hint"),
    [("opnai:gpt-5", "did you mean 'openai'?"), ("gtp-5", "did you mean 'openai:gpt-5'?"), ("qqqq:zzzz", "provider:")],
)
def test_a_mistyped_model_is_answered_with_the_nearest(book: PriceBook, text: str, hint: str) -> None:
    with pytest.raises(UnknownName) as caught:
        book.model_named(text)
    assert hint in caught.value.hint


def test_own_prices_come_before_the_catalogue_from_their_first_day(keyed: Make) -> None:
    own = {"provider": "openai", "model": "gpt-5", "from": date(2026, 6, 1), "input_usd_per_mtok": 1, "source": "EDP 7"}
    book = PriceBook.load(section(own=[own]))
    before, after = (
        book.rates(keyed("openai", "gpt-5", "2026-05-31")),
        book.rates(keyed("openai", "gpt-5", "2026-06-01")),
    )
    assert isinstance(before, Rates)
    assert isinstance(after, Rates)
    assert before.by_class["input_uncached_tokens"].usd_per_mtok == Decimal("1.25")
    assert after.by_class["input_uncached_tokens"].usd_per_mtok == Decimal(1)
    assert after.source == "llmops.yaml, EDP 7"
    assert "output_total_tokens" not in after.by_class  # the catalogue does not fill what a contract leaves out


def test_days_before_the_first_own_price_are_unpriced_and_name_it(keyed: Make) -> None:
    own = {"provider": "acme", "model": "acme-large", "from": date(2026, 1, 1), "input_usd_per_mtok": "1.2"}
    book = PriceBook.load(section(own=[own]))
    assert isinstance(book.rates(keyed("acme", "acme-large", "2026-01-01")), Rates)
    answer = book.rates(keyed("acme", "acme-large", "2025-12-31"))
    assert isinstance(answer, NoPrice)
    assert (answer.why, answer.first_date) == ("before_first", date(2026, 1, 1))
    assert answer.reason == "no price for acme:acme-large on 2025-12-31: the first known starts on 2026-01-01"


def test_days_before_a_catalogue_entrys_first_price_are_unpriced_and_name_it(keyed: Make) -> None:
    from genai_prices import types

    from llmops.costmodel.prices.catalogue import Catalogue

    dated = types.ConditionalPrice(
        types.StartDateConstraint(date(2026, 3, 1)), prices=types.ModelPrice(input_mtok=Decimal(1))
    )
    entry = types.ModelInfo("new-1", types.ClauseEquals("new-1"), prices=[dated])
    book = PriceBook(Catalogue([types.Provider("acme", "Acme", "", models=[entry])]), PricesSection())
    assert isinstance(book.rates(keyed("acme", "new-1", "2026-03-01")), Rates)
    answer = book.rates(keyed("acme", "new-1", "2026-02-28"))  # genai-prices would use the price of March
    assert isinstance(answer, NoPrice)
    assert answer.reason == "no price for acme:new-1 on 2026-02-28: the first known one starts on 2026-03-01"


def test_aliases_name_deployments(keyed: Make) -> None:
    book = PriceBook.load(section(aliases={"my-azure-deployment": "azure:gpt-4o"}))
    answer = book.rates(keyed("azure", "My-Azure-Deployment"))
    assert isinstance(answer, Rates)
    assert (answer.match.requested, answer.match.name) == ("azure:My-Azure-Deployment", "openai:gpt-4o")
    assert answer.match.alias == "azure:gpt-4o"


def test_an_alias_of_nothing_is_refused_at_once() -> None:
    with pytest.raises(UnknownName) as caught:
        PriceBook.load(section(aliases={"mine": "azure:gpt-4oo"}))
    assert "prices.aliases: 'mine' stands for 'azure:gpt-4oo'" in str(caught.value)


def test_a_discount_for_an_unknown_provider_is_refused_at_once() -> None:
    with pytest.raises(UnknownName) as caught:
        PriceBook.load(section(discounts=[{"provider": "opnai", "percent": 5}]))
    assert caught.value.hint == "did you mean 'openai'?"


def test_what_a_usage_table_cannot_show_is_listed(book: PriceBook, keyed: Make) -> None:
    answer = book.rates(keyed("openai", "gpt-5"))
    assert isinstance(answer, Rates)
    assert "web_searches_kcount" in answer.not_covered
