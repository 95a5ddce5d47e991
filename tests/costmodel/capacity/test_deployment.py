"""Parts that go together, and parts that do not."""

import pytest

from llmops.costmodel.capacity.deployment import Deployment, checked, precision
from llmops.costmodel.capacity.specs import gpu, model
from llmops.errors import BadInput, UnknownName


def _deployment(model_name: str, gpu_name: str, precision_name: str, tensor_parallel: int = 1) -> Deployment:
    return Deployment(model(model_name), gpu(gpu_name), precision(precision_name), tensor_parallel)


def test_fp8_does_not_run_on_a100() -> None:
    with pytest.raises(BadInput, match="A100 SXM4 80GB has no fp8 units") as caught:
        checked(_deployment("Llama-3.1-8B", "a100_sxm80", "fp8"))
    assert caught.value.hint == "choose bf16 or int4 or mxfp4, or a GPU with fp8 units"


@pytest.mark.parametrize("name", ["bf16", "int4"])
def test_bf16_and_int4_run_on_a100(name: str) -> None:
    deployment = _deployment("Llama-3.1-8B", "a100_sxm80", name)
    assert checked(deployment).unit_flops == 312e12  # 4-bit weights are multiplied in bf16


def test_fp4_needs_blackwell() -> None:
    assert checked(_deployment("Llama-3.3-70B", "b200_sxm", "fp4")).unit_flops == 9000e12
    with pytest.raises(BadInput, match="no fp4 units"):
        checked(_deployment("Llama-3.3-70B", "h200_sxm", "fp4"))


def test_mxfp4_is_for_models_with_experts() -> None:
    checked(_deployment("gpt-oss-20b", "h100_sxm", "mxfp4"))
    with pytest.raises(BadInput, match="Qwen3-8B has none"):
        checked(_deployment("Qwen3-8B", "h100_sxm", "mxfp4"))


@pytest.mark.parametrize("tensor_parallel", [0, 3, 16])
def test_a_replica_is_spread_over_a_power_of_two_within_one_node(tensor_parallel: int) -> None:
    with pytest.raises(BadInput, match=f"over {tensor_parallel} GPUs"):
        checked(_deployment("Qwen3-8B", "h100_sxm", "fp8", tensor_parallel))


def test_an_unknown_precision_names_the_nearest() -> None:
    with pytest.raises(UnknownName) as caught:
        precision("bf-16")
    assert caught.value.hint == "did you mean 'bf16'?"
