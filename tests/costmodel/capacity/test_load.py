"""The load by buckets, and the utilisation that buckets alone decide."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from llmops.costmodel.capacity.load import BucketLoad, peak_utilisation
from llmops.errors import NoData


def _load(*buckets: tuple[float, float, float]) -> BucketLoad:
    requests, inputs, outputs = np.array(buckets, dtype=np.float64).reshape(-1, 3).T
    return BucketLoad(60.0, requests, inputs, outputs)


def test_tokens_per_request_are_means_of_busy_buckets() -> None:
    load = _load((2, 2000, 100), (0, 0, 0), (4, 400, 0))
    assert load.busy.tolist() == [True, False, True]
    assert load.input_tokens_per_request.tolist() == [1000, 100]
    assert load.output_tokens_per_request.tolist() == [50, 0]
    assert load.longest_context_tokens == 1050


def test_a_load_without_requests_has_no_context() -> None:
    with pytest.raises(NoData):
        _ = _load((0, 0, 0)).longest_context_tokens


@pytest.mark.parametrize("bucket", [(-1, 0, 0), (1, float("nan"), 0), (1, 0, float("inf")), (0, 5, 0)])
def test_rates_that_cannot_be_are_refused(bucket: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match=r"finite|no request"):
        _load(bucket)


def test_rates_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="one rate per bucket"):
        BucketLoad(60.0, np.ones(2), np.ones(3), np.ones(2))


def test_utilisation_is_mean_over_peak_with_idle_buckets_counted() -> None:
    assert peak_utilisation([4, 0, 2, 2]) == 2 / 4
    assert peak_utilisation([3, 3]) == 1


@pytest.mark.parametrize("requests", [[], [0, 0]])
def test_no_requests_are_no_utilisation(requests: list[int]) -> None:
    with pytest.raises(NoData):
        peak_utilisation(requests)


# Azure LLM inference traces of 2023, buckets aligned to the clock.
@pytest.mark.parametrize(
    ("trace", "bucket_s", "percent"),
    [("conv", 60, 64), ("conv", 10, 55), ("conv", 1, 29), ("code", 60, 26), ("code", 10, 6), ("code", 1, 4)],
)
def test_the_bucket_decides_the_utilisation(shared_data: Path, trace: str, bucket_s: int, percent: int) -> None:
    path = shared_data / "traces" / f"AzureLLMInferenceTrace_{trace}_2023.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        times = np.array([row["TIMESTAMP"] for row in csv.DictReader(file)], dtype="datetime64[ns]")
    buckets = times.astype(np.int64) // (bucket_s * 1_000_000_000)
    assert round(100 * peak_utilisation(np.bincount(buckets - buckets.min()))) == percent
