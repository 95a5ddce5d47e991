"""GPU rents: expected figures are those of the rows, by hand."""

import re
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from llmops.costmodel.prices.gpu_files import GpuRow
from llmops.costmodel.prices.gpus import bundled_rows, gpu_hour_usd, known_gpus
from llmops.errors import NoData, UnknownName

NOW = date(2026, 11, 23)


def row(provider: str, usd: str, on: str | None, commitment: str = "on_demand") -> GpuRow:
    checked = date.fromisoformat(on) if on else None
    return GpuRow(provider, "h100_sxm", Decimal(8), Decimal(usd), commitment, "", "an offer", checked)


def test_low_and_high_are_the_ends_and_typical_the_median_provider() -> None:
    price = gpu_hour_usd("h100_sxm", NOW)
    assert (price.low.usd_per_gpu_hour, price.high.usd_per_gpu_hour) == (Decimal("2.69"), Decimal("12.29"))
    # runpod (2.69 + 3.49) / 2 = 3.09, datacrunch 3.627, nebius 3.85, lambda (3.99 + 4.29) / 2 = 4.14,
    # aws 6.88, oci 10, gcp 10.9791, azure 12.29: the two in the middle are lambda and aws
    assert price.typical.usd_per_gpu_hour == Decimal("5.51")
    assert {source.provider for source in price.typical.rows} == {"lambda", "aws"}
    assert price.providers == 8


def test_the_price_of_a_p5_changes_with_the_date() -> None:
    def aws(on: date) -> Decimal:
        return next(one.usd_per_gpu_hour for one in gpu_hour_usd("h100_sxm", on).rows if one.provider == "aws")

    assert aws(date(2024, 1, 1)) == Decimal("12.29")  # 98.32 / 8
    assert aws(NOW) == Decimal("6.88")  # 55.04 / 8
    assert 1 - aws(NOW) / aws(date(2024, 1, 1)) == pytest.approx(Decimal("0.44"), abs=Decimal("0.001"))


def test_prices_of_datacrunch_rose_in_2026() -> None:
    def datacrunch(gpu: str, on: date) -> Decimal:
        return next(one.usd_per_gpu_hour for one in gpu_hour_usd(gpu, on).rows if one.provider == "datacrunch")

    for gpu, before, after in (("h200_sxm", "4.00", "4.732"), ("b200_sxm", "6.11", "6.9175")):
        assert datacrunch(gpu, date(2026, 9, 30)) == Decimal(before)
        assert datacrunch(gpu, date(2026, 10, 1)) == Decimal(after)


def test_only_the_newest_rows_of_a_provider_by_that_day_count() -> None:
    own = [row("a", "9", "2026-01-01"), row("a", "5", "2026-02-01"), row("a", "1", "2026-03-01"), row("b", "7", None)]
    assert gpu_hour_usd("h100_sxm", date(2026, 1, 31), own=own).typical.usd_per_gpu_hour == 8  # (9 + 7) / 2
    assert gpu_hour_usd("h100_sxm", date(2026, 2, 28), own=own).typical.usd_per_gpu_hour == 6  # (5 + 7) / 2
    assert gpu_hour_usd("h100_sxm", date(2026, 3, 1), own=own).low.usd_per_gpu_hour == 1


def test_a_provider_with_many_offers_counts_once() -> None:
    own = [row("a", usd, "2026-01-01") for usd in ("1", "1", "1", "2")] + [row("b", "5", "2026-01-01")]
    price = gpu_hour_usd("h100_sxm", NOW, own=own)
    assert price.typical.usd_per_gpu_hour == 3  # (1 + 5) / 2
    assert price.providers == 2


def test_own_rows_replace_the_bundled_ones_of_that_gpu_and_commitment_only() -> None:
    own = [row("mine", "2.5", None)]
    assert gpu_hour_usd("h100_sxm", NOW, own=own).high.usd_per_gpu_hour == Decimal("2.5")
    assert gpu_hour_usd("l4", NOW, own=own) == gpu_hour_usd("l4", NOW)
    assert gpu_hour_usd("h100_sxm", NOW, "spot", own=own) == gpu_hour_usd("h100_sxm", NOW, "spot")


def test_a_day_before_the_first_row_is_no_data_and_names_it() -> None:
    with pytest.raises(NoData, match="the first is of 2026-05-17"):
        gpu_hour_usd("l4", date(2026, 5, 16))
    assert gpu_hour_usd("l4", date(2026, 5, 17)).low.usd_per_gpu_hour == Decimal("0.708")


def test_no_discount_is_assumed_for_a_commitment_without_a_row() -> None:
    with pytest.raises(NoData, match="no reserved_1y price of h100_sxm"):
        gpu_hour_usd("h100_sxm", NOW, "reserved_1y")


def test_an_unknown_gpu_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownName) as caught:
        gpu_hour_usd("h100_sxn", NOW)
    assert caught.value.hint == "did you mean 'h100_sxm'?"


def test_every_bundled_row_is_dated_sourced_and_there_once() -> None:
    rows = bundled_rows()
    assert all(one.checked_on and one.source for one in rows)
    offers = Counter((r.provider, r.gpu, r.count, r.commitment, r.region, r.checked_on) for r in rows)
    assert max(offers.values()) == 1
    assert known_gpus() == [
        "a100_pcie80", "a100_sxm80", "a10g", "b200_sxm", "h100_pcie", "h100_sxm", "h200_sxm", "l4", "l40s", "mi300x",
    ]  # fmt: skip


@pytest.mark.parametrize("one", [r for r in bundled_rows() if " / " in r.source], ids=lambda r: r.source[:40])
def test_a_price_per_gpu_is_the_instances_price_divided_by_its_gpus(one: GpuRow) -> None:
    instance, count = re.findall(r"(\d+\.\d+) / (\d+)", one.source)[0]
    assert one.count == Decimal(count)
    assert one.usd_per_gpu_hour * one.count == Decimal(instance)
