"""What must fit into the memory of the GPUs: the weights, and the KV cache of the sequences in flight."""

from dataclasses import replace

import numpy as np

from llmops.costmodel.capacity.deployment import PRECISIONS, TENSOR_PARALLEL, Deployment, Precision, checked
from llmops.costmodel.capacity.specs import GB, GpuSpec, ModelSpec, gpus
from llmops.costmodel.capacity.step_time import FloatArray, Numbers
from llmops.errors import BadInput

USABLE_RATIO = 0.9  # of the memory: the default of vLLM's gpu_memory_utilization
RESERVED_BYTES = 2.5 * GB  # per GPU: activations, graphs, communication buffers
TABLE_BYTES = 2.0  # embedding and output head stay in bf16 in quantised checkpoints
KV_ELEMENT_BYTES = 2.0  # engines keep the cache in 16 bits unless they are told otherwise


def weights_bytes(model: ModelSpec, precision: Precision) -> float:
    """All weights of one replica, in bytes: what the checkpoint weighs."""
    tables = (1 if model.tied_embeddings else 2) * model.table_params * TABLE_BYTES
    return model.body_params * precision.body_bytes + model.expert_params * precision.expert_bytes + tables


def kv_bytes(model: ModelSpec, context_tokens: Numbers) -> FloatArray:
    """The cache of one sequence in bytes, all layers together; layers with a window stop growing when it is full."""
    windowed = model.window_layers * np.minimum(context_tokens, model.window_tokens)
    cached_tokens = model.full_attention_layers * np.asarray(context_tokens, dtype=np.float64) + windowed
    return np.asarray(cached_tokens * (model.kv_elements_per_token_per_layer * KV_ELEMENT_BYTES))


def kv_shards(deployment: Deployment) -> int:
    """Into how many parts the cache is cut: at most one per KV head; a latent (MLA) is on every GPU."""
    if deployment.model.attention == "mla":
        return 1
    return min(deployment.tensor_parallel, deployment.model.kv_heads)


def kv_room_bytes(deployment: Deployment) -> float:
    """Bytes of one GPU that are left for the cache: 0.9 of the memory - weights - 2.5 GB. Negative: does not fit."""
    weights = weights_bytes(deployment.model, deployment.precision) / deployment.tensor_parallel
    return USABLE_RATIO * deployment.gpu.hbm_gb * GB - weights - RESERVED_BYTES


def sequences_that_fit(deployment: Deployment, context_tokens: Numbers) -> FloatArray:
    """How many sequences of that context the cache holds; below 1 not even one. An empty context takes one token."""
    one = kv_bytes(deployment.model, np.maximum(context_tokens, 1.0))
    return np.asarray(kv_room_bytes(deployment) * kv_shards(deployment) / one)


def smallest_tensor_parallel(model: ModelSpec, gpu: GpuSpec, precision: Precision, context_tokens: float) -> int:
    """The fewest GPUs of one node on which the weights and one sequence of that context fit.

    BadInput where eight are not enough, or where the GPU cannot serve in that precision.
    """
    for tensor_parallel in TENSOR_PARALLEL:
        if sequences_that_fit(checked(Deployment(model, gpu, precision, tensor_parallel)), context_tokens) >= 1:
            return tensor_parallel
    raise does_not_fit(Deployment(model, gpu, precision, TENSOR_PARALLEL[-1]), context_tokens)


def does_not_fit(deployment: Deployment, context_tokens: float) -> BadInput:
    """The error that says what is too large, and what would hold it."""
    weights_gb = weights_bytes(deployment.model, deployment.precision) / GB
    usable_gb = (USABLE_RATIO * deployment.gpu.hbm_gb * GB - RESERVED_BYTES) * deployment.tensor_parallel / GB
    return BadInput(
        f"{deployment} does not fit: {weights_gb:,.1f} GB of weights and the KV cache of one sequence of "
        f"{context_tokens:,.0f} tokens, in {usable_gb:,.1f} GB of usable memory",
        hint=_what_fits(deployment, context_tokens),
    )


def _what_fits(deployment: Deployment, context_tokens: float) -> str:
    more = [replace(deployment, tensor_parallel=n) for n in TENSOR_PARALLEL if n > deployment.tensor_parallel]
    larger = sorted(gpus(), key=lambda gpu: gpu.hbm_gb)
    widest = replace(deployment, tensor_parallel=TENSOR_PARALLEL[-1])
    lower = sorted(PRECISIONS.values(), key=lambda it: -weights_bytes(deployment.model, it))
    candidates = [
        *more,
        *(replace(deployment, gpu=gpu) for gpu in larger),
        *(replace(widest, precision=it) for it in lower),
        *(replace(widest, gpu=gpu) for gpu in larger),
    ]
    for candidate in candidates:
        if _works(candidate) and sequences_that_fit(candidate, context_tokens) >= 1:
            return f"it would fit as {candidate}"
    return "no GPU and precision of our tables holds it on one node: choose a smaller model"


def _works(deployment: Deployment) -> bool:
    try:
        checked(deployment)
    except BadInput:
        return False
    return True
