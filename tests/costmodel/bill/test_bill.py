from datetime import date
from decimal import Decimal

from llmops.costmodel.bill.bill import Reported, bill_of, totals_of
from llmops.costmodel.prices.book import PriceBook
from llmops.costmodel.prices.tokens import PricedSum, priced
from llmops.costmodel.usage.schema import RateKey, RateSum

BOOK = PriceBook.load()
DAY = date(2026, 11, 25)


def summed(
    model: str, input_tokens: int, output_tokens: int, *, team: str | None = None, requests: int = 1, failed: int = 0,
    processing: str = "standard",
) -> RateSum:  # fmt: skip
    key = RateKey("openai", model, None, processing, None, None, 0, 0)
    tokens = {"input_uncached_tokens": input_tokens, "output_total_tokens": output_tokens}
    return RateSum(key, (team,), requests, requests, requests - failed, tokens)


def at_today(*sums: RateSum) -> list[PricedSum]:
    return priced(sums, BOOK, DAY)


def test_a_total_is_the_exact_sum_of_its_groups() -> None:
    sums = at_today(
        summed("gpt-5", 333_333, 77, team="a"), summed("gpt-5-mini", 1, 1, team="b"), summed("o3", 7, 9, team="a")
    )
    bill = bill_of(sums, ("team",), {})
    assert bill.whole.list_usd == sum(group.list_usd for group in bill.groups.values())
    # gpt-5 1.25/10 and o3 2/8 USD per Mtok
    assert bill.groups["a",].list_usd == ((333_333 * Decimal("1.25") + 77 * 10 + 7 * 2 + 9 * 8) / 1_000_000)


def test_the_dearest_group_comes_first() -> None:
    bill = bill_of(at_today(summed("gpt-5", 1, 1, team="small"), summed("gpt-5", 9, 9, team="large")), ("team",), {})
    assert [group for (group,) in bill.groups] == ["large", "small"]


def test_unpriced_tokens_are_counted_and_not_free() -> None:
    totals = totals_of(at_today(summed("gpt-5", 1_000_000, 0), summed("no-such-model-at-all", 600, 400)), None)
    assert totals.list_usd == Decimal("1.25")
    assert totals.unpriced_tokens == 1000
    assert not totals.nothing_priced


def test_a_bill_without_any_price_is_unknown_and_not_zero() -> None:
    totals = totals_of(at_today(summed("no-such-model-at-all", 600, 400)), None)
    assert totals.nothing_priced
    assert totals.usd_per_request is None


def test_batch_before_its_first_dated_rate_stands_apart() -> None:
    # batch rates of the catalogue start on 2026-10-14
    sums = priced([summed("gpt-5", 1_000_000, 0, processing="batch")], BOOK, date(2026, 10, 13))
    totals = totals_of(sums, None)
    assert (totals.list_usd, totals.apart_tokens, totals.apart_standard_usd) == (0, 1_000_000, Decimal("1.25"))
    on_the_day = totals_of(priced([summed("gpt-5", 1_000_000, 0, processing="batch")], BOOK, date(2026, 10, 14)), None)
    assert (on_the_day.list_usd, on_the_day.apart_tokens) == (Decimal("0.625"), 0)


def test_cost_per_success_leaves_out_the_failed_and_keeps_what_they_cost() -> None:
    totals = totals_of(at_today(summed("gpt-5", 1_000_000, 0, requests=5, failed=1)), None)
    assert totals.usd_per_request == Decimal("0.25")  # 1.25 / 5
    assert totals.usd_per_success == Decimal("0.3125")  # 1.25 / 4


def test_no_successful_call_has_no_cost_per_success() -> None:
    assert totals_of(at_today(summed("gpt-5", 10, 0, requests=2, failed=2)), None).usd_per_success is None


def test_reported_cost_is_unknown_when_no_row_reports_one() -> None:
    sums = at_today(summed("gpt-5", 1, 1, team="a"), summed("gpt-5", 1, 1, team="b"))
    assert bill_of(sums, ("team",), {}).whole.reported is None
    one = bill_of(sums, ("team",), {("a",): Reported(Decimal("0.5"), 1), ("b",): Reported(Decimal(0), 0)})
    assert one.whole.reported == Reported(Decimal("0.5"), 1)
