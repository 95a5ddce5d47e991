"""GPUs for a demand: by hand, at the edges, and the laws that every fleet keeps."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmops.costmodel.capacity.deployment import Deployment
from llmops.costmodel.capacity.fleet import BucketLoad, Count, FleetEstimate, deploy, size_fleet
from llmops.costmodel.capacity.roofline_error import roofline_step_times
from llmops.costmodel.capacity.step_time import FloatArray, Numbers, StepTimes
from llmops.errors import BadInput, LlmopsError, NoData, UnknownName

REPLICA = deploy("Llama-3.3-70B", "h100_sxm", "fp8", 4096)


@dataclass(frozen=True)
class Affine:
    """10 ms and 0.5 ms a sequence, times a factor."""

    factor: float = 1.0

    def __call__(self, batch: Numbers, context_tokens: Numbers, prefill_tokens: Numbers) -> FloatArray:
        return np.asarray(self.factor * (0.010 + 0.0005 * batch) + 0.0 * prefill_tokens + 0.0 * context_tokens)

    def bound(self, *_: float) -> str:
        return "bandwidth"


STEP_TIMES = StepTimes(slow=Affine(2.0), typical=Affine(), fast=Affine(0.5))
# 32 sequences in a step of 26 ms, 100 tokens each: 32 / (100 * 0.026) requests per second
SUSTAINED = 32 / 2.6


def _load(*requests: float, inputs: float = 0.0, outputs: float = 100.0) -> BucketLoad:
    rates = np.array(requests, dtype=np.float64)
    return BucketLoad(60.0, rates, rates * inputs, rates * outputs)


def _fleet(load: BucketLoad, *, slo_s: float = 0.2, headroom: float = 0.8, spare: int = 1) -> FleetEstimate:
    return size_fleet(
        load,
        REPLICA,
        STEP_TIMES,
        headroom_ratio=headroom,
        tpot_slo_s=slo_s,
        max_batch=32,
        spare_replicas=spare,
    )


def test_the_busiest_bucket_decides_and_counts_round_up() -> None:
    fleet = _fleet(_load(50, 0))
    # 50 / (12.31 * 0.8) = 5.08 replicas; twice and half that at the ends; one spare, two GPUs each
    assert fleet.replicas == Count(math.ceil(2.54) + 1, math.ceil(5.08) + 1, math.ceil(10.16) + 1)
    assert fleet.gpus == Count(8, 14, 24)
    assert fleet.deployment.tensor_parallel == 2
    assert fleet.batch == 32
    assert fleet.tpot_s == pytest.approx(0.026)
    assert fleet.limits == ("largest batch", "bandwidth")


def test_a_replica_sustains_an_interval() -> None:
    sustained = _fleet(_load(50)).replica_requests_per_second
    assert sustained.low == pytest.approx(SUSTAINED / 2)
    assert sustained.typical == pytest.approx(SUSTAINED)
    assert sustained.high == pytest.approx(SUSTAINED * 2)


def test_utilisation_is_busy_over_allocated_and_idle_buckets_are_allocated() -> None:
    ratio = _fleet(_load(50, 0)).utilisation_ratio
    typical = (50 / SUSTAINED + 0) / 2 / 7
    fast, slow = (50 / SUSTAINED) / 2 / 2 / 4, (50 / SUSTAINED) * 2 / 2 / 12
    assert ratio.typical == pytest.approx(typical)
    assert (ratio.low, ratio.high) == pytest.approx((fast, slow))


@pytest.mark.parametrize(("rate", "replicas"), [(3 * SUSTAINED, 3), (3 * SUSTAINED * 1.0001, 4)])
def test_a_full_replica_is_enough_and_a_little_more_takes_another(rate: float, replicas: int) -> None:
    assert _fleet(_load(rate), headroom=1.0, spare=0).replicas.typical == replicas


def test_the_smallest_load_takes_a_replica() -> None:
    assert _fleet(_load(1e-12), spare=0).replicas == Count(1, 1, 1)


def test_an_slo_that_only_the_slow_end_misses_leaves_the_count_open() -> None:
    fleet = _fleet(_load(5), slo_s=0.015)  # one sequence: 10.5 ms, 21 ms at the slow end
    assert fleet.replicas.high is None
    assert fleet.gpus.high is None
    assert fleet.replica_requests_per_second.low == 0
    assert "slow end" in fleet.limits[-1]


def test_an_slo_that_one_sequence_misses_is_said_and_not_clamped() -> None:
    with pytest.raises(BadInput, match=r"misses the SLO of 10\.4 ms .* \(typically 10\.5 ms\)"):
        _fleet(_load(5), slo_s=0.0104)


def test_buckets_without_output_or_without_tokens_divide_by_nothing() -> None:
    rates = np.array([10.0, 10.0, 10.0, 0.0])
    load = BucketLoad(60.0, rates, np.array([0.0, 5000.0, 0.0, 0.0]), np.array([1000.0, 0.0, 0.0, 0.0]))
    fleet = _fleet(load, headroom=1.0, spare=0)
    assert fleet.replicas.typical == 1  # 10 / 12.31 decoding; prompts alone: 10 * 10 ms
    busy = 10 / SUSTAINED + 10 * 0.010 + 0 + 0
    assert fleet.utilisation_ratio.typical == pytest.approx(busy / 4 / 1)


@pytest.mark.parametrize("load", [_load(0, 0), _load(5, outputs=0)])
def test_nothing_to_serve_is_no_fleet(load: BucketLoad) -> None:
    with pytest.raises(NoData):
        _fleet(load)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"headroom": 0.0}, "headroom"),
        ({"headroom": 80.0}, "headroom"),
        ({"slo_s": 0.0}, "SLO"),
        ({"spare": -1}, "spare"),
    ],
)
def test_limits_that_cannot_be_are_refused(wrong: dict[str, float], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        _fleet(_load(5), **wrong)  # type: ignore[arg-type]


def test_every_assumption_has_a_value_and_a_source() -> None:
    fleet = _real(_load(5, inputs=1000.0))
    assert all(line.text and line.value and line.source for line in fleet.assumptions)
    assert {"80%", "1", "200 ms", "256"} <= {line.value for line in fleet.assumptions}


def test_names_make_a_replica_on_the_fewest_gpus_that_hold_it() -> None:
    assert REPLICA.tensor_parallel == 2
    assert deploy("Llama-3.3-70B", "h100_sxm", "fp8", 4096, tensor_parallel=4).tensor_parallel == 4
    with pytest.raises(UnknownName):
        deploy("Llama-3.3-07B", "h100_sxm", "fp8", 4096)


def _real(load: BucketLoad, deployment: Deployment = REPLICA) -> FleetEstimate:
    return size_fleet(
        load, deployment, roofline_step_times(deployment), headroom_ratio=0.8, tpot_slo_s=0.2, max_batch=256
    )


RATES = st.lists(st.just(0.0) | st.floats(1e-6, 1000), min_size=1, max_size=6)  # one request in eleven days
TOKENS = st.tuples(*[st.just(0.0) | st.floats(1e-3, 4000)] * 2)  # a mean: one token in a thousand requests


@given(rates=RATES, times=st.floats(1, 3), tokens=TOKENS)
def test_more_load_never_needs_fewer_gpus_and_intervals_are_ordered(
    rates: list[float], times: float, tokens: tuple[float, float]
) -> None:
    fleet, larger = (_fleet_or_none(rates, by, tokens) for by in (1, times))
    if fleet is None or larger is None:
        return
    assert fleet.gpus.high is not None
    assert larger.gpus.high is not None
    assert fleet.gpus.low <= fleet.gpus.typical <= fleet.gpus.high
    assert fleet.gpus.typical <= larger.gpus.typical
    assert fleet.gpus.high <= larger.gpus.high
    rate, busy = fleet.replica_requests_per_second, fleet.utilisation_ratio
    assert 0 < rate.low <= rate.typical <= rate.high
    assert 0 < busy.low <= busy.typical <= busy.high <= 1


def _fleet_or_none(rates: list[float], by: float, tokens: tuple[float, float]) -> FleetEstimate | None:
    try:
        return _real(_load(*(rate * by for rate in rates), inputs=tokens[0], outputs=tokens[1]))
    except LlmopsError:
        return None  # no requests, or none with tokens
