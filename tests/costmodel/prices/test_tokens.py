"""Money by hand: every figure below is computed in the test or cited."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from llmops.config import validated
from llmops.costmodel.prices.book import PriceBook
from llmops.costmodel.prices.config import PricesSection
from llmops.costmodel.prices.rates import NoDatedRate, NoPrice
from llmops.costmodel.prices.tokens import REQUESTS, PricedSum, priced
from llmops.errors import BadInput

Make = Callable[..., Any]


def one(book: PriceBook, row: Any, price_date: date | None = None) -> PricedSum:
    (result,) = priced([row], book, price_date)
    return result


def test_litellm_issue_9812_is_priced_once(book: PriceBook, keyed: Make, summed: Make) -> None:
    # BerriAI/litellm 9812: written cache tokens were charged a second time as input, 0.091311
    key = keyed("anthropic", "claude-3-7-sonnet-20250219", "2026-10-01")
    row = one(book, summed(key, input_uncached_tokens=3, cache_write_5m_tokens=12_304, output_total_tokens=550))
    assert row.list_usd == Decimal("0.054399")  # (3 * 3 + 12304 * 3.75 + 550 * 15) / 1e6
    assert row.rates is not None
    assert row.rates.match.name == "anthropic:claude-3-7-sonnet-latest"


def test_langfuse_issue_12531_counts_thoughts_as_output(book: PriceBook, keyed: Make, summed: Make) -> None:
    # langfuse/langfuse 12531: 1,364 candidates + 495 thoughts = 1,859 output tokens; Langfuse said 0.011076
    key = keyed("google", "gemini-3-pro-preview", "2026-02-01")
    row = one(book, summed(key, input_uncached_tokens=324, output_total_tokens=1_859, output_reasoning_tokens=495))
    assert row.list_usd == Decimal("0.022956")  # (324 * 2 + 1859 * 12) / 1e6


def test_the_azure_conversation_trace_at_gpt_5(book: PriceBook, keyed: Make, summed: Make) -> None:
    key = keyed("openai", "gpt-5", None)
    tokens = {"input_uncached_tokens": 22_361_870, "output_total_tokens": 4_088_665}
    row = one(book, summed(key, 19_366, **tokens), date(2026, 11, 23))
    assert row.list_usd == Decimal("68.8389875")  # 22.36187 * 1.25 + 4.088665 * 10


@pytest.mark.parametrize(("day", "usd"), [("2025-06-09", "10"), ("2025-06-10", "2")])
def test_o3_became_cheaper_on_the_tenth_of_june(book: PriceBook, keyed: Make, summed: Make, day: str, usd: str) -> None:
    row = one(book, summed(keyed("openai", "o3", day), input_uncached_tokens=1_000_000))
    assert row.list_usd == Decimal(usd)
    assert row.rates is not None
    assert row.rates.dated == ("undated" if usd == "10" else "2025-06-10")


def test_a_price_date_overrides_the_day_of_the_row(book: PriceBook, keyed: Make, summed: Make) -> None:
    row = summed(keyed("openai", "o3", "2026-01-01"), input_uncached_tokens=1_000_000)
    assert one(book, row).list_usd == Decimal(2)
    assert one(book, row, date(2025, 1, 1)).list_usd == Decimal(10)


def test_rows_without_a_time_need_a_price_date(book: PriceBook, keyed: Make, summed: Make) -> None:
    with pytest.raises(BadInput) as caught:
        one(book, summed(keyed("openai", "gpt-5", None), input_uncached_tokens=1))
    assert "--price-date" in caught.value.hint


def test_a_day_no_calendar_has_is_bad_input(book: PriceBook, summed: Make) -> None:
    from llmops.costmodel.usage.schema import RateKey

    with pytest.raises(BadInput, match="days after 1970"):
        one(book, summed(RateKey("openai", "gpt-5", 90_000_000, "standard", None, None, 0, 0)))


def test_the_tier_of_the_whole_input_prices_every_class(book: PriceBook, keyed: Make, summed: Make) -> None:
    # Claude Sonnet 4.5: 3 / 0.30 / 15 per Mtok up to 200,000 input tokens, 6 / 0.60 / 22.50 above
    tokens = {"input_uncached_tokens": 50_000, "cache_read_tokens": 200_000, "output_total_tokens": 1_000}
    edges = book.edges([("anthropic", "claude-sonnet-4-5")])
    assert edges.input_tokens == (200_000,)
    below = one(book, summed(keyed("anthropic", "claude-sonnet-4-5", input_above=0), **tokens))
    above = one(book, summed(keyed("anthropic", "claude-sonnet-4-5", input_above=200_000), **tokens))
    assert below.list_usd == Decimal("0.225")  # 0.05 * 3 + 0.2 * 0.3 + 0.001 * 15
    assert above.list_usd == Decimal("0.4425")  # 0.05 * 6 + 0.2 * 0.6 + 0.001 * 22.5
    assert above.rates is not None
    assert above.rates.input_above == 200_000


def test_off_peak_hours_are_cheaper(book: PriceBook, keyed: Make, summed: Make) -> None:
    edges = book.edges([("deepseek", "deepseek-chat")])
    assert edges.second_of_day == (1_800, 59_400)  # 00:30 and 16:30 UTC
    usd = [
        one(book, summed(keyed("deepseek", "deepseek-chat", second_from=second), input_uncached_tokens=1_000_000))
        for second in (0, 1_800, 59_400)
    ]
    assert [row.list_usd for row in usd] == [Decimal("0.135"), Decimal("0.27"), Decimal("0.135")]
    assert usd[0].rates is not None
    assert usd[0].rates.clock_matters


def test_an_unknown_hour_is_said_where_the_hour_matters(book: PriceBook, keyed: Make, summed: Make) -> None:
    def assumed(model: str, day: str | None) -> bool:
        return one(book, summed(keyed("deepseek", model, day)), date(2026, 11, 23)).clock_assumed

    assert assumed("deepseek-chat", None)
    assert not assumed("deepseek-chat", "2026-11-23")
    assert not assumed("deepseek-v3.2", None)


def test_a_charge_per_request_is_a_line_of_its_own(book: PriceBook, keyed: Make, summed: Make) -> None:
    row = one(book, summed(keyed("perplexity", "sonar"), 10, input_uncached_tokens=1_000, output_total_tokens=1_000))
    assert row.list_usd == Decimal("0.122")  # 1000 * 1e-6 + 1000 * 1e-6 + 10 * 12 / 1000
    assert [(line.name, line.count) for line in row.lines][-1] == (REQUESTS, 10)


def test_reasoning_with_its_own_rate_is_part_of_the_output_never_on_top(
    book: PriceBook, keyed: Make, summed: Make
) -> None:
    key = keyed("perplexity", "sonar-deep-research")
    row = one(book, summed(key, output_total_tokens=1_000, output_reasoning_tokens=400))
    assert row.list_usd == Decimal("0.006")  # (600 * 8 + 400 * 3) / 1e6


def test_audio_is_taken_out_of_the_input_it_is_part_of(book: PriceBook, keyed: Make, summed: Make) -> None:
    key = keyed("google", "gemini-2.5-flash")  # 0.30 per Mtok, audio 1.00
    row = one(book, summed(key, input_uncached_tokens=1_000, input_audio_tokens=100))
    assert row.list_usd == Decimal("0.00037")  # (900 * 0.3 + 100 * 1) / 1e6


def test_a_class_without_its_own_rate_takes_its_parents_and_says_so(book: PriceBook, keyed: Make, summed: Make) -> None:
    key = keyed("openai", "gpt-5")  # no price for cache writes
    row = one(book, summed(key, cache_write_1h_tokens=1_000_000, input_uncached_tokens=5))
    assert row.list_usd == Decimal("1.25000625")  # 1.25 + 5 * 1.25e-6
    assert row.inherited == {"cache_write_1h_tokens": "input"}


def test_a_class_without_any_rate_is_unpriced_never_zero(book: PriceBook, keyed: Make, summed: Make) -> None:
    key = keyed("openai", "text-embedding-3-small")  # 0.02 per Mtok of input, no output price
    row = one(book, summed(key, input_uncached_tokens=1_000_000, output_total_tokens=7))
    assert row.list_usd == Decimal("0.02")
    assert row.unpriced_tokens == {"output_total_tokens": 7}
    assert row.why_unpriced == "openai:text-embedding-3-small has no rate for output_total_tokens"


def test_an_unknown_model_is_unpriced_tokens_with_the_nearest_names(book: PriceBook, keyed: Make, summed: Make) -> None:
    row = one(book, summed(keyed("openai", "gpt-55"), input_uncached_tokens=10, output_total_tokens=3))
    assert row.list_usd is None
    assert row.net_usd is None
    assert row.unpriced_tokens == {"input_uncached_tokens": 10, "output_total_tokens": 3}
    assert isinstance(row.answer, NoPrice)
    assert "openai:gpt-5.5" in row.answer.nearest


def test_an_entry_without_a_price_per_token_is_unpriced(book: PriceBook, keyed: Make, summed: Make) -> None:
    row = one(book, summed(keyed("google", "gemma-3"), input_uncached_tokens=10))
    assert isinstance(row.answer, NoPrice)
    assert row.answer.why == "no_rates"
    assert row.unpriced_tokens == {"input_uncached_tokens": 10}


@pytest.mark.parametrize(("day", "dated"), [("2026-10-13", False), ("2026-10-14", True)])
def test_batch_is_priced_from_the_day_the_catalogue_has_it(
    book: PriceBook, keyed: Make, summed: Make, day: str, *, dated: bool
) -> None:
    key = keyed("openai", "gpt-5", day, processing="batch")
    row = one(book, summed(key, input_uncached_tokens=1_000_000, output_total_tokens=1_000))
    if dated:
        assert row.list_usd == Decimal("0.63")  # half of 1.25 + half of 0.01
        assert row.standard_usd is None
        assert row.apart_tokens == {}
        return
    assert isinstance(row.answer, NoDatedRate)
    assert row.answer.first_date == date(2026, 10, 14)
    assert row.list_usd is None
    assert row.standard_usd == Decimal("1.26")  # 1.25 + 1000 * 10e-6, beside it and not in the total
    assert row.apart_tokens == {"input_uncached_tokens": 1_000_000, "output_total_tokens": 1_000}
    assert row.unpriced_tokens == {}


def test_a_discount_lowers_the_net_and_leaves_the_list_price(keyed: Make, summed: Make) -> None:
    section = validated(
        PricesSection,
        {"discounts": [{"provider": "openai", "model": "gpt-5*", "percent": 12.5, "from": date(2026, 1, 1)}]},
        "prices",
    )
    book = PriceBook.load(section)
    tokens = {"input_uncached_tokens": 22_361_870, "output_total_tokens": 4_088_665}
    row = one(book, summed(keyed("openai", "gpt-5", "2026-01-01"), **tokens))
    assert row.list_usd == Decimal("68.8389875")
    assert row.net_usd == Decimal("60.2341140625")  # 68.8389875 * 7 / 8
    before = one(book, summed(keyed("openai", "gpt-5", "2025-12-31"), **tokens))
    assert before.net_usd == before.list_usd == Decimal("68.8389875")


@pytest.mark.parametrize(
    ("part", "whole"),
    [("output_audio_tokens", "output_total_tokens"), ("input_audio_tokens", "input_uncached_tokens")],
)
def test_a_part_above_its_whole_is_bad_input(book: PriceBook, keyed: Make, summed: Make, part: str, whole: str) -> None:
    one(book, summed(keyed("openai", "gpt-5"), **{part: 5, whole: 5}))
    with pytest.raises(BadInput, match=f"{part} \\(6\\) exceed {whole} \\(5\\)"):
        one(book, summed(keyed("openai", "gpt-5"), **{part: 6, whole: 5}))


def test_totals_beyond_28_digits_are_exact(keyed: Make, summed: Make) -> None:
    rate = "0.1234567890123456789"
    section = validated(PricesSection, {"own": [{"model": "m", "input_usd_per_mtok": rate}]}, "prices")
    row = one(PriceBook.load(section), summed(keyed(None, "m"), input_uncached_tokens=10**18 + 1))
    # 1e12 * 0.1234567890123456789 = 123456789012.3456789, and one token more
    assert row.list_usd == Decimal("123456789012.3456790234567890123456789")


def test_the_order_of_the_sums_is_kept(book: PriceBook, keyed: Make, summed: Make) -> None:
    rows = [summed(keyed("openai", model)) for model in ("gpt-5", "nonsense-9", "o3")]
    assert [row.sum for row in priced(rows, book)] == rows
