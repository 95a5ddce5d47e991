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
