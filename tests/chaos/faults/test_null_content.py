from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.null_content import NullContent


def test_chat_says_null(through: Callable[..., Any]) -> None:
    seen = through(NullContent())
    assert seen.json["choices"][0]["message"]["content"] is None
    assert seen.json["choices"][0]["finish_reason"] == "stop"
    assert seen.applied == [{"applied": True, "what": "no content"}]


def test_chat_streams_null(through: Callable[..., Any]) -> None:
    seen = through(NullContent(), stream=True)
    deltas = [choice["delta"] for one in seen.payloads for choice in one["choices"]]
    assert {delta.get("content") for delta in deltas} == {None}


def test_anthropic_has_no_block(through: Callable[..., Any]) -> None:
    assert through(NullContent(), "anthropic_messages").json["content"] == []
    seen = through(NullContent(), "anthropic_messages", stream=True, coding="gzip")
    assert [one["type"] for one in seen.payloads if "delta" in one] == ["message_delta"]


@pytest.mark.parametrize("stream", [False, True])
def test_gemini_has_no_parts(through: Callable[..., Any], stream: bool) -> None:
    seen = through(NullContent(), "gemini", stream=stream)
    payloads = seen.payloads if stream else [seen.json]
    assert all("parts" not in one["candidates"][0]["content"] for one in payloads)


def test_responses_have_no_message_in_a_body_only(through: Callable[..., Any]) -> None:
    assert through(NullContent(), "openai_responses").json["output"] == []
    seen = through(NullContent(), "openai_responses", stream=True)
    assert (seen.body, seen.reasons) == (seen.upstream, ["the answer is a stream"])


@pytest.mark.parametrize("dialect", ["openai_chat", "anthropic_messages", "gemini"])
@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_that_only_calls_a_tool_has_no_text_to_lose(
    through: Callable[..., Any], dialect: str, stream: bool
) -> None:
    seen = through(NullContent(), dialect, "tool", stream=stream)
    assert (seen.body, seen.applied) == (seen.upstream, [])
    assert len(seen.reasons) == 1


def test_a_role_chunk_with_an_empty_text_before_a_tool_stays_as_it_is(through: Callable[..., Any]) -> None:
    role = b'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}\n\n'
    tool = b'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}}]}\n\n'
    seen = through(NullContent(), stream=True, body=role + tool + b"data: [DONE]\n\n")
    assert (seen.body, seen.applied) == (seen.upstream, [])
    text = role.replace(b'"content":""', b'"content":"hi"')
    lost = through(NullContent(), stream=True, body=role + text + b"data: [DONE]\n\n")
    assert b'"content":""' not in lost.body
    assert lost.body.count(b'"content":null') == 2
    assert [receipt["what"] for receipt in lost.applied] == ["no content"]
