"""How long it takes from the wake-up to a served request: an interval, with its parts and their sources."""

import csv
from dataclasses import dataclass
from math import ceil
from pathlib import Path

FILE = Path(__file__).parent / "data" / "start_times.csv"
MIB = 1024**2
SLOWEST_RATIO = 0.5  # of the throughput that a volume promises: assumed, until a drill has measured it
STEP_S = 60
FLOOR_S, CEILING_S = 300, 5760  # what expected_start_max_s may be

# Which parts a mode goes through; in mode hot the instances that stand by serve already.
PARTS = {
    "cold": ("node", "boot", "image", "download", "load", "engine", "health"),
    "warm": ("boot", "load", "engine", "health"),
    "hot": (),
}


@dataclass(frozen=True)
class Part:
    """One part of a start, in seconds."""

    name: str
    low_s: float
    high_s: float
    source: str


def recovery(mode: str, weights_bytes: float, throughput_mib_s: int) -> list[Part]:
    """The parts of a start in a mode, one after the other."""
    known = _measured() | _computed(weights_bytes, throughput_mib_s, cached=mode == "cold")
    return [known[name] for name in PARTS[mode]]


def disk_mib_s(volume_mib_s: int, instance_mb_s: float) -> int:
    """What can be read: the volume may give more than the instance takes."""
    return min(volume_mib_s, int(instance_mb_s * 1e6 / MIB))


def bounds_s(parts: list[Part]) -> tuple[float, float]:
    return sum(part.low_s for part in parts), sum(part.high_s for part in parts)


def expected_start_max_s(weights_bytes: float, throughput_mib_s: int) -> int | None:
    """What to give the module: the upper bound of a cold start in whole minutes; None where no hook waits so long.

    A warm pool is filled by cold starts too, so that the mode does not matter.
    """
    high = bounds_s(recovery("cold", weights_bytes, throughput_mib_s))[1]
    rounded = max(FLOOR_S, ceil(high / STEP_S) * STEP_S)
    return rounded if rounded <= CEILING_S else None


def _computed(weights_bytes: float, throughput_mib_s: int, *, cached: bool) -> dict[str, Part]:
    """Reading and writing the weights, at the throughput of the volume and at half of it."""
    quickest = weights_bytes / (throughput_mib_s * MIB)
    slowest = quickest / SLOWEST_RATIO
    told = f"{weights_bytes / 1e9:,.1f} GB at {throughput_mib_s} MiB/s, and at half of it (assumed)"
    from_memory = "none where the memory still holds what was just written; " if cached else ""
    return {
        "download": Part("download", quickest, slowest, f"bucket to volume: {told}"),
        "load": Part("load", 0.0 if cached else quickest, slowest, f"volume to GPUs: {from_memory}{told}"),
    }


def _measured() -> dict[str, Part]:
    lines = [line for line in FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    rows = csv.DictReader(lines)
    return {row["part"]: Part(row["part"], float(row["low_s"]), float(row["high_s"]), row["source"]) for row in rows}
