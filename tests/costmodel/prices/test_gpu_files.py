"""Price files of users."""

from decimal import Decimal
from pathlib import Path

import pytest

from llmops.costmodel.prices.gpu_files import read_gpu_prices
from llmops.errors import BadInput, NoData

HEADER = "provider,gpu,count,usd_per_gpu_hour,commitment,region,source,checked_on\n"
GOOD = "acme,h100_sxm,8,2.50,on_demand,eu,contract 17,2026-10-01\n"
SKYPILOT = "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,Price,Region,GpuInfo,SpotPrice\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "prices.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_our_own_layout_is_read(tmp_path: Path) -> None:
    (row,) = read_gpu_prices(written(tmp_path, HEADER + GOOD))
    assert (row.provider, row.usd_per_gpu_hour, row.dated) == ("acme", Decimal("2.50"), "2026-10-01")


def test_skypilots_instances_are_divided_by_their_gpus(tmp_path: Path) -> None:
    folder = tmp_path / "nebius"
    folder.mkdir()
    lines = [
        "gpu-h100-sxm_8gpu,H100,8,128,1600,23.60,eu-north1,,10.00",
        "cpu-only,,,4,16,0.20,eu-north1,,",
        "Standard_NC24ads_A100_v4,A100-80GB,1,24,220,3.673,eastus,,",
        "x,MyChip-1,2,4,16,,here,,1.0",
    ]
    rows = read_gpu_prices(written(folder, SKYPILOT + "\n".join(lines)))
    assert [(row.gpu, row.commitment, row.usd_per_gpu_hour) for row in rows] == [
        ("h100_sxm", "on_demand", Decimal("2.95")),  # 23.60 / 8
        ("h100_sxm", "spot", Decimal("1.25")),  # 10 / 8
        ("a100_pcie80", "on_demand", Decimal("3.673")),
        ("mychip_1", "spot", Decimal("0.5")),
    ]
    assert {row.provider for row in rows} == {"nebius"}
    assert {row.dated for row in rows} == {"undated"}


def test_a_catalogue_of_skypilot_is_read(shared_data: Path) -> None:
    rows = read_gpu_prices(shared_data / "gpu_prices" / "skypilot_v8_nebius_gpu_vms.csv")
    assert {row.usd_per_gpu_hour for row in rows if (row.gpu, row.commitment) == ("h100_sxm", "on_demand")} == {
        Decimal("2.95")
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEADER + GOOD + GOOD.replace("2.50", "cheap"), "line 3: usd_per_gpu_hour is not a number: 'cheap'"),
        (HEADER + GOOD.replace("2.50", "0"), "line 2: usd_per_gpu_hour must be above zero"),
        (HEADER + GOOD.replace("2.50", "-1"), "line 2: usd_per_gpu_hour must be above zero"),
        (HEADER + GOOD.replace("2.50", "NaN"), "line 2: usd_per_gpu_hour must be above zero"),
        (HEADER + GOOD.replace(",8,", ",0,"), "line 2: count must be above zero"),
        (HEADER + GOOD.replace("on_demand", "ondemand"), "line 2: unknown commitment 'ondemand'"),
        (HEADER + GOOD.replace("contract 17", ""), "line 2: source is empty"),
        (HEADER + GOOD.replace("2026-10-01", "soon"), "line 2: checked_on is not a date: 'soon'"),
        (HEADER + GOOD.replace("2026-10-01", ""), "line 2: checked_on is not a date"),
        (HEADER.replace("source", "sauce") + GOOD, "has no column 'source'"),
        (HEADER + '"', "is not valid CSV"),
    ],
)
def test_a_wrong_file_is_answered_with_the_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_gpu_prices(written(tmp_path, text))
    assert message in str(caught.value)
    assert caught.value.hint


def test_a_file_without_rows_is_no_data(tmp_path: Path) -> None:
    with pytest.raises(NoData):
        read_gpu_prices(written(tmp_path, HEADER))


def test_missing_and_undecodable_files_are_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot read"):
        read_gpu_prices(tmp_path / "none.csv")
    path = tmp_path / "latin.csv"
    path.write_bytes(HEADER.encode() + b"caf\xe9\n")
    with pytest.raises(BadInput, match="not UTF-8"):
        read_gpu_prices(path)


def test_an_empty_file_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="has no column 'provider'"):
        read_gpu_prices(written(tmp_path, ""))
