"""Whether the types of a fallback hold its model, asked before they are paid for."""

import re
from typing import TYPE_CHECKING

from llmops.errors import BadInput, UnknownName
from llmops.infra.cli.plan import model_needs

if TYPE_CHECKING:
    from llmops.infra.spec import FallbackSpec

# What says that the weights are smaller than bf16; how small is told by no input, so that nothing is refused too early.
# DeepSeek V3 and R1 are published in fp8 and gpt-oss in mxfp4: `quantization_config` in their config.json.
EIGHT_BITS = re.compile(r"fp8|int8|w8a8|deepseek-(v3|r1)", re.IGNORECASE)
FOUR_BITS = re.compile(r"gpt-oss|quant|awq|gptq|fp4|int4|w4a16|4bit|bitsandbytes|gguf", re.IGNORECASE)


def refuse_too_small(spec: "FallbackSpec") -> None:
    """BadInput for a type that does not hold the model. A model or type that no table has is not judged."""
    from llmops.infra.instances import fit, instance_types

    precision = precision_of(spec)
    try:
        needs = model_needs(spec.model, precision, spec.max_model_len)
    except UnknownName:
        return
    known = {it.name: it for it in instance_types()}
    for name in spec.instance_types:
        if name in known and not (found := fit(known[name], needs)).fits:
            raise BadInput(
                f"{name} does not hold {spec.model} in {precision}: {found.reason}", hint="see `llmops infra plan`"
            )


def precision_of(spec: "FallbackSpec") -> str:
    """By the names of the model and the arguments of vLLM; the smallest that they may mean."""
    words = " ".join((spec.model, *spec.vllm_args))
    if FOUR_BITS.search(words):
        return "int4"
    return "fp8" if EIGHT_BITS.search(words) else "bf16"
