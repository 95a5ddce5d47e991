"""Money is exact until it is shown."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmops.money import cost_usd, exact_usd, rounded_usd, shown_usd, total_usd

D = Decimal


def test_tokens_times_a_rate_per_million() -> None:
    assert cost_usd(22_361_870, D("1.25")) + cost_usd(4_088_665, D(10)) == D("68.8389875")


def test_a_rate_of_thirteen_decimals_loses_none_of_them() -> None:
    # 123,456,789 × 0.0000000000007 = 86,419,752.3e-12, and a million-th of it
    assert cost_usd(123_456_789, D("0.0000000000007")) == D("0.0000000000864197523")


def test_more_digits_than_the_standard_context_holds() -> None:
    # 10^20 + 1 tokens at 1.0000000000001: 100000000000000000001 + 10000000.0000000000001, over a million
    assert cost_usd(10**20 + 1, D("1.0000000000001")) == D("100000000000010.0000010000000000001")


def test_a_price_per_thousand() -> None:
    assert cost_usd(3, D("0.5"), per=1000) == D("0.0015")


def test_nothing_costs_nothing() -> None:
    assert cost_usd(0, D("1.25")) == 0
    assert total_usd([]) == 0


def test_a_total_equals_the_sum_of_its_lines_to_the_last_digit() -> None:
    assert total_usd([D("1e15"), D("1e-20"), D("1e-20")]) == D("1000000000000000.00000000000000000002")


@given(st.lists(st.integers(-(10**30), 10**30), max_size=20), st.integers(0, 25))
def test_a_sum_is_that_of_integers_of_the_smallest_unit(units: list[int], places: int) -> None:
    assert total_usd(D(f"{unit}E-{places}") for unit in units) == D(f"{sum(units)}E-{places}")


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0", "0.00"),
        ("-0", "0.00"),
        ("0.000", "0.00"),
        ("1", "1.00"),
        ("1E+3", "1,000.00"),
        ("1234567.891", "1,234,567.89"),
        ("-1234.5", "-1,234.50"),
        ("0.5", "0.50"),
        ("-0.5", "-0.50"),
        ("-0.05", "-0.05"),
        ("0.1", "0.10"),
        ("0.054399", "0.0544"),
        ("0.999999", "1.00"),
        ("0.99994", "0.9999"),
        ("1.005", "1.00"),  # half to even
        ("0.0000000123456", "0.00000001235"),
        ("1E-8", "0.00000001"),
    ],
)
def test_an_amount_in_a_table(amount: str, shown: str) -> None:
    assert shown_usd(D(amount)) == shown


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("99.99", "99.99"), ("99.999", "100.00"), ("100", "100"), ("1234.5", "1,234"), ("-1440", "-1,440"), ("0", "0.00")],
)
def test_an_estimate_has_no_cents_from_a_hundred_up(amount: str, shown: str) -> None:
    assert rounded_usd(D(amount)) == shown


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0", "0.00"),
        ("-0.0", "0.00"),
        ("5", "5.00"),
        ("1E+3", "1,000.00"),
        ("68.8389875", "68.8389875"),
        ("68.83898750", "68.8389875"),
        ("-0.5", "-0.50"),
        ("1E-13", "0.0000000000001"),
        ("12345678901234567890123456789.123456789", "12,345,678,901,234,567,890,123,456,789.123456789"),
    ],
)
def test_an_amount_to_its_last_digit(amount: str, shown: str) -> None:
    assert exact_usd(D(amount)) == shown
