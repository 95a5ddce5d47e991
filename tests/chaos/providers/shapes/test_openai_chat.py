"""OpenAI chat completions: a stream says what the whole says."""

import json
from typing import Any

import pytest

from llmops.chaos.providers.answering.ask import Malformed
from llmops.chaos.providers.answering.reply import reply_to
from llmops.chaos.providers.shapes.base import Answer
from llmops.chaos.providers.shapes.openai_chat import OpenaiChat

SHAPE = OpenaiChat()
HELLO: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}


def answer(**more: object) -> Answer:
    ask = SHAPE.ask({**HELLO, **more}, {}, {})
    return Answer("0" * 24, 1_764_066_600, ask, [reply_to(ask, 0, choice) for choice in range(ask.choices)])


def payloads(said: Answer) -> list[dict[str, Any]]:
    """The data of all events of a stream; its terminal mark excepted."""
    events = [event.data.partition(b"data: ")[2].strip() for event in SHAPE.events(said)]
    return [json.loads(event) for event in events if event != b"[DONE]"]


@pytest.mark.parametrize("choices", [1, 2])
def test_the_deltas_of_a_stream_join_to_the_whole(choices: int) -> None:
    said = answer(n=choices, stream_options={"include_usage": True})
    whole = SHAPE.whole(said)
    chunks = payloads(said)
    for index in range(choices):
        deltas = [
            choice["delta"].get("content") or ""
            for chunk in chunks
            for choice in chunk["choices"]
            if choice["index"] == index
        ]
        assert "".join(deltas) == whole["choices"][index]["message"]["content"]
    assert chunks[-1]["usage"] == whole["usage"]
    assert [*SHAPE.events(said)][-1].data == b"data: [DONE]\n\n"


def test_one_event_a_token_takes_its_time() -> None:
    said = answer()
    assert sum(event.is_token for event in SHAPE.events(said)) == said.replies[0].output_tokens


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"model": ""}, "model"),
        ({"messages": "hello"}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": ["hello"]}, "messages[0]"),
        ({"messages": [{"role": "boss"}]}, "messages[0].role"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"n": 0}, "n"),
        ({"tools": [{"type": "function"}]}, "tools[0].function"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
    ],
)
def test_a_wrong_request_names_its_parameter(wrong: dict[str, Any], param: str) -> None:
    with pytest.raises(Malformed) as caught:
        answer(**wrong)
    assert caught.value.param == param


def test_the_newer_name_of_the_limit_comes_first() -> None:
    assert answer(max_tokens=3, max_completion_tokens=5).ask.max_tokens == 5
