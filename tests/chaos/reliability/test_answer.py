import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.reliability.answer import Answer, ToolCall, read_answer
from llmops.chaos.wire.dialects import DIALECTS

ANSWERS = Path(__file__).parents[1] / "answers"
TEXT = "Zürich has 443,037 people — Genève 209,061 and the Säntis is 2,502 m high, as of 31 December in the year 2023."
ARGUMENTS = {"city": "Bern", "unit": "celsius", "days": 37}  # as tests/chaos/answers/make.py writes them
TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
STREAMED = [(dialect, stream) for dialect in TEXT_DIALECTS for stream in (False, True)]


def sample(dialect: str, what: str = "text", *, stream: bool = False) -> Answer:
    data = (ANSWERS / f"{dialect}_{what}.{'sse' if stream else 'json'}").read_bytes()
    return read_answer(DIALECTS[dialect], data)


@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_a_body_and_a_stream_say_the_same(dialect: str, stream: bool) -> None:
    answer = sample(dialect, stream=stream)
    assert (answer.text, answer.damage, answer.tools, answer.refusals) == (TEXT, (), (), ())
    assert (answer.streamed, answer.terminated, answer.error_type) == (stream, True, None)
    assert len(answer.models) == 1


@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_a_tool_call_has_its_name_and_its_arguments(dialect: str, stream: bool) -> None:
    (call,) = sample(dialect, "tool", stream=stream).tools
    arguments = json.loads(call.arguments) if isinstance(call.arguments, str) else call.arguments
    assert (call.name, arguments) == ("weather", ARGUMENTS)


def test_choices_are_kept_apart() -> None:
    choices = [{"index": at, "message": {"content": text}, "finish_reason": "stop"} for at, text in enumerate("ab")]
    answer = read_answer(DIALECTS["openai_chat"], json.dumps({"choices": choices}).encode())
    assert answer.texts == {"0": "a", "1": "b"}
    assert answer.finishes == {"0": "stop", "1": "stop"}


def test_calls_that_gemini_makes_in_different_events_are_two() -> None:
    def event(city: str) -> str:
        call = {"functionCall": {"name": "weather", "args": {"city": city}}}
        return f"data: {json.dumps({'candidates': [{'content': {'parts': [call]}}]})}\n\n"

    answer = read_answer(DIALECTS["gemini"], (event("Bern") + event("Basel")).encode())
    assert answer.tools == (ToolCall("weather", {"city": "Bern"}), ToolCall("weather", {"city": "Basel"}))


def test_a_tool_that_takes_nothing_is_called_with_nothing() -> None:
    events: list[dict[str, Any]] = [
        {"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use", "name": "now", "input": {}}},
        {"type": "content_block_stop", "index": 0},
    ]
    data = "".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in events)
    assert read_answer(DIALECTS["anthropic_messages"], data.encode()).tools == (ToolCall("now", {}),)


@pytest.mark.parametrize(
    ("data", "damage"),
    [
        (b"<html></html>", ("the body is HTML",)),
        (b'{"choices": [', ("the body is no JSON object",)),
        (b"data: {\n\ndata: [DONE]\n\n", ("event 1 is no JSON object",)),
        (b"", ()),
        (b": keep-alive\n\n", ()),
    ],
)
def test_what_cannot_be_read_is_damage_and_no_error(data: bytes, damage: tuple[str, ...]) -> None:
    answer = read_answer(DIALECTS["openai_chat"], data)
    assert (answer.damage, answer.text, answer.is_json) == (damage, "", False)


def test_a_stream_of_gemini_without_sse_is_a_list() -> None:
    parts = [{"candidates": [{"content": {"parts": [{"text": text}]}}]} for text in ("Ber", "n")]
    assert read_answer(DIALECTS["gemini"], json.dumps(parts).encode()).text == "Bern"


def test_a_refusal_of_responses_is_read_from_body_and_stream() -> None:
    part = {"type": "refusal", "refusal": "No."}
    body = {"object": "response", "status": "completed", "output": [{"type": "message", "content": [part]}]}
    done = {"type": "response.content_part.done", "output_index": 0, "content_index": 0, "part": part}
    stream = f"event: {done['type']}\ndata: {json.dumps(done)}\n\n"
    for data in (json.dumps(body), stream):
        assert read_answer(DIALECTS["openai_responses"], data.encode()).refusals == ("No.",)


@pytest.mark.parametrize("dialect", TEXT_DIALECTS)
def test_an_error_is_told_as_one(dialect: str) -> None:
    body = DIALECTS[dialect].error("server_error").body
    assert read_answer(DIALECTS[dialect], body).is_error


def test_any_bytes_can_be_read(random_bytes: Callable[[int], list[bytes]]) -> None:
    for data in random_bytes(300):
        for dialect in DIALECTS.values():
            read_answer(dialect, data)
