"""What arrives, bucket by bucket: the load that a fleet is sized for, idle buckets included."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from llmops.costmodel.capacity.step_time import BoolArray, FloatArray
from llmops.errors import NoData


@dataclass(frozen=True, eq=False)
class BucketLoad:
    """Mean rates in each bucket of a span, in order. ALL buckets: the idle ones are zeros, and count as idle time."""

    bucket_s: float
    requests_per_second: FloatArray
    input_tokens_per_second: FloatArray  # cached ones are part of it
    output_tokens_per_second: FloatArray

    def __post_init__(self) -> None:
        rates = (self.requests_per_second, self.input_tokens_per_second, self.output_tokens_per_second)
        if len({rate.shape for rate in rates}) != 1 or self.requests_per_second.ndim != 1:
            raise ValueError(f"one rate per bucket is wanted, not shapes {[rate.shape for rate in rates]}")
        if not self.bucket_s > 0 or not all(bool(np.all(np.isfinite(rate) & (rate >= 0))) for rate in rates):
            raise ValueError("rates and the bucket must be finite, and not negative")
        if np.any((rates[1] + rates[2])[~self.busy] > 0):
            raise ValueError("a bucket has tokens and no request")

    @property
    def busy(self) -> BoolArray:
        """Which buckets have requests."""
        return np.asarray(self.requests_per_second > 0)

    @property
    def input_tokens_per_request(self) -> FloatArray:
        """Mean of each busy bucket."""
        return np.asarray(self.input_tokens_per_second[self.busy] / self.requests_per_second[self.busy])

    @property
    def output_tokens_per_request(self) -> FloatArray:
        """Mean of each busy bucket."""
        return np.asarray(self.output_tokens_per_second[self.busy] / self.requests_per_second[self.busy])

    @property
    def longest_context_tokens(self) -> float:
        """The largest mean of input and output together: what one sequence must find room for. NoData without any."""
        if not self.busy.any():
            raise NoData("the load has no requests", hint="check the period and the filters of the log")
        return float(np.max(self.input_tokens_per_request + self.output_tokens_per_request))


def peak_utilisation(requests_per_bucket: ArrayLike) -> float:
    """Mean over peak, as a ratio: how busy a fleet is that just carries the busiest bucket. NoData without requests.

    The buckets decide the answer: give all of them, idle ones too, aligned to the clock. (Azure's conversation trace:
    0.64 with buckets of 60 s, 0.55 with 10 s, 0.29 with 1 s.)
    """
    requests = np.asarray(requests_per_bucket, dtype=np.float64)
    if not requests.size or not np.max(requests) > 0:
        raise NoData("there are no requests to take a utilisation from", hint="check the period and the filters")
    return float(np.mean(requests) / np.max(requests))
