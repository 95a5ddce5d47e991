"""What fits: worked examples, published checkpoint sizes, and both sides of every edge."""

import pytest

from llmops.costmodel.capacity.deployment import Deployment, precision
from llmops.costmodel.capacity.memory import (
    kv_bytes,
    kv_room_bytes,
    kv_shards,
    sequences_that_fit,
    smallest_tensor_parallel,
    weights_bytes,
)
from llmops.costmodel.capacity.specs import gpu, model
from llmops.errors import BadInput

LLAMA_70B, FP8, H100 = model("Llama-3.3-70B"), precision("fp8"), gpu("h100_sxm")
TABLE = 128256 * 8192  # vocabulary * hidden, twice: embedding and output head
WEIGHTS = (70.6e9 - 2 * TABLE) * 1 + 2 * TABLE * 2  # body in fp8, tables in bf16


def test_quantised_weights_keep_embedding_and_head_in_bf16() -> None:
    assert weights_bytes(LLAMA_70B, FP8) == WEIGHTS


@pytest.mark.parametrize(
    ("name", "precision_name", "checkpoint_gb"),
    [
        ("gpt-oss-120b", "mxfp4", 60.8 * 1.073741824),  # OpenAI model card, table 1: 60.8 GiB
        ("gpt-oss-20b", "mxfp4", 12.8 * 1.073741824),  # the same: 12.8 GiB
        ("Llama-3.1-8B", "bf16", 16.06),  # 8.03 billion weights of 2 bytes
    ],
)
def test_weights_weigh_what_the_checkpoint_does(name: str, precision_name: str, checkpoint_gb: float) -> None:
    assert weights_bytes(model(name), precision(precision_name)) == pytest.approx(checkpoint_gb * 1e9, rel=0.01)


def test_one_token_caches_keys_and_values_of_all_layers() -> None:
    assert kv_bytes(LLAMA_70B, 1) == 2 * 80 * 8 * 128 * 2


@pytest.mark.parametrize("context", [127, 128, 129, 1000])
def test_a_window_stops_growing_when_it_is_full(context: int) -> None:
    assert kv_bytes(model("gpt-oss-120b"), context) == (18 * context + 18 * min(context, 128)) * 1024 * 2


def test_room_is_nine_tenths_less_weights_and_reserve() -> None:
    deployment = Deployment(LLAMA_70B, H100, FP8, 2)
    assert kv_room_bytes(deployment) == pytest.approx(0.9 * 80e9 - WEIGHTS / 2 - 2.5e9)
    per_sequence = 2 * 80 * 8 * 128 * 2 * 8192 / 2  # of one of the two GPUs
    assert sequences_that_fit(deployment, 8192) == pytest.approx((69.5e9 - WEIGHTS / 2) / per_sequence)


def test_the_cache_is_cut_by_kv_heads_and_a_latent_is_not_cut() -> None:
    assert kv_shards(Deployment(model("Qwen3-235B-A22B"), H100, FP8, 8)) == 4  # 4 KV heads
    assert kv_shards(Deployment(LLAMA_70B, H100, FP8, 8)) == 8
    assert kv_shards(Deployment(model("DeepSeek-V3"), H100, FP8, 8)) == 1


def test_a_70b_in_fp8_takes_two_h100_and_in_int4_one() -> None:
    assert smallest_tensor_parallel(LLAMA_70B, H100, FP8, 8192) == 2  # 72.7 GB > 72 - 2.5
    assert smallest_tensor_parallel(LLAMA_70B, H100, precision("int4"), 8192) == 1  # 36.3 + 4.2 GB


def test_one_gpu_holds_a_context_up_to_the_edge_and_not_beyond() -> None:
    spec, bf16 = model("Llama-3.1-8B"), precision("bf16")
    edge = int((0.9 * 24e9 - 16.06e9 - 2.5e9) / (2 * 32 * 8 * 128 * 2))  # 23,193 tokens on an L4
    assert smallest_tensor_parallel(spec, gpu("l4"), bf16, edge) == 1
    assert smallest_tensor_parallel(spec, gpu("l4"), bf16, edge + 1) == 2


def test_what_fits_nowhere_names_what_would_hold_it() -> None:
    with pytest.raises(BadInput, match=r"DeepSeek-V3 in bf16 on 8 x h100_sxm does not fit: 1,342\.0 GB") as caught:
        smallest_tensor_parallel(model("DeepSeek-V3"), H100, precision("bf16"), 4096)
    assert caught.value.hint == "it would fit as DeepSeek-V3 in bf16 on 8 x mi300x"  # 8 * 170.3 = 1,362 GB


def test_what_fits_on_no_gpu_says_so() -> None:
    with pytest.raises(BadInput) as caught:
        smallest_tensor_parallel(model("DeepSeek-V3"), H100, precision("bf16"), 1e9)
    assert "smaller model" in caught.value.hint
