import json
from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.wire.openai_chat import OpenaiChat

CHAT = OpenaiChat()


@pytest.mark.parametrize("stream", [False, True])
def test_what_was_answered(answer: Callable[..., bytes], observed: Callable[..., Any], stream: bool) -> None:
    answered, first = observed(CHAT, answer("openai_chat", stream=stream), stream=stream)
    assert (answered.model, answered.finish_reason, answered.complete) == ("gpt-4o-2024-08-06", "stop", True)
    assert (answered.input_tokens, answered.output_tokens) == (20, 40)
    assert (answered.cache_read_tokens, answered.cache_write_tokens) == (8, None)
    assert answered.output_reasoning_tokens == 10
    assert (answered.text_characters, answered.error_type) == (110, None)
    assert first == ([1] if stream else [])  # behind the role chunk


@pytest.mark.parametrize("stream", [False, True])
def test_a_tool_call_is_visible(answer: Callable[..., bytes], observed: Callable[..., Any], stream: bool) -> None:
    answered, first = observed(CHAT, answer("openai_chat", "tool", stream=stream), stream=stream)
    assert (answered.finish_reason, answered.text_characters) == ("tool_calls", 0)
    assert first == ([1] if stream else [])


def test_without_its_terminal_mark_a_stream_is_not_complete(
    answer: Callable[..., bytes], observed: Callable[..., Any]
) -> None:
    data = answer("openai_chat", stream=True).removesuffix(b"data: [DONE]\n\n")
    assert not observed(CHAT, data, stream=True)[0].complete


def test_an_error_is_seen(observed: Callable[..., Any]) -> None:
    for kind, seen in {"rate_limit_requests": "requests", "insufficient_quota": "insufficient_quota"}.items():
        assert observed(CHAT, CHAT.error(kind).body, stream=False)[0].error_type == seen
        assert observed(CHAT, b"".join(CHAT.stream_error(kind)), stream=True)[0].error_type == seen


def test_what_was_asked() -> None:
    body = {"model": "gpt-4o", "stream": True, "messages": [{"role": "user", "content": "Hi [llmops:7]"}]}
    asked = CHAT.asked(b"/v1/chat/completions", json.dumps(body).encode())
    assert asked is not None
    assert (asked.model, asked.stream, asked.marker, asked.user_text) == ("gpt-4o", True, "7", "Hi [llmops:7]")


def test_azure_names_the_model_in_its_path() -> None:
    asked = OpenaiChat("azure").asked(b"/openai/deployments/my-gpt/chat/completions?v=1", b'{"messages":[]}')
    assert asked is not None
    assert (asked.model, asked.messages_hash) == ("my-gpt", None)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"messages":1}'])
def test_a_body_of_another_kind_is_not_asked(body: bytes) -> None:
    assert CHAT.asked(b"/v1/chat/completions", body) is None


def test_an_error_in_a_stream_has_no_name() -> None:
    (event,) = CHAT.stream_error("server_error")
    assert event.startswith(b'data: {"error":{"message":"The server had an error')


def test_marks(answer: Callable[..., bytes]) -> None:
    assert CHAT.is_terminal(b"data: [DONE]\n\n")
    assert not CHAT.is_terminal(b'data: {"x":"[DONE]"}\n\n')
    assert CHAT.carries_text(b'data: {"choices":[{"delta":{"content":"a"}}]}\n\n')
    assert not CHAT.carries_text(b'data: {"choices":[{"delta":{"content":""}}]}\n\n')
    assert answer("openai_chat", stream=True).count(b"data: ") == 23  # role, 19 of text, finish, usage, end
