from decimal import Decimal

import pytest

from llmops.config import validated
from llmops.costmodel.tco.config import TcoSection
from llmops.costmodel.tco.lines import Range
from llmops.errors import BadInput


def section(data: dict[str, object]) -> TcoSection:
    return validated(TcoSection, data, "tco")


def test_a_number_is_a_range_without_width() -> None:
    stated = section({"api_usd_per_month": 15000}).api_usd_per_month
    assert stated is not None
    assert stated.range == Range.exactly(15_000)


def test_a_range_without_typical_takes_the_middle() -> None:
    stated = section({"lines": {"people": {"low": 2500, "high": 5000}}}).lines["people"]
    assert stated.range == Range(Decimal(2500), Decimal(3750), Decimal(5000))


def test_decimals_are_kept_as_written() -> None:
    stated = section({"self_host": {"usd_per_gpu_hour": 2.1}}).self_host.usd_per_gpu_hour
    assert stated is not None
    assert stated.low == Decimal("2.1")


@pytest.mark.parametrize(
    ("data", "message", "hint"),
    [
        ({"hours_per_mouth": 720}, "tco.hours_per_mouth", "hours_per_month"),
        ({"self_host": {"modle": "x"}}, "tco.self_host.modle", "model"),
        ({"lines": {"people": {"low": 1, "hihg": 2, "high": 2}}}, "tco.lines.people.hihg", "high"),
        ({"hours_per_month": 0}, "tco.hours_per_month", ""),
        ({"hours_per_month": 745}, "tco.hours_per_month", ""),
        ({"self_host": {"ownership": "leased"}}, "tco.self_host.ownership", ""),
        ({"api_usd_per_month": -1}, "tco.api_usd_per_month", ""),
        ({"api_usd_per_month": True}, "tco.api_usd_per_month", ""),
    ],
)
def test_a_wrong_key_or_value_is_named(data: dict[str, object], message: str, hint: str) -> None:
    with pytest.raises(BadInput, match=message) as error:
        section(data)
    assert hint in error.value.hint


def test_without_a_log_the_api_bill_must_be_stated() -> None:
    with pytest.raises(BadInput, match="no stated API bill"):
        section({}).require_no_log()


def test_without_a_log_the_gpus_must_be_stated() -> None:
    with pytest.raises(BadInput, match="GPUs would cost"):
        section({"api_usd_per_month": 1, "self_host": {"gpus": 2}}).require_no_log()
    section({"api_usd_per_month": 1, "self_host": {"gpus": 2, "usd_per_gpu_hour": 2}}).require_no_log()
    section({"api_usd_per_month": 1, "lines": {"gpus": {"low": 1, "high": 2}}}).require_no_log()
