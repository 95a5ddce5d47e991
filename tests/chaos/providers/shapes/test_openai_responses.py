"""OpenAI Responses: a stream says what the whole says."""

import json
from typing import Any

import pytest

from llmops.chaos.providers.answering.ask import Malformed
from llmops.chaos.providers.answering.reply import reply_to
from llmops.chaos.providers.shapes.base import Answer
from llmops.chaos.providers.shapes.openai_responses import OpenaiResponses

SHAPE = OpenaiResponses()
HELLO: dict[str, Any] = {"model": "m", "input": "hello"}


def answer(**more: object) -> Answer:
    ask = SHAPE.ask({**HELLO, **more}, {}, {})
    return Answer("0" * 24, 1_764_066_600, ask, [reply_to(ask, 0, choice) for choice in range(ask.choices)])


def payloads(said: Answer) -> list[dict[str, Any]]:
    """The data of all events of a stream; its terminal mark excepted."""
    events = [event.data.partition(b"data: ")[2].strip() for event in SHAPE.events(said)]
    return [json.loads(event) for event in events if event != b"[DONE]"]


def test_the_last_event_of_a_stream_is_the_whole() -> None:
    said = answer()
    events = payloads(said)
    deltas = [event["delta"] for event in events if event["type"] == "response.output_text.delta"]
    assert events[-1]["response"] == SHAPE.whole(said)
    assert "".join(deltas) == SHAPE.whole(said)["output"][0]["content"][0]["text"]
    assert [event["sequence_number"] for event in events] == list(range(len(events)))


def test_each_event_is_named_as_its_type() -> None:
    for event in SHAPE.events(answer()):
        name, data = event.data.decode().split("\n")[:2]
        assert name.removeprefix("event: ") == json.loads(data.removeprefix("data: "))["type"]


def test_a_conversation_may_be_a_list_with_results_of_tools() -> None:
    items = [
        {"role": "developer", "content": "be brief"},
        {"role": "user", "content": [{"type": "input_text", "text": "hello"}]},
        {"type": "function_call", "name": "f", "arguments": "{}", "call_id": "c"},
        {"type": "function_call_output", "call_id": "c", "output": "sunny"},
    ]
    turns = answer(input=items, instructions="be kind").ask.turns
    assert [(turn.role, turn.text) for turn in turns] == [
        ("system", "be kind"),
        ("system", "be brief"),
        ("user", "hello"),
        ("tool", "sunny"),
    ]


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"input": 3}, "input"),
        ({"input": [{"role": "boss"}]}, "input[0].role"),
        ({"max_output_tokens": 0}, "max_output_tokens"),
    ],
)
def test_a_wrong_request_names_its_parameter(wrong: dict[str, Any], param: str) -> None:
    with pytest.raises(Malformed) as caught:
        answer(**wrong)
    assert caught.value.param == param
