from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.error_event import ErrorEvent
from llmops.errors import BadInput

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")


TYPES = {
    "openai_chat": b'data: {"error":{"message":"Slow Down",',
    "openai_responses": b'event: error\ndata: {"type":"error","code":"slow_down","message":"Slow Down",',
    "anthropic_messages": b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Over',
    "gemini": b'data: {"error":{"code":503,',
}


@pytest.mark.parametrize("coding", ["", "gzip", "br"])
@pytest.mark.parametrize("dialect", TEXT_DIALECTS)
def test_mid_comes_after_ten_pieces_and_ends_the_stream(through: Callable[..., Any], dialect: str, coding: str) -> None:
    seen = through(ErrorEvent(), dialect, stream=True, coding=coding)
    assert seen.events[-1].startswith(TYPES[dialect])
    assert len(seen.said(dialect)) == 60  # 10 pieces of 6 characters
    assert seen.head.status == 200
    assert seen.ended
    assert seen.applied[0]["after_pieces"] == 10


@pytest.mark.parametrize("dialect", TEXT_DIALECTS)
def test_first_is_the_only_event(through: Callable[..., Any], dialect: str) -> None:
    seen = through(ErrorEvent("first"), dialect, stream=True)
    assert [event.startswith(TYPES[dialect]) for event in seen.events] == [True]
    assert seen.applied[0]["after_events"] == 0


@pytest.mark.parametrize("dialect", TEXT_DIALECTS[:3])
def test_after_role_stands_behind_the_first_event(through: Callable[..., Any], dialect: str) -> None:
    seen = through(ErrorEvent("after_role"), dialect, stream=True)
    assert seen.upstream.startswith(seen.events[0])
    assert [event.startswith(TYPES[dialect]) for event in seen.events] == [False, True]


def test_a_responses_error_carries_the_next_sequence_number(through: Callable[..., Any]) -> None:
    seen = through(ErrorEvent("after_role"), "openai_responses", stream=True)
    assert [payload["sequence_number"] for payload in seen.payloads] == [0, 1]


def test_gemini_has_nothing_before_its_text(through: Callable[..., Any]) -> None:
    seen = through(ErrorEvent("after_role"), "gemini", stream=True)
    assert seen.body == seen.upstream
    assert "no event before its text" in seen.reasons[0]


def test_a_kind_that_the_provider_has_not_is_reported(through: Callable[..., Any]) -> None:
    seen = through(ErrorEvent(kind="prefill"), "openai_chat", stream=True)
    assert seen.body == seen.upstream
    assert seen.reasons == ["openai has no error of the kind prefill"]


def test_a_body_is_no_stream(through: Callable[..., Any]) -> None:
    seen = through(ErrorEvent(), "openai_chat")
    assert (seen.body, seen.reasons) == (seen.upstream, ["the answer is no stream"])


@pytest.mark.parametrize("wrong", [{"position": "last"}, {"kind": "overload"}, {"after_pieces": 0}])
def test_wrong_fields_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        ErrorEvent(**wrong)


@pytest.mark.parametrize("dialect", TEXT_DIALECTS)
def test_the_event_line_can_be_left_out(through: Callable[..., Any], dialect: str) -> None:
    seen = through(ErrorEvent("first", event_line=False), dialect, stream=True)
    assert seen.events[0].startswith(b"data: ")
    assert TYPES[dialect].partition(b"data: ")[2] in seen.events[0]
    assert b"event:" not in seen.events[0]
    had_one = dialect in {"openai_responses", "anthropic_messages"}
    assert seen.applied[0]["event_line"] == ("left out" if had_one else "this dialect has none")
    assert "event_line" not in through(ErrorEvent("first"), dialect, stream=True).applied[0]
