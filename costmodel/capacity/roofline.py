"""Step time from first principles: a step waits for the memory or for the arithmetic, whichever takes longer."""

from dataclasses import dataclass

import numpy as np

from llmops.costmodel.capacity.deployment import Deployment
from llmops.costmodel.capacity.memory import TABLE_BYTES, kv_bytes, kv_shards
from llmops.costmodel.capacity.specs import GB
from llmops.costmodel.capacity.step_time import FloatArray, Numbers

BANDWIDTH_EFFICIENCY = 0.60  # of the data sheet: the usual rule, with 45 % of the peak FLOP/s
FLOPS_EFFICIENCY = 0.45
STEP_OVERHEAD_S = 0.002  # launches and scheduling: batches up to 8 take 1 to 4 ms more than the bounds, by engine
ALL_REDUCES_PER_LAYER = 2  # after attention and after the feed-forward
ALL_REDUCE_LATENCY_S = {"nvlink": 8e-6, "infinity_fabric": 8e-6, "pcie": 24e-6}  # order of magnitude; PCIe about 3x
ACTIVATION_BYTES = 2.0


@dataclass(frozen=True)
class Roofline:
    """The textbook bound of a deployment. What it leaves out (kernels, scheduling) is in `roofline_error`."""

    deployment: Deployment
    bandwidth_efficiency: float = BANDWIDTH_EFFICIENCY
    flops_efficiency: float = FLOPS_EFFICIENCY
    overhead_s: float = STEP_OVERHEAD_S

    def __call__(self, batch: Numbers, context_tokens: Numbers, prefill_tokens: Numbers) -> FloatArray:
        tokens = np.asarray(batch, dtype=np.float64) + prefill_tokens
        memory_s = self._memory_s(np.asarray(batch), np.asarray(context_tokens, dtype=np.float64), tokens)
        compute_s = self._compute_s(tokens, context_tokens, prefill_tokens)
        return np.asarray(np.maximum(memory_s, compute_s) + self._all_reduce_s(tokens) + self.overhead_s)

    def bound(self, batch: float, context_tokens: float, prefill_tokens: float) -> str:
        """Which of the two the step waits for: "bandwidth" or "compute"."""
        tokens = np.asarray(batch + prefill_tokens, dtype=np.float64)
        memory_s = self._memory_s(np.asarray(batch), np.asarray(context_tokens, dtype=np.float64), tokens)
        return "compute" if self._compute_s(tokens, context_tokens, prefill_tokens) > memory_s else "bandwidth"

    def _memory_s(self, batch: FloatArray, context_tokens: FloatArray, tokens: FloatArray) -> FloatArray:
        bandwidth = self.deployment.gpu.memory_gb_per_s * GB * self.bandwidth_efficiency
        read = self._weights_read_bytes(tokens) / self.deployment.tensor_parallel
        return (read + batch * kv_bytes(self.deployment.model, context_tokens) / kv_shards(self.deployment)) / bandwidth

    def _weights_read_bytes(self, tokens: FloatArray) -> FloatArray:
        """Once per step: all that is dense, and the experts that any of the tokens is routed to."""
        model, precision = self.deployment.model, self.deployment.precision
        dense = model.body_params * precision.body_bytes + model.table_params * TABLE_BYTES
        return dense + model.expert_params * precision.expert_bytes * self._experts_touched_ratio(tokens)

    def _experts_touched_ratio(self, tokens: FloatArray) -> FloatArray:
        """1 - (1 - K/E)^tokens: each token picks K of E experts, as if at random."""
        model = self.deployment.model
        if not model.experts:
            return np.zeros_like(tokens)
        return np.asarray(-np.expm1(tokens * np.log1p(-model.experts_per_token / model.experts)))

    def _compute_s(self, tokens: FloatArray, context_tokens: Numbers, prefill_tokens: Numbers) -> FloatArray:
        flops = 2.0 * tokens * self.active_params / self.deployment.unit_flops
        attention = self._prefill_attention_flops(context_tokens, prefill_tokens)
        attention = attention / (self.deployment.gpu.bf16_tflops * 1e12)
        return np.asarray((flops + attention) / (self.deployment.tensor_parallel * self.flops_efficiency))

    @property
    def active_params(self) -> float:
        """Weights that multiply each token: all but the embedding, and of the experts those it is routed to."""
        model = self.deployment.model
        routed = model.experts_per_token / model.experts if model.experts else 0.0
        return model.body_params + model.table_params + model.expert_params * routed

    def _prefill_attention_flops(self, context_tokens: Numbers, prefill_tokens: Numbers) -> FloatArray:
        """Of the new prompt tokens, each over half of the mean context; decoding attention is bound by memory."""
        model = self.deployment.model
        half = np.asarray(context_tokens, dtype=np.float64) / 2
        seen = model.full_attention_layers * half + model.window_layers * np.minimum(half, model.window_tokens)
        return np.asarray(4.0 * prefill_tokens * model.heads * model.head_dim * seen)

    def _all_reduce_s(self, tokens: FloatArray) -> FloatArray:
        """Ring all-reduce: each GPU sends 2 (n-1)/n of the message, over its links in one direction."""
        n, gpu, model = self.deployment.tensor_parallel, self.deployment.gpu, self.deployment.model
        if n == 1:
            return np.zeros_like(tokens)
        sent = 2.0 * (n - 1) / n * tokens * model.hidden * ACTIVATION_BYTES
        one_way = gpu.link_bidirectional_gb_per_s * GB / 2
        return np.asarray(ALL_REDUCES_PER_LAYER * model.layers * (ALL_REDUCE_LATENCY_S[gpu.link] + sent / one_way))
