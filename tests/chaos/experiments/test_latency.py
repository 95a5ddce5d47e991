from typing import Any

import pytest

from llmops.chaos.experiments.calls import user_request
from llmops.chaos.experiments.latency import e2e_s, tpot_s, ttft_s
from llmops.chaos.load.perception import bands
from llmops.chaos.load.record import CallRecord
from llmops.chaos.load.recorded import timed
from llmops.chaos.load.ttft import Slo, analysed


def test_times_run_from_when_a_request_was_due(make: Any) -> None:
    late = make.request(at=10.0, sent_at=make.ZERO + 12.0, took=5.0, first_token_at=make.ZERO + 13.0)
    assert (ttft_s(late), e2e_s(late)) == (pytest.approx(3.0), pytest.approx(5.0))


def test_the_time_per_token_is_that_of_the_further_ones(make: Any) -> None:
    """(E2E - TTFT) / (n - 1) = (2.1 - 0.1) / 20."""
    assert tpot_s(make.request(took=2.1, output_tokens=21)) == pytest.approx(0.1)


def test_tokens_of_reasoning_came_before_the_first_visible_one() -> None:
    """121 tokens, 100 of them of reasoning, so 21 visible ones: (2.1 - 0.1) / 20, and not / 120.

    The same call means the same to `llmops ttft`: one definition, two readers.
    """
    call = CallRecord(
        request_id="r", dialect="openai_chat", path="/v1/chat/completions", model_asked="o4", dispatched_at=10.0,
        scheduled_at=10.0, sent_at=10.0, ended_at=12.1, status=200,
        complete=True, stream=True, first_token_at=10.1, output_tokens=121, output_reasoning_tokens=100,
    )  # fmt: skip
    request = user_request(call, phase="p", repetition=1, deadline_s=15.0, truth=None)
    assert tpot_s(request) == pytest.approx(0.1)
    whole = analysed(timed([call] * 6), by=(), slo=Slo(), bands=bands("perception")).whole
    assert whole.p50("tpot").value == pytest.approx(0.1)


def test_more_tokens_of_reasoning_than_there_are_tokens_are_no_count(make: Any) -> None:
    assert tpot_s(make.request(took=0.5, output_tokens=5, output_reasoning_tokens=9)) is None


def test_tokens_that_were_not_counted_are_counted_as_pieces(make: Any) -> None:
    pieces = tuple(make.ZERO + at / 10 for at in range(5))
    assert tpot_s(make.request(took=0.5, output_tokens=None, piece_times=pieces)) == pytest.approx(0.1)  # 0.4 / 4


def test_what_never_came_has_no_time(make: Any) -> None:
    assert ttft_s(make.request(first_token_at=None)) is None
    assert tpot_s(make.request(output_tokens=1)) is None
    assert tpot_s(make.request(first_token_at=None)) is None
    assert e2e_s(make.request(ended_at=None)) is None


def test_an_error_is_no_answer_however_fast(make: Any) -> None:
    assert e2e_s(make.request(status=503)) is None
    assert tpot_s(make.request(error_event=True)) is None
