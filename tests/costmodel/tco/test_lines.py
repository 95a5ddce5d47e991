from decimal import Decimal

import pytest

from llmops.costmodel.tco.lines import CostLine, Range, total
from llmops.errors import BadInput
from llmops.report import Source


def usd(low: int, typical: int, high: int) -> Range:
    return Range(Decimal(low), Decimal(typical), Decimal(high))


def line(name: str, amount: Range) -> CostLine:
    return CostLine(name, name, amount, "stated", Source(name, "test"))


def test_a_total_is_the_sum_of_its_lines_end_by_end() -> None:
    # Tian Pan (2026-04-13), cloud 70B: 6,200 + 2,500 + 700 = 9,400 and 12,400 + 5,000 + 1,400 = 18,800
    lines = [
        line("gpus", usd(6200, 9300, 12400)),
        line("people", usd(2500, 3750, 5000)),
        line("rest", usd(700, 1050, 1400)),
    ]
    assert total(lines) == usd(9400, 14100, 18800)


def test_a_total_of_nothing_is_zero() -> None:
    assert total([]) == usd(0, 0, 0)


def test_a_range_whose_ends_do_not_rise_is_refused() -> None:
    with pytest.raises(BadInput, match="must rise"):
        usd(3, 2, 4)
    with pytest.raises(BadInput, match="must rise"):
        usd(1, 5, 4)


def test_ranges_multiply_end_by_end() -> None:
    assert usd(1, 2, 3).times(usd(10, 20, 30)) == usd(10, 40, 90)
    assert usd(1, 2, 3).times(7) == usd(7, 14, 21)
