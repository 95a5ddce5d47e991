"""Benchmark rows: which are used, which are set aside, and what a step time predicts for each kind of load."""

import csv
from dataclasses import dataclass
from pathlib import Path

import pytest

from llmops.costmodel.capacity.deployment import Deployment, precision
from llmops.costmodel.capacity.measured_points import Point, read_points
from llmops.costmodel.capacity.specs import gpu, model
from llmops.costmodel.capacity.step_time import FloatArray, Numbers

ROW = {
    "model": "Qwen/Qwen3-8B-FP8",
    "gpu": "h100_sxm",
    "tp": "1",
    "pp": "1",
    "dp": "1",
    "precision": "fp8",
    "engine": "vllm",
    "source": "made up",
    "notes": "",
    "load_type": "closed_loop",
    "concurrency": "16.0",
    "input_len_mean": "1000.0",
    "output_len_mean": "200.0",
    "out_tok_s": "1500.0",
}


@dataclass(frozen=True)
class Affine:
    """10 ms, 1 ms a sequence, 0.1 ms a prompt token."""

    def __call__(self, batch: Numbers, context_tokens: Numbers, prefill_tokens: Numbers) -> FloatArray:
        return 0.010 + 0.001 * batch + 0.0001 * prefill_tokens + 0.0 * context_tokens  # type: ignore[return-value]

    def bound(self, *_: float) -> str:
        return "bandwidth"


def _read(tmp_path: Path, **changes: str) -> tuple[list[Point], dict[str, int]]:
    path = tmp_path / "rows.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ROW)
        writer.writeheader()
        writer.writerow(ROW | changes)
    points, set_aside = read_points(path)
    return points, dict(set_aside)


def test_a_row_becomes_a_point(tmp_path: Path) -> None:
    (point,), set_aside = _read(tmp_path)
    assert str(point.deployment) == "Qwen3-8B in fp8 on 1 x h100_sxm"
    assert (point.batch, point.context_tokens) == (16, 1100)
    assert not set_aside


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"load_type": "burst_all_at_once"}, "another kind of load"),
        ({"notes": "specdec sharegpt"}, "speculative decoding"),
        ({"dp": "4"}, "pipeline or data parallel"),
        ({"precision": ""}, "precision not stated"),
        ({"source": "NVIDIA_AIC_gap_analysis_x", "gpu": "h200_sxm"}, "suspect rows"),
        ({"out_tok_s": ""}, "fields missing"),
        ({"concurrency": ""}, "no concurrency"),
        ({"out_tok_s": "20000"}, "more than 75 % of the peak FLOP/s"),  # 20,000 * 6 tokens * 2 * 7.6e9 = 92 %
        ({"model": "nobody/knows"}, "a model, GPU or combination that is not in our tables, or does not fit"),
        ({"gpu": "a100_sxm80"}, "a model, GPU or combination that is not in our tables, or does not fit"),  # no fp8
    ],
)
def test_rows_are_set_aside_by_reason(tmp_path: Path, changes: dict[str, str], reason: str) -> None:
    assert _read(tmp_path, **changes) == ([], {reason: 1})


def test_gpt_oss_runs_on_its_own_format_whatever_the_row_says(tmp_path: Path) -> None:
    (point,), _ = _read(tmp_path, model="openai/gpt-oss-20b", precision="fp4")
    assert point.deployment.precision.name == "mxfp4"


def test_no_more_sequences_run_than_the_cache_holds(tmp_path: Path) -> None:
    (point,), _ = _read(tmp_path, concurrency="100000")
    table = 151936 * 4096
    room = 0.9 * 80e9 - ((8.19e9 - 2 * table) + 2 * table * 2) - 2.5e9
    assert point.batch == pytest.approx(room / (1100 * 36 * 2048 * 2))


def _point(load: str) -> Point:
    deployment = Deployment(model("Qwen3-8B"), gpu("h100_sxm"), precision("fp8"), 1)
    return Point(deployment, load, 20.0, 100.0, 50.0, 0.0)


def test_a_closed_loop_mixes_prompts_into_each_step() -> None:
    # 20 sequences, 20 * 100 / 50 = 40 prompt tokens a step: 10 + 20 + 4 ms
    assert _point("closed_loop").predicted(Affine()) == pytest.approx(20 / 0.034)


def test_a_static_batch_prefills_first() -> None:
    # 20 * 100 prompt tokens: 10 + 200 ms; 50 steps of 10 + 20 ms
    assert _point("static_batch").predicted(Affine()) == pytest.approx(20 * 50 / (0.210 + 50 * 0.030))
