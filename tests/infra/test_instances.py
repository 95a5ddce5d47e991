"""Instance types: which hold a model, and why the others do not."""

import importlib.util

import pytest

from llmops.infra.instances import InstanceType, ModelNeeds, fit, fits, instance_types

BY_NAME = {it.name: it for it in instance_types()}
# Llama 3.3 70B in BF16: 70.6e9 × 2 bytes; a context of 8,192 tokens × 80 layers × 2,048 elements × 2 bytes
LLAMA_70B = ModelNeeds("Llama-3.3-70B", "bf16", 141.2e9, 8192 * 80 * 2048 * 2, 8192, 8)


def test_the_table_is_that_of_ec2_as_moto_bundles_it() -> None:
    if importlib.util.find_spec("moto") is None:
        pytest.skip("moto is not installed")
    from moto.ec2.models.instance_types import INSTANCE_TYPES

    told = {name: it["GpuInfo"]["Gpus"][0] for name, it in INSTANCE_TYPES.items() if "GpuInfo" in it}
    nvidia = {name: it for name, it in told.items() if it["Manufacturer"] == "NVIDIA"}
    assert {name: (it.gpu, it.gpu_count, it.gpu_memory_mib) for name, it in BY_NAME.items()} == {
        name: (it["Name"], it["Count"], it["MemoryInfo"]["SizeInMiB"]) for name, it in nvidia.items()
    }


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("g5.12xlarge", False),
        ("g6.12xlarge", False),
        ("g6e.12xlarge", True),
        ("p4d.24xlarge", True),
        ("p5.48xlarge", True),
        ("g4dn.12xlarge", False),
    ],
)
def test_llama_70b_in_bf16(name: str, holds: bool) -> None:
    assert fit(BY_NAME[name], LLAMA_70B).fits is holds


def test_memory_is_counted_a_gpu_at_a_time() -> None:
    # 45,776 MiB × 0.9 - 2.5e9 - 141.2e9 / 4 = 5.4e9 a GPU; its part of one sequence is 2,684,354,560 / 4
    told = fit(BY_NAME["g6e.12xlarge"], LLAMA_70B)
    assert told.sequences == pytest.approx((45776 * 1024**2 * 0.9 - 2.5e9 - 35.3e9) * 4 / 2_684_354_560)
    assert 8 < told.sequences < 9
    small = fit(BY_NAME["g5.12xlarge"], LLAMA_70B)
    assert (small.short, "76 GB of usable memory for 141 GB of weights" in small.reason) == ("76 GB usable", True)


def box(**changed: object) -> InstanceType:
    told = {"gpu_count": 4, "gpu_memory_mib": 80_000, "compute_capability": 9.0, "architecture": "x86_64"}
    return InstanceType(name="x", gpu="X", vcpus=8, network="", ebs_mb_per_second=1000, **{**told, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"gpu_count": 0}, "only a part of a GPU"),
        ({"architecture": "arm64"}, "arm64: the image of vLLM is for x86_64"),
        ({"compute_capability": 7.5}, "X has no bf16"),
        ({"gpu_count": 6}, "6 GPUs do not divide the heads of a model"),
    ],
)
def test_what_cannot_run_it_at_all_says_why(changed: dict[str, object], reason: str) -> None:
    assert fit(box(), LLAMA_70B).fits
    assert fit(box(**changed), LLAMA_70B).reason == reason


def test_room_for_one_sequence_is_needed_and_enough() -> None:
    room = 80_000 * 1024**2 * 0.9 - 2.5e9  # of one GPU
    exactly = ModelNeeds("m", "bf16", room - 1e9, 1e9, 1, 8)
    assert fit(box(gpu_count=1), exactly).fits
    assert not fit(box(gpu_count=1), ModelNeeds("m", "bf16", room - 1e9 + 1, 1e9, 1, 8)).fits


def test_a_latent_cache_is_whole_on_every_gpu() -> None:
    cut, whole = (ModelNeeds("m", "bf16", 1e9, 1e9, 1, heads) for heads in (8, 1))
    assert fit(box(), cut).sequences == pytest.approx(4 * fit(box(), whole).sequences)


def test_the_least_memory_comes_first() -> None:
    sizes = [it.instance.memory_gb for it in fits(LLAMA_70B)]
    assert sizes == sorted(sizes)
    assert len(sizes) == len(BY_NAME) == 65
