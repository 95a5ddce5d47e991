"""What events and bodies say, in every dialect."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmops.chaos.load.said import is_error_event, plain_text, said_in
from llmops.chaos.wire import sse

TEXT = "Zürich has 443,037 people — Genève 209,061 and the Säntis is 2,502 m high, as of 31 December in the year 2023."
DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")


def payloads(data: bytes) -> list[Any]:
    datas = [sse.data_of(event) for event in sse.split_all(data)]
    return [json.loads(data) for data in datas if data and data != b"[DONE]"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_stream_and_a_whole_body_say_the_same_text(dialect: str, answer_bytes: Callable[..., bytes]) -> None:
    streamed = [said for payload in payloads(answer_bytes(dialect, stream=True)) for said in said_in(dialect, payload)]
    whole = said_in(dialect, json.loads(answer_bytes(dialect)))
    assert whole == [("text", "", TEXT)]
    assert {kind for kind, *_ in streamed} == {"text"}
    assert "".join(words for *_, words in streamed) == TEXT


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_stream_and_a_whole_body_call_the_same_tool(dialect: str, answer_bytes: Callable[..., bytes]) -> None:
    streamed = [
        said for payload in payloads(answer_bytes(dialect, "tool", stream=True)) for said in said_in(dialect, payload)
    ]
    whole = said_in(dialect, json.loads(answer_bytes(dialect, "tool")))
    arguments = [
        json.loads("".join(w for kind, _, w in some if kind == "tool_arguments")) for some in (streamed, whole)
    ]
    assert arguments[0] == arguments[1]
    assert isinstance(arguments[0], dict)
    assert arguments[0]
    assert [kind for kind, *_ in whole] == ["tool_name", "tool_arguments"]


@pytest.mark.parametrize(
    ("dialect", "payload"),
    [
        ("openai_chat", {"choices": [{"delta": {"role": "assistant", "content": "", "refusal": None}}]}),
        ("openai_chat", {"choices": [{"delta": {"reasoning_content": "hm"}}]}),
        ("openai_chat", {"choices": [], "usage": {"completion_tokens": 3}}),
        ("openai_responses", {"type": "response.reasoning_summary_text.delta", "delta": "hm"}),
        ("openai_responses", {"type": "response.output_text.done", "text": "said before"}),
        ("anthropic_messages", {"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "hm"}}),
        ("anthropic_messages", {"type": "content_block_start", "content_block": {"type": "text", "text": ""}}),
        ("anthropic_messages", {"type": "ping"}),
        ("gemini", {"candidates": [{"content": {"parts": [{"text": "hm", "thought": True}]}}]}),
        ("openai_embeddings", {"data": [{"embedding": [1.0]}]}),
    ],
)
def test_reasoning_and_empty_pieces_are_not_visible(dialect: str, payload: dict[str, Any]) -> None:
    assert said_in(dialect, payload) == []


@pytest.mark.parametrize(
    ("dialect", "payload", "words"),
    [
        ("openai_chat", {"choices": [{"delta": {"refusal": "No."}}]}, "No."),
        ("openai_chat", {"choices": [{"message": {"content": None, "refusal": "No."}}]}, "No."),
        ("openai_responses", {"type": "response.refusal.delta", "delta": "No."}, "No."),
        ("openai_responses", {"output": [{"content": [{"type": "refusal", "refusal": "No."}]}]}, "No."),
        ("anthropic_messages", {"type": "message", "content": [], "stop_reason": "refusal"}, "refused"),
        (
            "anthropic_messages",
            {"type": "message_delta", "delta": {"stop_reason": "refusal", "stop_details": {"explanation": "No."}}},
            "No.",
        ),
    ],
)
def test_a_refusal_is_told_apart_from_text(dialect: str, payload: dict[str, Any], words: str) -> None:
    assert said_in(dialect, payload) == [("refusal", "", words)]


@pytest.mark.parametrize(
    ("dialect", "name", "payload", "raised"),
    [
        ("openai_chat", b"", {"error": {"message": "x"}}, True),
        ("openai_chat", b"", {"error": None, "choices": []}, False),
        ("anthropic_messages", b"error", {"type": "error", "error": {}}, True),
        ("anthropic_messages", b"message", {"type": "error", "error": {}}, False),  # its SDK looks at the name alone
        ("openai_responses", b"error", {"type": "error", "code": "x"}, True),
        ("openai_responses", b"response.failed", {"type": "response.failed", "response": {"error": {}}}, False),
        ("gemini", b"", {"error": {"code": 503}}, True),
    ],
)
def test_what_an_sdk_raises_is_known(dialect: str, name: bytes, payload: dict[str, Any], raised: bool) -> None:
    assert is_error_event(dialect, name, payload) is raised


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ("type", "delta", "content", "text", "message", "tool_calls", "function", "parts", "item", "refusal")
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.sampled_from(DIALECTS), st.dictionaries(st.sampled_from(("choices", "type", "delta", "output", "content")), JSON)
)
def test_odd_shapes_never_raise(dialect: str, payload: dict[str, Any]) -> None:
    assert all(words and isinstance(words, str) for *_, words in said_in(dialect, payload))
    plain = plain_text(dialect, payload)
    if plain is not None:  # then there is nothing else in it
        assert said_in(dialect, payload) == ([("text", "", plain)] if plain else [])


@pytest.mark.parametrize("dialect", ["openai_chat", "openai_responses", "anthropic_messages"])
def test_nearly_all_events_are_plain_text(dialect: str, answer_bytes: Callable[..., bytes]) -> None:
    found = [plain_text(dialect, payload) for payload in payloads(answer_bytes(dialect, stream=True))]
    assert "".join(text for text in found if text) == TEXT
    assert found.count(None) <= 7  # what frames it


@pytest.mark.parametrize(
    ("dialect", "payload"),
    [
        ("openai_chat", {"choices": [{"delta": {"content": "a"}, "finish_reason": "stop"}]}),
        ("openai_chat", {"choices": [{"delta": {"content": "a"}}], "usage": {"completion_tokens": 1}}),
        ("openai_chat", {"choices": [{"delta": {"content": "a"}}], "error": {"message": "x"}}),
        ("openai_chat", {"choices": [{"delta": {"content": "a", "refusal": "b"}}]}),
        ("openai_chat", {"choices": [{"delta": {"content": "a", "tool_calls": [{}]}}]}),
        ("openai_chat", {"choices": [{"delta": {"content": "a"}}, {"delta": {"content": "b"}}]}),
        ("openai_chat", {"choices": []}),
        ("anthropic_messages", {"type": "message_delta", "delta": {"stop_reason": "end_turn"}}),
        ("anthropic_messages", {"type": "content_block_delta", "delta": {"type": "input_json_delta", "text": "a"}}),
        ("openai_responses", {"type": "response.completed", "response": {}}),
        ("gemini", {"candidates": [{"content": {"parts": [{"text": "a"}]}, "finishReason": "STOP"}]}),
    ],
)
def test_what_says_more_than_text_is_not_plain(dialect: str, payload: dict[str, Any]) -> None:
    assert plain_text(dialect, payload) is None
