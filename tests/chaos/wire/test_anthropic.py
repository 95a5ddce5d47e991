import json
from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.wire.anthropic import Anthropic

ANTHROPIC = Anthropic()


@pytest.mark.parametrize("stream", [False, True])
def test_what_was_answered(answer: Callable[..., bytes], observed: Callable[..., Any], stream: bool) -> None:
    answered, first = observed(ANTHROPIC, answer("anthropic_messages", stream=stream), stream=stream)
    assert (answered.model, answered.finish_reason) == ("claude-sonnet-4-5-20250929", "end_turn")
    assert answered.complete
    assert (answered.input_tokens, answered.output_tokens) == (12, 40)  # without the cache; not 1 of message_start
    assert (answered.cache_read_tokens, answered.cache_write_tokens) == (8, 3)
    assert (answered.output_reasoning_tokens, answered.text_characters) == (10, 110)
    assert first == ([3] if stream else [])  # behind message_start, block start and ping


def test_a_tool_call_is_visible(answer: Callable[..., bytes], observed: Callable[..., Any]) -> None:
    answered, first = observed(ANTHROPIC, answer("anthropic_messages", "tool", stream=True), stream=True)
    assert (answered.finish_reason, first) == ("tool_use", [3])


def test_without_message_stop_a_stream_is_not_complete(
    answer: Callable[..., bytes], observed: Callable[..., Any]
) -> None:
    data = answer("anthropic_messages", stream=True)
    cut = data[: data.index(b"event: message_stop")]
    answered, _ = observed(ANTHROPIC, cut, stream=True)
    assert (answered.finish_reason, answered.complete) == ("end_turn", False)


def test_the_classes_of_cache_writes() -> None:
    creation = {"ephemeral_5m_input_tokens": 5, "ephemeral_1h_input_tokens": 2}
    body = {"type": "message", "usage": {"cache_creation_input_tokens": 7, "cache_creation": creation}}
    observer = ANTHROPIC.observer()
    observer.body(json.dumps(body).encode())
    assert (observer.answered.cache_write_tokens, observer.answered.more) == (7, creation)


def test_an_overload_in_a_stream_is_the_documented_event(observed: Callable[..., Any]) -> None:
    (event,) = ANTHROPIC.stream_error("overloaded")
    assert event == (
        b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n'
    )
    assert observed(ANTHROPIC, event, stream=True)[0].error_type == "overloaded_error"


def test_a_text_that_speaks_of_message_stop_is_none() -> None:
    event = b'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"message_stop"}}\n\n'
    assert not ANTHROPIC.is_terminal(event)
    assert ANTHROPIC.carries_text(event)


def test_what_was_asked() -> None:
    messages = [{"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": "image", "source": {}}]}]
    asked = ANTHROPIC.asked(b"/v1/messages", json.dumps({"model": "c", "stream": True, "messages": messages}).encode())
    assert asked is not None
    assert (asked.model, asked.stream, asked.user_text) == ("c", True, "Hi")
    assert ANTHROPIC.asked(b"/v1/messages", b"{}") is None
