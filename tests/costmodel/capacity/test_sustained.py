"""What one replica sustains, by hand, with a step time that is affine."""

from dataclasses import dataclass

import numpy as np
import pytest

from llmops.costmodel.capacity.deployment import Deployment, precision
from llmops.costmodel.capacity.specs import gpu, model
from llmops.costmodel.capacity.step_time import FloatArray, Numbers
from llmops.costmodel.capacity.sustained import ServingLimits, Sustained, sustained
from llmops.errors import BadInput

REPLICA = Deployment(model("Llama-3.1-8B"), gpu("h100_sxm"), precision("bf16"), 1)
KV_BYTES = 2 * 32 * 8 * 128 * 2  # per token
ROOM_BYTES = 0.9 * 80e9 - 2 * 8.03e9 - 2.5e9


@dataclass(frozen=True)
class Affine:
    """10 ms, 0.5 ms a sequence, 0.01 ms a prompt token."""

    def __call__(self, batch: Numbers, context_tokens: Numbers, prefill_tokens: Numbers) -> FloatArray:
        return np.asarray(0.010 + 0.0005 * batch + 0.00001 * prefill_tokens + 0.0 * context_tokens)

    def bound(self, *_: float) -> str:
        return "bandwidth"


def _sustained(*mixes: tuple[float, float], slo_s: float = 0.050, max_batch: int = 256, hit: float = 0.0) -> Sustained:
    inputs, outputs = np.array(mixes, dtype=np.float64).T
    return sustained(REPLICA, Affine(), inputs, outputs, ServingLimits(slo_s, max_batch, hit))


def test_the_slo_stops_the_batch_where_the_step_reaches_it() -> None:
    # as many prompt tokens as sequences: 10 + 0.5 B + 0.01 B = 50 ms
    it = _sustained((100, 100))
    assert it.batch[0] == pytest.approx(40 / 0.51)
    assert it.step_s[0] == pytest.approx(0.050)
    assert 1 / it.seconds_per_request[0] == pytest.approx((40 / 0.51) / (100 * 0.050))
    assert it.limits == ("TPOT SLO",)


def test_the_engine_stops_the_batch_at_its_own_limit() -> None:
    it = _sustained((0, 100), max_batch=32)
    assert it.batch[0] == 32
    assert 1 / it.seconds_per_request[0] == pytest.approx(32 / (100 * 0.026))
    assert it.limits == ("largest batch",)


def test_the_memory_stops_the_batch_of_long_contexts() -> None:
    it = _sustained((0, 40_000))
    assert it.batch[0] == pytest.approx(ROOM_BYTES / (20_000 * KV_BYTES))  # half of the output, on average
    assert it.limits == ("KV room",)


def test_a_sequence_must_fit_at_its_full_length_and_one_token_more_does_not() -> None:
    edge = int(ROOM_BYTES / KV_BYTES)
    assert _sustained((edge - 10, 10)).batch[0] > 0
    with pytest.raises(BadInput, match="does not fit"):
        _sustained((edge - 9, 10))


def test_a_mix_that_mostly_prefills_decodes_less_than_one_sequence_at_a_time() -> None:
    # one sequence: 10.5 ms; 10,000 prompt tokens per output token take the other 39.5 ms at B = 0.395
    it = _sustained((10_000, 1))
    assert it.batch[0] == pytest.approx(0.395)
    assert 1 / it.seconds_per_request[0] == pytest.approx(0.395 / 0.050)


def test_requests_without_output_are_one_prompt_after_another() -> None:
    it = _sustained((1000, 0))
    assert it.seconds_per_request[0] == pytest.approx(0.010 + 0.010)
    assert it.limits == ("prefill only",)


def test_requests_without_tokens_take_no_time() -> None:
    assert _sustained((0, 0), (100, 100)).seconds_per_request[0] == 0


def test_an_slo_that_one_sequence_just_keeps_and_one_that_it_misses() -> None:
    assert np.isfinite(_sustained((0, 100), slo_s=0.0106).seconds_per_request[0])
    assert _sustained((0, 100), slo_s=0.0104).seconds_per_request[0] == np.inf


def test_prompts_found_in_the_cache_take_room_and_no_time() -> None:
    assert _sustained((100, 100), hit=1.0).batch[0] == pytest.approx(40 / 0.5)
    assert _sustained((40_000, 1), hit=1.0).batch[0] == pytest.approx(min(80, ROOM_BYTES / (40_000.5 * KV_BYTES)))


def test_each_mix_is_judged_by_itself() -> None:
    mixes = [(100.0, 100.0), (0.0, 40_000.0), (10_000.0, 1.0), (1000.0, 0.0)]
    together = _sustained(*mixes)
    alone = [_sustained(mix).seconds_per_request[0] for mix in mixes]
    assert together.seconds_per_request.tolist() == pytest.approx(alone)
