"""How answers show themselves."""

from datetime import date
from decimal import Decimal

from llmops.costmodel.prices.rates import Match, NoDatedRate, Rates

MATCH = Match("azure:gpt-4o", "azure", "gpt-4o", "openai", "exact")


def rates(valid_from: date | None) -> Rates:
    return Rates(MATCH, "standard", {}, Decimal(1), valid_from, 0, clock_matters=False, source="a list")


def test_a_price_without_a_start_is_undated() -> None:
    assert rates(None).dated == "undated"
    assert rates(date(2025, 6, 10)).dated == "2025-06-10"


def test_a_match_is_named_after_the_list_that_holds_it() -> None:
    assert MATCH.name == "openai:gpt-4o"
    assert NoDatedRate("batch", "batch, no dated rate", rates(None)).match is MATCH
