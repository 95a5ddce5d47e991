"""Gemini: a stream says what the whole says, as events and as an array."""

import json
from typing import Any

import pytest

from llmops.chaos.providers.answering.ask import Malformed
from llmops.chaos.providers.answering.reply import reply_to
from llmops.chaos.providers.shapes.base import Answer
from llmops.chaos.providers.shapes.gemini_content import GeminiContent

SHAPE = GeminiContent()
HELLO: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": "hello"}]}]}


def answer(**more: object) -> Answer:
    ask = SHAPE.ask({**HELLO, **more}, {"model": "m"}, {"alt": "sse"})
    return Answer("0" * 24, 1_764_066_600, ask, [reply_to(ask, 0, choice) for choice in range(ask.choices)])


def payloads(said: Answer) -> list[dict[str, Any]]:
    """The data of all events of a stream; its terminal mark excepted."""
    events = [event.data.partition(b"data: ")[2].strip() for event in SHAPE.events(said)]
    return [json.loads(event) for event in events if event != b"[DONE]"]


def text_of(chunk: dict[str, Any]) -> str:
    return "".join(part["text"] for part in chunk["candidates"][0]["content"]["parts"])


def test_a_stream_says_what_the_whole_says() -> None:
    said = answer()
    whole, chunks = SHAPE.whole(said), payloads(said)
    assert "".join(map(text_of, chunks)) == text_of(dict(whole))
    assert chunks[-1]["usageMetadata"] == whole["usageMetadata"]
    assert chunks[-1]["candidates"][0]["finishReason"] == "STOP"


def test_without_sse_the_same_chunks_are_one_array() -> None:
    said = answer()
    ask = SHAPE.ask(HELLO, {"model": "m"}, {})
    array = b"".join(event.data for event in SHAPE.events(Answer(said.id, said.created, ask, said.replies)))
    assert json.loads(array) == payloads(said)


def test_results_of_functions_are_turns_of_tools() -> None:
    contents = [
        *HELLO["contents"],
        {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {}}}]},
        {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {"sky": "blue"}}}]},
    ]
    turns = answer(contents=contents, systemInstruction={"parts": [{"text": "be brief"}]}).ask.turns
    assert [turn.role for turn in turns] == ["system", "user", "assistant", "tool"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"contents": []},
        {"contents": "hello"},
        {"contents": [{"role": "user"}]},
        {"generationConfig": {"maxOutputTokens": 0}},
        {"tools": [{"functionDeclarations": [{}]}]},
    ],
)
def test_a_wrong_request_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        answer(**wrong)
