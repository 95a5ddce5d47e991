"""One exchange for the validators: a healthy answer, or what a fault made of it on its way through the pipeline."""

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from llmops.chaos.faults.base import Fault
from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.wire.dialects import DIALECTS

ANSWERS = Path(__file__).parents[1] / "answers"
TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
STREAMED = [(dialect, stream) for dialect in TEXT_DIALECTS for stream in (False, True)]
QUESTION = "Who are you?"
ASKED: dict[str, dict[str, Any]] = {  # as tests/chaos/conftest.py asks them
    "openai_chat": {"messages": [{"role": "user", "content": QUESTION}], "model": "gpt-4o"},
    "openai_responses": {"input": QUESTION, "model": "gpt-4o"},
    "anthropic_messages": {"messages": [{"role": "user", "content": QUESTION}], "model": "claude-sonnet-4-5"},
    "gemini": {"contents": [{"role": "user", "parts": [{"text": QUESTION}]}]},
}
ROUTES = {"gemini": "/v1beta/models/gemini-3-pro:generateContent"}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city", "people"]}
WITH_SCHEMA: dict[str, dict[str, Any]] = {
    "openai_chat": {"response_format": {"type": "json_schema", "json_schema": {"schema": SCHEMA}}},
    "openai_responses": {"text": {"format": {"type": "json_schema", "schema": SCHEMA}}},
    "anthropic_messages": {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}},
    "gemini": {"generationConfig": {"responseJsonSchema": SCHEMA}},
}
ARGUMENTS = {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}}
ARGUMENTS |= {"required": ["city", "unit", "days"]}
WITH_TOOL: dict[str, dict[str, Any]] = {
    "openai_chat": {"tools": [{"type": "function", "function": {"name": "weather", "parameters": ARGUMENTS}}]},
    "openai_responses": {"tools": [{"type": "function", "name": "weather", "parameters": ARGUMENTS}]},
    "anthropic_messages": {"tools": [{"name": "weather", "input_schema": ARGUMENTS}]},
    "gemini": {"tools": [{"functionDeclarations": [{"name": "weather", "parametersJsonSchema": ARGUMENTS}]}]},
}


def request_of(dialect: str, what: str = "text") -> dict[str, Any]:
    more = {"structured": WITH_SCHEMA, "tool": WITH_TOOL}.get(what, {})
    return {**ASKED[dialect], **more.get(dialect, {})}


def checked_of(dialect: str, response: bytes, request: dict[str, Any] | None = None) -> Checked:
    return Checked(request or ASKED[dialect], response, DIALECTS[dialect], ROUTES.get(dialect, ""))


@pytest.fixture
def healthy() -> Callable[..., Checked]:
    """`healthy(dialect, what, stream=)`: a sample answer as it is, and a request that asks for such a one."""

    def of(dialect: str = "openai_chat", what: str = "text", *, stream: bool = False) -> Checked:
        data = (ANSWERS / f"{dialect}_{what}.{'sse' if stream else 'json'}").read_bytes()
        return checked_of(dialect, data, request_of(dialect, what))

    return of


@pytest.fixture
def spoiled(through: Callable[..., Any]) -> Callable[..., Checked]:
    """`spoiled(fault, dialect, what, stream=)`: what the client got; the fault's receipt says that it was applied."""

    def of(fault: Fault, dialect: str = "openai_chat", what: str = "text", *, stream: bool = False) -> Checked:
        seen = through(fault, dialect, what, stream=stream, schema=what == "structured")
        assert seen.applied, seen.reasons
        return checked_of(dialect, seen.body, request_of(dialect, what))

    return of


@pytest.fixture
def said() -> Callable[..., Checked]:
    """`said(answer, asked, **request)`: a chat completion that says this to that."""

    def of(answer: str, asked: str = QUESTION, *, finish: str = "stop", model: str = "gpt-4o", **more: Any) -> Checked:
        choice = {"index": 0, "message": {"role": "assistant", "content": answer}, "finish_reason": finish}
        body = {"object": "chat.completion", "model": model, "choices": [choice]}
        request = {"model": "gpt-4o", "messages": [{"role": "user", "content": asked}], **more}
        return checked_of("openai_chat", json.dumps(body).encode(), request)

    return of


@pytest.fixture
def random_bytes() -> Callable[[int], list[bytes]]:
    """So many pieces of sample answers, damaged at random places, the same each time."""

    def make(count: int) -> list[bytes]:
        dice = Random(0)
        samples = [path.read_bytes() for path in sorted(ANSWERS.glob("*.json")) + sorted(ANSWERS.glob("*.sse"))]
        made = []
        for _ in range(count):
            data = bytearray(dice.choice(samples)[: dice.randrange(2000)])
            for _ in range(dice.randrange(1, 8)):
                data[dice.randrange(len(data) or 1) : dice.randrange(2000)] = dice.randbytes(dice.randrange(3))
            made.append(bytes(data))
        return made

    return make
