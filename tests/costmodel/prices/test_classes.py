"""Which rate a class takes."""

from decimal import Decimal

from llmops.costmodel.prices.classes import PARENTS, rates_by_class
from llmops.costmodel.usage.schema import PART_CLASSES, TOKEN_CLASSES

ONE, TWO, THREE = Decimal(1), Decimal(2), Decimal(3)


def test_every_class_of_the_usage_table_has_a_rate_from_input_and_output() -> None:
    rates = rates_by_class({"input_mtok": ONE, "output_mtok": TWO}, {})
    assert set(rates) == {*TOKEN_CLASSES, *PART_CLASSES}
    assert set(PARENTS) == set(PART_CLASSES)
    assert rates["cache_read_tokens"].inherited_from == "input"
    assert rates["output_reasoning_tokens"].usd_per_mtok == TWO
    assert rates["input_uncached_tokens"].inherited_from == ""


def test_writes_take_the_rate_of_writes_before_that_of_input() -> None:
    rates = rates_by_class({"input_mtok": ONE, "cache_write_mtok": TWO, "cache_write_1h_mtok": THREE}, {})
    assert (rates["cache_write_5m_tokens"].usd_per_mtok, rates["cache_write_1h_tokens"].usd_per_mtok) == (TWO, THREE)
    assert rates["cache_write_5m_tokens"].inherited_from == "cache_write"
    assert rates["cache_write_other_tokens"].inherited_from == ""


def test_a_class_without_any_rate_is_absent() -> None:
    assert "output_total_tokens" not in rates_by_class({"input_mtok": ONE}, {})


def test_a_tier_that_leaves_a_price_out_keeps_the_standard_one_and_says_so() -> None:
    rates = rates_by_class({"input_mtok": TWO, "cache_read_mtok": ONE}, {"input_mtok": ONE})
    assert rates["input_uncached_tokens"].inherited_from == ""
    assert rates["cache_read_tokens"].usd_per_mtok == ONE
    assert rates["cache_read_tokens"].inherited_from == "standard cache_read"
