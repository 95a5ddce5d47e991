"""The shipped error of the roofline: one class for each deployment, and the same when measured again."""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from llmops.costmodel.capacity.deployment import Deployment, precision
from llmops.costmodel.capacity.measured_points import Point, read_points
from llmops.costmodel.capacity.roofline import Roofline
from llmops.costmodel.capacity.roofline_error import (
    RooflineError,
    roofline_error,
    roofline_errors,
    roofline_step_times,
)
from llmops.costmodel.capacity.specs import gpu, gpus, model, models


def test_every_deployment_has_exactly_one_class() -> None:
    for gpu_spec in gpus():
        for model_spec in models():
            assert roofline_error(Deployment(model_spec, gpu_spec, precision("bf16"), 8)).points > 30


@pytest.mark.parametrize("error", roofline_errors(), ids=lambda error: error.name)
def test_intervals_are_ordered_and_sourced(error: RooflineError) -> None:
    assert 0 < error.p10 < error.p50 < error.p90
    assert error.source
    assert error.measured_on.year == 2026


def test_a_ratio_below_one_makes_the_step_longer() -> None:
    deployment = Deployment(model("Llama-3.3-70B"), gpu("h100_sxm"), precision("fp8"), 2)
    step_times, bare = roofline_step_times(deployment), Roofline(deployment)(8, 1000, 0)
    assert step_times.slow(8, 1000, 0) == pytest.approx(bare / 0.61)
    assert step_times.typical(8, 1000, 0) == pytest.approx(bare / 0.85)
    assert step_times.fast(8, 1000, 0) == pytest.approx(bare / 1.19)
    assert any("0.85 (0.61 to 1.19) over 519 points" in line.value for line in step_times.assumptions)


@pytest.fixture(scope="module")
def points(shared_data: Path) -> list[Point]:
    return read_points(shared_data / "serving_benchmarks" / "calibration.csv")[0]


@pytest.mark.parametrize("error", roofline_errors(), ids=lambda error: error.name)
def test_the_shipped_quantiles_are_measured_and_hold_eighty_percent(error: RooflineError, points: list[Point]) -> None:
    ratios = np.array([ratio for _, ratio in _ratios(error, points)])
    assert len(ratios) == error.points
    # shipped with two decimals: within half of the last, and a little for other machines
    assert np.quantile(ratios, [0.1, 0.5, 0.9]) == pytest.approx([error.p10, error.p50, error.p90], abs=0.0051)
    inside = np.mean((ratios >= error.p10) & (ratios <= error.p90))
    assert 0.77 <= inside <= 0.83


@pytest.mark.parametrize(
    ("name", "percent"),
    [("dense models on Hopper", 65), ("models with experts", 78), ("Ampere and Ada", 38), ("MI300X", 74)],
)
def test_for_a_model_left_out_the_others_hold_what_the_file_says(name: str, percent: int, points: list[Point]) -> None:
    (error,) = (error for error in roofline_errors() if error.name.startswith(name))
    of_model: dict[str, list[float]] = {}
    for point, ratio in _ratios(error, points):
        of_model.setdefault(point.deployment.model.name, []).append(ratio)
    inside = 0
    for left_out, ratios in of_model.items():
        others = [ratio for other, them in of_model.items() if other != left_out for ratio in them]
        low, high = np.quantile(others, [0.1, 0.9])
        inside += sum(low <= ratio <= high for ratio in ratios)
    assert math.isclose(100 * inside / error.points, percent, abs_tol=1)


def _ratios(error: RooflineError, points: list[Point]) -> Iterator[tuple[Point, float]]:
    for point in points:
        if error.covers(point.deployment) and point.load in error.loads:
            yield point, point.output_tokens_per_second / point.predicted(Roofline(point.deployment))
