"""Anthropic Messages: a stream says what the whole says."""

import json
from typing import Any

import pytest

from llmops.chaos.providers.answering.ask import Malformed
from llmops.chaos.providers.answering.reply import reply_to
from llmops.chaos.providers.shapes.anthropic_messages import AnthropicMessages
from llmops.chaos.providers.shapes.base import Answer

SHAPE = AnthropicMessages()
HELLO: dict[str, Any] = {"model": "m", "max_tokens": 500, "messages": [{"role": "user", "content": "hello"}]}


def answer(**more: object) -> Answer:
    ask = SHAPE.ask({**HELLO, **more}, {}, {})
    return Answer("0" * 24, 1_764_066_600, ask, [reply_to(ask, 0, choice) for choice in range(ask.choices)])


def payloads(said: Answer) -> list[dict[str, Any]]:
    """The data of all events of a stream; its terminal mark excepted."""
    events = [event.data.partition(b"data: ")[2].strip() for event in SHAPE.events(said)]
    return [json.loads(event) for event in events if event != b"[DONE]"]


def test_a_stream_says_what_the_whole_says() -> None:
    said = answer()
    whole, events = SHAPE.whole(said), payloads(said)
    text = "".join(event["delta"]["text"] for event in events if event["type"] == "content_block_delta")
    ending = next(event for event in events if event["type"] == "message_delta")
    assert text == whole["content"][0]["text"]
    assert ending["delta"]["stop_reason"] == whole["stop_reason"]
    assert ending["usage"]["output_tokens"] == whole["usage"]["output_tokens"]
    kinds = [event["type"] for event in events]
    assert (kinds[:3], kinds[-3:]) == (
        ["message_start", "content_block_start", "ping"],
        ["content_block_stop", "message_delta", "message_stop"],
    )


def test_each_event_is_named_as_its_type() -> None:
    for event in SHAPE.events(answer()):
        name, data = event.data.decode().split("\n")[:2]
        assert name.removeprefix("event: ") == json.loads(data.removeprefix("data: "))["type"]


def test_the_last_message_of_the_assistant_is_a_prefill() -> None:
    messages = [*HELLO["messages"], {"role": "assistant", "content": "Report"}]
    ask = answer(messages=messages, system=[{"type": "text", "text": "be brief"}]).ask
    assert ask.prefill == "Report"
    assert [turn.role for turn in ask.turns] == ["system", "user"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_tokens": None},
        {"max_tokens": 0},
        {"messages": []},
        {"messages": [{"role": "tool", "content": "x"}]},
        {"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "ends with space "}]},
    ],
)
def test_a_wrong_request_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        answer(**wrong)
