from decimal import Decimal

import pytest

from llmops.costmodel.tco.config import StatedLine
from llmops.costmodel.tco.lines import Range, total
from llmops.costmodel.tco.options.self_host import GpuTime, SelfHost
from llmops.errors import BadInput
from llmops.report import Source

HOURS = Decimal(730)


def gpu_time(serving: Range, spare: int = 0) -> GpuTime:
    price = Range(Decimal(2), Decimal(3), Decimal(5))
    return GpuTime(serving, Range.exactly(spare), price, "measured", Source("gpus", "test"))


def lines_of(option: SelfHost) -> dict[str, Range]:
    return {line.name: line.usd_per_month for line in option.lines()}


def test_gpus_are_paid_for_every_hour_of_the_month() -> None:
    option = SelfHost(HOURS, gpu_time(Range(Decimal(1), Decimal(2), Decimal(4))), only_stated=True)
    # 1 × 2 × 730, 2 × 3 × 730, 4 × 5 × 730
    assert lines_of(option) == {"gpus": Range(Decimal(1460), Decimal(4380), Decimal(14600))}


def test_a_spare_replica_is_a_line_of_its_own() -> None:
    option = SelfHost(HOURS, gpu_time(Range.exactly(2), spare=1), only_stated=True)
    assert lines_of(option)["redundancy"] == Range(Decimal(1460), Decimal(2190), Decimal(3650))  # 2, 3, 5 × 730


def test_people_and_tools_come_from_published_figures() -> None:
    lines = lines_of(SelfHost(HOURS, gpu_time(Range.exactly(1))))
    assert lines["people"] == Range(Decimal(2500), Decimal("8333.33"), Decimal(31250))
    assert lines["observability"] == Range(Decimal(500), Decimal(1000), Decimal(2000))
    assert lines["load_balancer"].typical == Decimal("16.425")  # 0.0225 × 730


def test_storage_holds_the_weights_in_copies() -> None:
    lines = lines_of(SelfHost(HOURS, gpu_time(Range.exactly(1)), weights_gb=Decimal(100)))
    # 100 GB × 1 × 0.018, × 2 × 0.023, × 6 × 0.0255
    assert lines["storage"] == Range(Decimal("1.800"), Decimal("4.600"), Decimal("15.3000"))


def test_egress_starts_above_the_free_allowance() -> None:
    def egress(tokens: int) -> Range:
        return lines_of(SelfHost(HOURS, None, output_tokens_per_month=Decimal(tokens), stated=GPUS))["egress"]

    assert egress(0) == Range.exactly(0)
    # 2e9 tokens: 10 GB, 100 GB, 600 GB; less 100 free: 0, 0, 500 × 0.09
    assert egress(2_000_000_000) == Range(Decimal(0), Decimal(0), Decimal(45))
    # 4e9 tokens: 20 GB, 200 GB, 1,200 GB; less 100 free: 0, 100 × 0.09, 1,100 × 0.09
    assert egress(4_000_000_000) == Range(Decimal(0), Decimal(9), Decimal(99))


def test_what_needs_the_model_or_the_demand_is_left_out_where_they_are_unknown() -> None:
    assert not {"storage", "egress"} & set(lines_of(SelfHost(HOURS, gpu_time(Range.exactly(1)))))


def test_electricity_never_applies_to_rented_gpus() -> None:
    stated = {"electricity": StatedLine(low=400, high=600, applies_to="owned"), **GPUS}
    assert "electricity" not in lines_of(SelfHost(HOURS, None, stated=stated, ownership="rented", only_stated=True))
    owned = lines_of(SelfHost(HOURS, None, stated=stated, ownership="owned", only_stated=True))
    assert owned["electricity"] == Range(Decimal(400), Decimal(500), Decimal(600))


def test_electricity_stated_for_both_applies_to_rented_gpus_too() -> None:
    stated = {"electricity": StatedLine(low=400, high=600), **GPUS}
    assert "electricity" in lines_of(SelfHost(HOURS, None, stated=stated, only_stated=True))


def test_a_stated_line_replaces_the_published_one() -> None:
    stated = {"people": StatedLine(low=100, typical=200, high=300)}
    option = SelfHost(HOURS, gpu_time(Range.exactly(1)), stated=stated)
    assert lines_of(option)["people"] == Range(Decimal(100), Decimal(200), Decimal(300))
    assert [line.basis for line in option.lines() if line.name == "people"] == ["stated"]


def test_owned_hardware_without_a_stated_cost_is_refused() -> None:
    with pytest.raises(BadInput, match="owned hardware"):
        SelfHost(HOURS, gpu_time(Range.exactly(1)), ownership="owned").lines()


def test_owned_hardware_without_stated_electricity_is_refused_and_not_free() -> None:
    with pytest.raises(BadInput, match="electricity"):
        SelfHost(HOURS, None, ownership="owned", stated=GPUS).lines()
    stated = {**GPUS, "electricity": StatedLine(low=0, high=0)}
    assert "people" in lines_of(SelfHost(HOURS, None, ownership="owned", stated=stated))


def test_every_line_has_a_source() -> None:
    option = SelfHost(HOURS, gpu_time(Range.exactly(1), spare=1), Decimal(70), Decimal(10**9))
    assert all(line.source.what for line in option.lines())
    assert total(option.lines()).typical > 0


GPUS = {"gpus": StatedLine(low=1000, high=1000)}
