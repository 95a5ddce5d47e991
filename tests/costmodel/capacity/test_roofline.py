"""The roofline: a worked example per term, and the laws that any step time keeps."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmops.costmodel.capacity.deployment import Deployment, precision
from llmops.costmodel.capacity.roofline import Roofline
from llmops.costmodel.capacity.specs import gpu, model, models

LLAMA = Deployment(model("Llama-3.3-70B"), gpu("h100_sxm"), precision("fp8"), 2)
TABLE = 128256 * 8192
BODY = 70.6e9 - 2 * TABLE
ALL_REDUCE_S = 2 * 80 * (8e-6 + 2 * (1 / 2) * 8192 * 2 / 450e9)  # per token: twice a layer, half of 900 GB/s a way
OVERHEAD_S = 0.002


def test_a_single_sequence_waits_for_the_weights_and_its_cache() -> None:
    read = (BODY + 2 * TABLE) / 2  # of one GPU: the body in fp8, the head in bf16; the embedding is looked up, not read
    kv = 1000 * 2 * 80 * 8 * 128 * 2 / 2
    expected = (read + kv) / (3350e9 * 0.60) + ALL_REDUCE_S + OVERHEAD_S
    assert Roofline(LLAMA)(1, 1000, 0) == pytest.approx(expected)  # 20.9 ms
    assert Roofline(LLAMA).bound(1, 1000, 0) == "bandwidth"


def test_a_long_prompt_waits_for_the_arithmetic() -> None:
    weights = 2 * 8192 * (BODY + TABLE) / 1979e12
    attention = 4 * 8192 * 64 * 128 * 80 * 4096 / 989e12  # over half of its 8,192 tokens, in bf16
    all_reduce = 2 * 80 * (8e-6 + 2 * (1 / 2) * 8192 * 8192 * 2 / 450e9)
    expected = (weights + attention) / (2 * 0.45) + all_reduce + OVERHEAD_S
    assert Roofline(LLAMA)(0, 8192, 8192) == pytest.approx(expected)
    assert Roofline(LLAMA).bound(0, 8192, 8192) == "compute"


@pytest.mark.parametrize(("tokens", "touched"), [(1, 0.25), (2, 1 - 0.75**2), (8, 1 - 0.75**8)])
def test_a_batch_reads_only_the_experts_that_it_touches(tokens: int, touched: float) -> None:
    mixtral = Deployment(model("Mixtral-8x7B"), gpu("h100_sxm"), precision("bf16"), 1)
    experts, table = 32 * 8 * 3 * 4096 * 14336, 32000 * 4096
    read = 2 * (46.7e9 - experts - table + experts * touched)  # all but the embedding
    assert Roofline(mixtral)(tokens, 0, 0) == pytest.approx(read / (3350e9 * 0.60) + OVERHEAD_S)


def test_one_gpu_reduces_nothing() -> None:
    alone = Roofline(Deployment(model("Qwen3-8B"), gpu("h100_sxm"), precision("bf16"), 1))
    read = 2 * (8.19e9 - 151936 * 4096)
    assert alone(1, 0, 0) == pytest.approx(read / (3350e9 * 0.60) + OVERHEAD_S)


def test_arrays_broadcast_and_agree_with_single_numbers() -> None:
    roofline, batches = Roofline(LLAMA), np.array([1.0, 16.0, 256.0])
    one_by_one = [float(roofline(batch, 2000, 64)) for batch in batches]
    assert roofline(batches, 2000, 64).tolist() == pytest.approx(one_by_one)
    assert roofline(batches[:, None], np.array([100.0, 200.0]), 0).shape == (3, 2)


LOADS = st.tuples(st.floats(1, 512), st.floats(1, 32_000), st.floats(0, 8192))


@given(load=LOADS, more=LOADS, spec=st.sampled_from(models()), tensor_parallel=st.sampled_from([1, 8]))
def test_more_of_anything_never_shortens_a_step(
    load: tuple[float, float, float], more: tuple[float, float, float], spec: object, tensor_parallel: int
) -> None:
    roofline = Roofline(replace(LLAMA, model=spec, tensor_parallel=tensor_parallel))  # type: ignore[arg-type]
    base = roofline(*load)
    for which in range(3):
        larger = list(load)
        larger[which] += more[which]
        assert roofline(*larger) >= base


@given(load=LOADS, times=st.floats(1, 4))
def test_more_bandwidth_or_compute_is_never_slower(load: tuple[float, float, float], times: float) -> None:
    base = Roofline(LLAMA)(*load)
    wide = replace(LLAMA.gpu, memory_gb_per_s=LLAMA.gpu.memory_gb_per_s * times)
    strong = replace(LLAMA.gpu, fp8_tflops=1979 * times, bf16_tflops=989 * times)
    assert Roofline(replace(LLAMA, gpu=wide))(*load) <= base
    assert Roofline(replace(LLAMA, gpu=strong))(*load) <= base
