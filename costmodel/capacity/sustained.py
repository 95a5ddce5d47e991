"""What one replica sustains: the largest batch that fits the memory and keeps the token rate within the SLO."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from llmops.costmodel.capacity.deployment import Deployment
from llmops.costmodel.capacity.memory import does_not_fit, sequences_that_fit
from llmops.costmodel.capacity.step_time import BoolArray, FloatArray, StepTime

HALVINGS = 40  # of the batch: to 1e-12 of the largest


@dataclass(frozen=True)
class ServingLimits:
    """What a replica must keep to."""

    tpot_slo_s: float  # mean time per output token; the share of other requests' prompts is part of it
    max_batch: int  # the engine's own limit of sequences in flight
    prefix_hit_ratio: float  # share of prompt tokens found in the prefix cache: they take room, and no time


@dataclass(frozen=True, eq=False)
class Sustained:
    """Steady state of one replica at its limit, for each mix of input and output tokens per request.

    `seconds_per_request` is its time per request: 1 / sustained requests per second, 0 for requests without tokens,
    infinite where not even one sequence alone keeps the SLO.
    """

    seconds_per_request: FloatArray
    batch: FloatArray  # sequences decoding on average, below 1 for a mix that mostly prefills
    step_s: FloatArray
    context_tokens: FloatArray  # mean of the sequences in flight
    prefill_tokens: FloatArray  # new prompt tokens per step
    limits: tuple[str, ...]  # which limit stopped the batch, per mix

    def step_of(self, mix: int) -> tuple[float, float, float]:
        """Batch, context and prefill tokens of the step of one mix."""
        return float(self.batch[mix]), float(self.context_tokens[mix]), float(self.prefill_tokens[mix])


def sustained(
    deployment: Deployment,
    step_time: StepTime,
    input_tokens: FloatArray,
    output_tokens: FloatArray,
    limits: ServingLimits,
) -> Sustained:
    """The limit for each mix of mean tokens per request. BadInput where one sequence's KV cache does not fit.

    In a steady state of B sequences decoding, each step completes B/O requests, and as many new ones bring I prompt
    tokens each: step = step_time(B, I + O/2, B I/O), and the replica sustains B / (O step) requests per second.
    """
    _one_must_fit(deployment, input_tokens + output_tokens)
    context = input_tokens + output_tokens / 2
    fresh = input_tokens * (1 - limits.prefix_hit_ratio)
    decodes = output_tokens > 0
    fresh_per_output = fresh / np.where(decodes, output_tokens, 1.0)

    def step(batch: FloatArray) -> FloatArray:
        return step_time(np.maximum(batch, 1.0), context, batch * fresh_per_output)

    room = sequences_that_fit(deployment, context)
    most = np.minimum(room, float(limits.max_batch))
    batch = _largest(lambda it: step(it) <= limits.tpot_slo_s, most)
    step_s = step(batch)
    alone = step(np.zeros_like(batch)) <= limits.tpot_slo_s
    decoding = np.divide(output_tokens * step_s, batch, out=np.full_like(batch, np.inf), where=alone & (batch > 0))
    prefilling = np.where(fresh > 0, step_time(0.0, context, fresh), 0.0)
    return Sustained(
        seconds_per_request=np.where(decodes, decoding, prefilling),
        batch=np.where(decodes, batch, 0.0),
        step_s=np.where(decodes, step_s, prefilling),
        context_tokens=context,
        prefill_tokens=np.where(decodes, batch * fresh_per_output, fresh),
        limits=tuple(_limits(decodes, batch < most, room < limits.max_batch)),
    )


def _largest(holds: Callable[[FloatArray], BoolArray], most: FloatArray) -> FloatArray:
    """The largest value up to `most` for which a condition holds that is true below some value and false above."""
    low, high = np.zeros_like(most), most
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        true = holds(middle)
        low, high = np.where(true, middle, low), np.where(true, high, middle)
    return np.where(holds(most), most, low)


def _limits(decodes: BoolArray, slo: BoolArray, room: BoolArray) -> list[str]:
    names = np.select([~decodes, slo, room], ["prefill only", "TPOT SLO", "KV room"], default="largest batch")
    return [str(name) for name in names]


def _one_must_fit(deployment: Deployment, context_tokens: FloatArray) -> None:
    longest = float(np.max(context_tokens))
    if sequences_that_fit(deployment, longest) < 1:
        raise does_not_fit(deployment, longest)
