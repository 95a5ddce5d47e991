"""Measured serving points, to hold a step time against: benchmark rows in, the ratio measured / predicted out."""

import csv
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from llmops.costmodel.capacity.deployment import Deployment, checked, precision
from llmops.costmodel.capacity.memory import sequences_that_fit
from llmops.costmodel.capacity.roofline import Roofline
from llmops.costmodel.capacity.specs import gpu, model
from llmops.costmodel.capacity.step_time import StepTime
from llmops.errors import BadInput

LOADS = ("closed_loop", "static_batch", "saturation")
SATURATION_BATCH = 512  # sequences in flight where the benchmark only says "as many as possible"
MOST_OF_PEAK = 0.75  # of the FLOP/s: a row above it is not physical
_PRECISIONS = {"bf16": "bf16", "fp16": "bf16", "fp8": "fp8", "fp4": "fp4", "mxfp4": "mxfp4", "int4": "int4"}


@dataclass(frozen=True)
class Point:
    """One measured point: what ran, under what load, and how many tokens came out of the replica per second."""

    deployment: Deployment
    load: str
    batch: float  # sequences in flight, as far as the KV cache holds them
    input_tokens: float  # means per request
    output_tokens: float
    output_tokens_per_second: float

    @property
    def context_tokens(self) -> float:
        return self.input_tokens + self.output_tokens / 2

    @property
    def peak_ratio(self) -> float:
        """Share of the peak FLOP/s that the weights alone account for."""
        tokens = (self.input_tokens + self.output_tokens) / self.output_tokens * self.output_tokens_per_second
        flops = 2 * Roofline(self.deployment).active_params * tokens
        return flops / (self.deployment.unit_flops * self.deployment.tensor_parallel)

    def predicted(self, step_time: StepTime) -> float:
        """Output tokens per second that this step time gives for the same load."""
        if self.load == "static_batch":
            prefill_s = step_time(0, self.input_tokens, self.batch * self.input_tokens)
            decode_s = self.output_tokens * step_time(self.batch, self.context_tokens, 0)
            return float(self.batch * self.output_tokens / (prefill_s + decode_s))
        prefill_tokens = self.batch * self.input_tokens / self.output_tokens
        return float(self.batch / step_time(self.batch, self.context_tokens, prefill_tokens))


def read_points(path: Path) -> tuple[list[Point], Counter[str]]:
    """The points of a benchmark table that can be used, and how many rows were set aside, by reason."""
    points: list[Point] = []
    set_aside: Counter[str] = Counter()
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            reason = next((reason for reason, holds in _SET_ASIDE.items() if holds(row)), "")
            point = None if reason else _point(row)
            if point is None:
                set_aside[reason or "a model, GPU or combination that is not in our tables, or does not fit"] += 1
            elif point.peak_ratio > MOST_OF_PEAK:
                set_aside["more than 75 % of the peak FLOP/s"] += 1
            else:
                points.append(point)
    return points, set_aside


def _is_suspect(row: dict[str, str]) -> bool:
    """These disagree twofold with everything else."""
    return row["source"].startswith("NVIDIA_AIC_gap_analysis") and (row["gpu"], row["engine"]) == ("h200_sxm", "vllm")


_SET_ASIDE: dict[str, Callable[[dict[str, str]], bool]] = {
    "another kind of load": lambda row: row["load_type"] not in LOADS,
    "speculative decoding": lambda row: "specdec" in row["notes"],
    "pipeline or data parallel": lambda row: (row["pp"], row["dp"]) != ("1", "1"),
    "precision not stated": lambda row: row["precision"] not in _PRECISIONS,
    "suspect rows": _is_suspect,
    "fields missing": lambda row: not all(row[it] for it in ("out_tok_s", "input_len_mean", "output_len_mean")),
    "no concurrency": lambda row: not row["concurrency"] and row["load_type"] != "saturation",
}


def _point(row: dict[str, str]) -> Point | None:
    # gpt-oss rows say fp4 and run on its own checkpoint, which is mxfp4
    name = "mxfp4" if "gpt-oss" in row["model"] else _PRECISIONS[row["precision"]]
    try:
        deployment = checked(Deployment(model(row["model"]), gpu(row["gpu"]), precision(name), int(row["tp"])))
    except BadInput:
        return None
    input_tokens, output_tokens = float(row["input_len_mean"]), float(row["output_len_mean"])
    fits = float(sequences_that_fit(deployment, input_tokens + output_tokens / 2))
    if fits < 1:
        return None
    batch = min(float(row["concurrency"] or SATURATION_BATCH), fits)
    return Point(deployment, row["load_type"], batch, input_tokens, output_tokens, float(row["out_tok_s"]))
