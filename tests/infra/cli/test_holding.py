"""A type that cannot hold the model is refused before it is paid for; what is not known is not judged."""

from typing import Any

import pytest

from llmops.errors import BadInput
from llmops.infra.cli.holding import precision_of, refuse_too_small
from llmops.infra.spec import spec_from


@pytest.mark.parametrize(
    ("model", "words", "precision"),
    [
        ("meta-llama/Llama-3.3-70B-Instruct", [], "bf16"),
        ("nvidia/Llama-3.3-70B-Instruct-FP8", [], "fp8"),
        ("x/Llama-3.3-70B-AWQ", [], "int4"),
        ("deepseek-ai/DeepSeek-V3", [], "fp8"),
        ("openai/gpt-oss-120b", [], "int4"),
        ("meta-llama/Llama-3.3-70B-Instruct", ["--quantization", "fp8"], "int4"),
    ],
)
def test_the_precision_is_the_smallest_that_the_names_may_mean(
    inputs: dict[str, Any], model: str, words: list[str], precision: str
) -> None:
    assert precision_of(spec_from({**inputs["minimal"], "model": model, "vllm_args": words})) == precision


def test_weights_that_are_larger_than_the_gpus_are_refused(inputs: dict[str, Any]) -> None:
    # 70.6 billion parameters of 2 bytes are 141 GB; g6.12xlarge has 4 GPUs of 24 GB
    with pytest.raises(BadInput, match=r"g6\.12xlarge does not hold .* in bf16: .*141 GB of weights"):
        refuse_too_small(spec_from({**inputs["minimal"], "instance_types": ["g6.12xlarge"]}))


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"model": "openai/gpt-oss-120b", "instance_types": ["g6e.12xlarge"]},  # 117 billion, about 63 GB in mxfp4
        {"model": "acme/unknown", "instance_types": ["g6.12xlarge"]},
        {"instance_types": ["z9.large"]},
    ],
)
def test_what_fits_or_is_not_known_passes(inputs: dict[str, Any], changed: dict[str, Any]) -> None:
    refuse_too_small(spec_from({**inputs["minimal"], **changed}))
