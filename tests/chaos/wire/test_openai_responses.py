import json
from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.wire.openai_responses import OpenaiResponses

RESPONSES = OpenaiResponses()


@pytest.mark.parametrize("stream", [False, True])
def test_what_was_answered(answer: Callable[..., bytes], observed: Callable[..., Any], stream: bool) -> None:
    answered, first = observed(RESPONSES, answer("openai_responses", stream=stream), stream=stream)
    assert (answered.model, answered.finish_reason, answered.complete) == ("gpt-4o-2024-08-06", "completed", True)
    assert (answered.input_tokens, answered.output_tokens) == (20, 40)
    assert (answered.cache_read_tokens, answered.cache_write_tokens) == (8, 0)
    assert (answered.output_reasoning_tokens, answered.text_characters) == (10, 110)
    assert first == ([3] if stream else [])  # behind created, item and part


def test_a_tool_call_is_visible(answer: Callable[..., bytes], observed: Callable[..., Any]) -> None:
    assert observed(RESPONSES, answer("openai_responses", "tool", stream=True), stream=True)[1] == [2]


def test_an_incomplete_answer_says_why(observed: Callable[..., Any]) -> None:
    body = {"object": "response", "status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
    answered, _ = observed(RESPONSES, json.dumps(body).encode(), stream=False)
    assert (answered.finish_reason, answered.complete) == ("max_output_tokens", True)


def test_an_error_event(observed: Callable[..., Any]) -> None:
    (event,) = RESPONSES.stream_error("insufficient_quota", sequence_number=3)
    assert event.startswith(b'event: error\ndata: {"type":"error","code":"insufficient_quota",')
    assert b'"sequence_number":3' in event
    answered, _ = observed(RESPONSES, event, stream=True)
    assert (answered.error_type, answered.complete) == ("insufficient_quota", False)


def test_what_was_asked() -> None:
    plain = RESPONSES.asked(b"/v1/responses", b'{"model":"m","input":"Hi"}')
    items = [
        {"role": "developer", "content": "x"},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
    ]
    listed = RESPONSES.asked(b"/v1/responses", json.dumps({"model": "m", "input": items}).encode())
    assert plain is not None
    assert listed is not None
    assert (plain.user_text, plain.stream, plain.messages_hash) == ("Hi", False, listed.messages_hash)
    assert RESPONSES.asked(b"/v1/responses", b'{"model":"m"}') is None


def test_a_cut_says_so_in_status_details_and_type() -> None:
    payload = {"type": "response.completed", "response": {"object": "response", "status": "completed"}}
    assert RESPONSES.shape.set_finish(payload, "max_output_tokens")
    assert payload == {
        "type": "response.incomplete",
        "response": {
            "object": "response",
            "status": "incomplete",
            "incomplete_details": {"reason": "max_output_tokens"},
        },
    }


def test_a_response_in_progress_has_no_finish() -> None:
    payload = {"type": "response.created", "response": {"object": "response", "status": "in_progress"}}
    assert not RESPONSES.shape.set_finish(payload, "completed")
