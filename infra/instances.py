"""EC2 instance types with NVIDIA GPUs, and whether a model fits on one."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "data" / "instance_types.csv"
MIB = 1024**2
USABLE_RATIO = 0.9  # of the memory: vLLM's default gpu_memory_utilization
RESERVED_BYTES = 2.5e9  # per GPU: activations, graphs, communication buffers
TENSOR_PARALLEL = (1, 2, 4, 8)  # what the heads of models divide by
MIN_CAPABILITY = 8.0  # bf16, and weights in 8 and 4 bits by the kernels that vLLM has for them


@dataclass(frozen=True)
class InstanceType:
    """One type, as EC2 describes it."""

    name: str
    gpu: str
    gpu_count: int  # 0: a part of one
    gpu_memory_mib: int  # of each
    compute_capability: float
    architecture: str
    vcpus: int
    network: str
    ebs_mb_per_second: float

    @property
    def memory_gb(self) -> float:
        """Of all GPUs, decimal."""
        return self.gpu_count * self.gpu_memory_mib * MIB / 1e9


@dataclass(frozen=True)
class ModelNeeds:
    """What a model takes: its weights, and the cache of one sequence of the longest context."""

    name: str
    precision: str
    weights_bytes: float
    sequence_bytes: float  # KV cache of one sequence, whole
    context_tokens: int
    kv_heads: int  # into how many parts the cache can be cut


@dataclass(frozen=True)
class Fit:
    """Whether one type holds a model, and why not."""

    instance: InstanceType
    sequences: float  # of the longest context, at a time; below 1 it does not fit
    reason: str = ""  # empty where it fits
    short: str = ""  # the same in a few words

    @property
    def fits(self) -> bool:
        return not self.reason


@cache
def instance_types() -> tuple[InstanceType, ...]:
    """All types of the table."""
    lines = [line for line in FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return tuple(
        InstanceType(
            name=row["instance_type"],
            gpu=row["gpu"],
            gpu_count=int(row["gpu_count"]),
            gpu_memory_mib=int(row["gpu_memory_mib"]),
            compute_capability=float(row["compute_capability"]),
            architecture=row["architecture"],
            vcpus=int(row["vcpus"]),
            network=row["network"],
            ebs_mb_per_second=float(row["ebs_mb_per_second"]),
        )
        for row in csv.DictReader(lines)
    )


def fit(instance: InstanceType, needs: ModelNeeds) -> Fit:
    """All GPUs of the instance hold the model together, as the node starts it: tensor parallelism is their number."""
    if instance.gpu_count == 0:
        return _not(instance, "only a part of a GPU")
    if instance.architecture != "x86_64":
        return _not(instance, f"{instance.architecture}: the image of vLLM is for x86_64")
    if instance.compute_capability < MIN_CAPABILITY:
        return _not(instance, f"{instance.gpu} has no bf16")
    if instance.gpu_count not in TENSOR_PARALLEL:
        return _not(instance, f"{instance.gpu_count} GPUs do not divide the heads of a model")
    return _by_memory(instance, needs)


def _by_memory(instance: InstanceType, needs: ModelNeeds) -> Fit:
    gpus = instance.gpu_count
    room = USABLE_RATIO * instance.gpu_memory_mib * MIB - RESERVED_BYTES - needs.weights_bytes / gpus
    sequences = room * min(gpus, needs.kv_heads) / needs.sequence_bytes
    if sequences >= 1:
        return Fit(instance, sequences)
    usable_gb = gpus * (USABLE_RATIO * instance.gpu_memory_mib * MIB - RESERVED_BYTES) / 1e9
    weights_gb = needs.weights_bytes / 1e9
    reason = f"{usable_gb:,.0f} GB of usable memory for {weights_gb:,.0f} GB of weights and one sequence"
    return Fit(instance, sequences, reason, f"{usable_gb:,.0f} GB usable")


def _not(instance: InstanceType, reason: str) -> Fit:
    return Fit(instance, 0, reason, reason)


def fits(needs: ModelNeeds, types: Iterable[InstanceType] | None = None) -> list[Fit]:
    """Every type, those with the least memory first."""
    ordered = sorted(instance_types() if types is None else types, key=lambda it: (it.memory_gb, it.name))
    return [fit(instance, needs) for instance in ordered]
