"""GPU price files: our own layout, and SkyPilot's vms.csv; known by their header."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from llmops.errors import BadInput, NoData, nearest_hint

COMMITMENTS = ("on_demand", "spot", "reserved_1y", "reserved_3y")
COLUMNS = ("provider", "gpu", "count", "usd_per_gpu_hour", "commitment", "region", "source", "checked_on")
SKYPILOT_COLUMNS = ("InstanceType", "AcceleratorName", "AcceleratorCount", "Price", "Region", "SpotPrice")

# How SkyPilot spells the GPUs that have a name here; another one keeps its own, in lower case.
_SKYPILOT_GPUS = {
    "A100-80GB": "a100_sxm80",
    "A100-80GB-SXM": "a100_sxm80",
    "H100": "h100_sxm",
    "H100-SXM": "h100_sxm",
    "H200": "h200_sxm",
    "H200-SXM": "h200_sxm",
    "B200": "b200_sxm",
}
_PCIE = {"A100-80GB": "a100_pcie80", "H100": "h100_pcie"}  # where the name of the instance says so


@dataclass(frozen=True)
class GpuRow:
    """One price of one provider, as somebody read it on a day."""

    provider: str
    gpu: str
    count: Decimal  # GPUs of the instance; its price was divided by it
    usd_per_gpu_hour: Decimal
    commitment: str
    region: str
    source: str
    checked_on: date | None  # None: the file does not say when, so that it always holds

    @property
    def dated(self) -> str:
        """When the price was read, or `undated`."""
        return self.checked_on.isoformat() if self.checked_on else "undated"


def read_gpu_prices(path: Path) -> list[GpuRow]:
    """The rows of a price file. BadInput names the line that is wrong; NoData where there is no GPU row."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(_rows(csv.DictReader(lines, strict=True), path))
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}", hint="check the path and its permissions") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 text", hint="save it as UTF-8") from error
    except csv.Error as error:
        raise BadInput(f"{path} is not valid CSV: {error}", hint="check the quotes") from error
    if not rows:
        raise NoData(f"{path} has no GPU price", hint=f"its columns are {', '.join(COLUMNS)}")
    return rows


def _rows(reader: "csv.DictReader[str]", path: Path) -> Iterator[GpuRow]:
    header = list(reader.fieldnames or ())
    if set(SKYPILOT_COLUMNS) <= set(header):
        for record in reader:
            yield from _skypilot(record, f"{path}: line {reader.line_num}", path)
        return
    _check_header(header, path)
    for record in reader:
        yield _own(record, f"{path}: line {reader.line_num}")


def _check_header(header: list[str], path: Path) -> None:
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        near = nearest_hint(missing[0], header)
        hint = near if near.startswith("did you mean") else f"needed: {', '.join(COLUMNS)}, or SkyPilot's vms.csv"
        raise BadInput(f"{path} has no column {missing[0]!r}", hint=hint)


def _own(record: dict[str, str], where: str) -> GpuRow:
    commitment = _text(record, "commitment")
    if commitment not in COMMITMENTS:
        raise BadInput(f"{where}: unknown commitment {commitment!r}", hint=nearest_hint(commitment, COMMITMENTS))
    for column in ("provider", "gpu", "source"):
        if not _text(record, column):
            raise BadInput(f"{where}: {column} is empty", hint="a price needs a provider, a GPU and a source")
    return GpuRow(
        provider=_text(record, "provider"),
        gpu=_text(record, "gpu"),
        count=_positive(record, "count", where),
        usd_per_gpu_hour=_positive(record, "usd_per_gpu_hour", where),
        commitment=commitment,
        region=_text(record, "region"),
        source=_text(record, "source"),
        checked_on=_day(_text(record, "checked_on"), where),
    )


def _skypilot(record: dict[str, str], where: str, path: Path) -> Iterator[GpuRow]:
    """One row per price that is stated; none for instances without a GPU."""
    name = _text(record, "AcceleratorName")
    if not name:
        return
    count = _positive(record, "AcceleratorCount", where)
    for column, commitment in (("Price", "on_demand"), ("SpotPrice", "spot")):
        if _text(record, column):
            yield GpuRow(
                provider=path.resolve().parent.name,  # SkyPilot keeps one vms.csv per provider, in its folder
                gpu=_skypilot_gpu(name, _text(record, "InstanceType")),
                count=count,
                usd_per_gpu_hour=_positive(record, column, where) / count,
                commitment=commitment,
                region=_text(record, "Region"),
                source=f"{path.name}, {_text(record, 'InstanceType')}",
                checked_on=None,
            )


def _skypilot_gpu(name: str, instance: str) -> str:
    """SkyPilot does not tell PCIe from SXM; Azure's NC series and names such as `1x_A100-80GB-PCIe` do."""
    if name in _PCIE and ("pcie" in instance.lower() or instance.startswith("Standard_NC")):
        return _PCIE[name]
    return _SKYPILOT_GPUS.get(name, name.lower().replace("-", "_"))


def _text(record: dict[str, str], column: str) -> str:
    return (record.get(column) or "").strip()


def _positive(record: dict[str, str], column: str, where: str) -> Decimal:
    text = _text(record, column)
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise BadInput(f"{where}: {column} is not a number: {text!r}", hint="write it as 2.69") from error
    if not (value.is_finite() and value > 0):
        raise BadInput(f"{where}: {column} must be above zero, not {text}", hint="leave out rows without a price")
    return value


def _day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"{where}: checked_on is not a date: {text!r}", hint="write it as 2026-09-25") from error
