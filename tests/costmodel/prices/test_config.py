"""The section `prices:`."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import yaml

from llmops.config import validated
from llmops.costmodel.prices.config import PricesSection
from llmops.errors import BadInput


def read(text: str) -> PricesSection:
    return validated(PricesSection, yaml.safe_load(text), "prices")


def test_a_whole_section_is_read() -> None:
    section = read(
        """
own: [{provider: acme, model: acme-large, from: 2026-01-01, input_usd_per_mtok: 1.2, output_usd_per_mtok: 4,
       cache_read_usd_per_mtok: 0.1, source: contract 17}]
discounts: [{provider: openai, model: "gpt-5*", percent: 12.5, from: 2026-01-01, until: 2026-12-31, source: EDP}]
aliases: {my-azure-deployment: "azure:gpt-4o"}
"""
    )
    (own,) = section.own
    assert own.from_ == date(2026, 1, 1)
    assert own.rates == {"input_mtok": Decimal("1.2"), "cache_read_mtok": Decimal("0.1"), "output_mtok": Decimal(4)}
    assert section.discounts[0].percent == Decimal("12.5")


@pytest.mark.parametrize("written", ["0.1", "1.1", "0.000123", "'0.12345678901234567890'", "15", "0.30000000000001"])
def test_numbers_are_the_decimals_that_were_written(written: str) -> None:
    (own,) = read(f"own: [{{model: m, input_usd_per_mtok: {written}}}]").own
    assert own.rates["input_mtok"] == Decimal(written.strip("'"))


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("{model: m, input_usd_per_mtok: 0.12345678901234567}", "write the number in quotes"),
        ("{model: m, input_usd_per_mtok: -1}", "greater than or equal to 0"),
        ("{model: m, input_usd_per_mtok: true}", "a number is needed"),
        ("{model: m, input_usd_per_mtok: .nan}", "finite"),
        ("{model: m, input_usd_per_mtok: .inf}", "finite"),
        ("{model: m}", "states no rate"),
        ("{model: m, output_reasoning_usd_per_mtok: 1, output_audio_usd_per_mtok: 1}", "may overlap"),
        ("{model: m, input_usd_per_mtok: 1, from: 2026-02-01, until: 2026-01-31}", "is before `from`"),
        ("{model: '', input_usd_per_mtok: 1}", "at least 1 character"),
        ("{model: m, input_usd_per_mtok: 1, processing: bach}", "'standard' or 'batch'"),
    ],
)
def test_entries_that_make_no_sense_are_refused(entry: str, message: str) -> None:
    with pytest.raises(BadInput, match=r"prices\.own\.0") as caught:
        read(f"own: [{entry}]")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        ({"own": [{"model": "m", "input_usd_per_mtoks": 1}]}, "did you mean 'input_usd_per_mtok'?"),
        ({"discount": []}, "did you mean 'discounts'?"),
        ({"discounts": [{"provider": "openai", "percent": 1, "form": 1}]}, "did you mean 'from'?"),
    ],
)
def test_a_mistyped_key_is_answered_with_the_nearest(data: dict[str, Any], hint: str) -> None:
    with pytest.raises(BadInput) as caught:
        validated(PricesSection, data, "prices")
    assert hint in caught.value.hint


def test_a_discount_is_at_most_everything() -> None:
    assert read("discounts: [{provider: openai, percent: 100}]").discounts[0].percent == 100
    with pytest.raises(BadInput, match="less than or equal to 100"):
        read("discounts: [{provider: openai, percent: 100.1}]")
