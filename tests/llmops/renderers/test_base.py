"""How one cell is shown to a person."""

from datetime import date
from decimal import Decimal

import pytest

from llmops.renderers.base import DETAIL, is_number, printable, shown
from llmops.report import Cell


@pytest.mark.parametrize("unit", ["text", "usd", "tokens", "ratio", "made_up"])
def test_unknown_is_a_dash_and_never_zero(unit: str) -> None:
    assert shown(None, unit) == "–"


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("gpt-5", "text", "gpt-5"),
        (date(2026, 11, 25), "text", "2026-11-25"),
        (0, "tokens", "0"),
        (1_234_567, "tokens", "1,234,567"),
        (2**53 + 1, "tokens", "9,007,199,254,740,993"),  # no float holds it
        (Decimal("2.5"), "gpus", "2"),  # half to even
        (0.1234, "ratio", "12.3 %"),
        (Decimal("0.864"), "ratio", "86.4 %"),
        (1, "ratio", "100.0 %"),
        (Decimal("68.8389875"), "usd", "68.84"),
        (Decimal("68.8389875"), "usd_exact", "68.8389875"),
        (12.345, "per_second", "12.3"),
        (1234, "made_up", "1,234"),
        (0.0001234567, "made_up", "0.0001235"),
    ],
)
def test_a_cell_by_its_unit(value: Cell, unit: str, expected: str) -> None:
    assert shown(value, unit) == expected


def test_numbers_stand_on_the_right() -> None:
    assert [is_number(unit) for unit in ("usd", "tokens", "text", DETAIL)] == [True, True, False, False]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gpt-5 – größer 模型", "gpt-5 – größer 模型"),
        ("two\nlines", "two\nlines"),
        ("1\u00a0000", "1\u00a0000"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("bell\a tab\t", "bell\\x07 tab\\t"),
        ("evil\u202etxt.exe", "evil\\u202etxt.exe"),
        ("half \udcff", "half \\udcff"),
    ],
)
def test_control_characters_are_shown_and_never_obeyed(text: str, expected: str) -> None:
    assert printable(text) == expected
    assert shown(text, "text") == expected
