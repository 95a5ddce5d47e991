from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.malformed_chunk import MalformedChunk
from llmops.chaos.wire import sse
from llmops.errors import BadInput

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")


@pytest.mark.parametrize("dialect", TEXT_DIALECTS)
def test_one_event_is_cut_in_half_and_the_stream_goes_on(through: Callable[..., Any], dialect: str) -> None:
    seen = through(MalformedChunk(piece=3), dialect, stream=True, coding="gzip")
    before = sse.split_all(seen.upstream)
    different = [(old, new) for old, new in zip(before, seen.events, strict=True) if old != new]
    ((old, new),) = different
    cut, whole = sse.data_of(new) or b"", sse.data_of(old) or b""
    assert (len(cut), whole.startswith(cut)) == (len(whole) // 2, True)
    assert seen.applied == [
        {"applied": True, "what": "malformed chunk", "piece": 3, "bytes_before": len(whole), "bytes_after": len(cut)}
    ]


def test_garbage_is_no_json(through: Callable[..., Any]) -> None:
    seen = through(MalformedChunk(piece=1, how="garbage"), stream=True)
    assert b"data: {not json\n\n" in seen.events


def test_a_stream_that_is_too_short_passes_and_is_reported(through: Callable[..., Any]) -> None:
    seen = through(MalformedChunk(piece=20), stream=True)  # the text has 19 pieces
    assert seen.body == seen.upstream
    assert seen.reasons == ["the answer ended before the fault found anything to change"]


def test_the_last_piece_still_is_one(through: Callable[..., Any]) -> None:
    assert through(MalformedChunk(piece=19), stream=True).applied


@pytest.mark.parametrize("wrong", [{"piece": 0}, {"how": "half"}])
def test_wrong_fields_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        MalformedChunk(**wrong)
