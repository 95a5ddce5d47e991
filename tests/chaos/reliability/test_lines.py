import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.reliability.lines import Rejected, SetAside, guessed, read_line
from llmops.chaos.wire.dialects import DIALECTS

ANSWERS = Path(__file__).parents[1] / "answers"
CHAT = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Who are you?"}]}
REQUESTS: dict[str, dict[str, Any]] = {
    "openai_chat": CHAT,
    "openai_responses": {"model": "gpt-4o", "input": "Who are you?"},
    "anthropic_messages": {"model": "claude", "max_tokens": 9, "messages": CHAT["messages"]},
    "gemini": {"contents": [{"parts": [{"text": "Who are you?"}]}]},
}


def sample(dialect: str, *, stream: bool = False) -> str:
    return (ANSWERS / f"{dialect}_text.{'sse' if stream else 'json'}").read_text(encoding="utf-8")


def wire(**more: Any) -> bytes:
    base: dict[str, Any] = {
        "schema_version": 1,
        "kind": "wire",
        "at": "2026-11-25T10:00:00.000000Z",
        "route": "/v1/chat/completions",
        "dialect": "openai_chat",
        "upstream_status": 200,
        "ended": "complete",
        "request_body": json.dumps(CHAT),
        "answer_body": sample("openai_chat"),
    }
    return orjson.dumps({**base, **more})


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("dialect", REQUESTS)
def test_a_plain_line_is_known_by_its_shape(dialect: str, stream: bool) -> None:
    response = sample(dialect, stream=True) if stream else json.loads(sample(dialect))
    line = read_line(orjson.dumps({"request": REQUESTS[dialect], "response": response}))
    assert isinstance(line, Checked)
    assert line.dialect.name == dialect
    assert line.answer.text.startswith("Zürich has")
    assert line.user_text == "Who are you?"


def test_bodies_may_be_text_and_the_dialect_may_be_said() -> None:
    said = {"request": json.dumps(CHAT), "response": "", "dialect": "anthropic_messages"}
    line = read_line(orjson.dumps(said))
    assert isinstance(line, Checked)
    assert (line.dialect.name, line.response) == ("anthropic_messages", b"")


@pytest.mark.parametrize(
    ("more", "given", "dialect"),
    [
        ({"route": "/v1/messages"}, None, "anthropic_messages"),
        ({"path": "/v1/chat/completions"}, None, "openai_chat"),
        ({}, "anthropic_messages", "anthropic_messages"),
        ({"dialect": "openai_chat"}, "anthropic_messages", "openai_chat"),  # the line knows better
    ],
)
def test_route_and_option_say_it_where_the_shape_does_not(
    more: dict[str, Any], given: str | None, dialect: str
) -> None:
    raw = orjson.dumps({"request": CHAT, "response": "", **more})
    line = read_line(raw, dialect=None if given is None else DIALECTS[given])
    assert isinstance(line, Checked)
    assert line.dialect.name == dialect


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "no JSON object"),
        (b"[1]", "no JSON object"),
        (b"{}", "no request or no response in it"),
        (orjson.dumps({"request": CHAT, "response": None}), "no request or no response in it"),
        (orjson.dumps({"request": "hello", "response": {}}), "the request is no JSON object"),
        (
            orjson.dumps({"request": {"prompt": "x"}, "response": {}}),
            "no dialect that is known: give the line a `dialect` or a `route`",
        ),
        (wire(request_body="hello"), "the request is no JSON object"),
        (wire(answer_body="\x1f\ufffd\x08\ufffd\ufffd"), "a compressed body, which the journal cannot hold"),
        (
            wire(answer_body="", note="the answer is longer than the 8388608 bytes kept for the record"),
            "the answer is longer than the proxy keeps",
        ),
    ],
)
def test_what_cannot_be_read_is_rejected(line: bytes, reason: str) -> None:
    assert read_line(line) == Rejected(reason)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (orjson.dumps({"schema_version": 1, "kind": "receipt"}), "a receipt of the journal, no exchange"),
        (wire(dialect=None), "no request for text"),
        (wire(dialect="openai_embeddings"), "no request for text"),
        (wire(dialect="bedrock"), "no request for text"),
        (
            orjson.dumps({k: v for k, v in orjson.loads(wire()).items() if k != "answer_body"}),
            "recorded without bodies",
        ),
        (wire(upstream_status=503), "an HTTP error, which shows by itself"),
        (wire(upstream_status=None), "the provider gave no answer"),
        (wire(ended="client_gone"), "the client hung up"),
        (
            orjson.dumps({"request": CHAT, "response": {}, "status": 429}),
            "an HTTP error, which shows by itself",
        ),
        (
            orjson.dumps({"request": {"model": "text-embedding-3-small", "input": "x"}, "response": {}}),
            "no request for text",
        ),
    ],
)
def test_what_is_no_answer_is_set_aside(line: bytes, reason: str) -> None:
    assert read_line(line) == SetAside(reason)


def test_a_wire_record_with_bodies_is_an_exchange() -> None:
    line = read_line(wire())
    assert isinstance(line, Checked)
    assert (line.request, line.answer.streamed, line.route) == (CHAT, False, "/v1/chat/completions")


def test_an_answer_that_the_provider_cut_is_judged() -> None:
    line = read_line(wire(ended="upstream_reset", answer_body='{"choices": ['))
    assert isinstance(line, Checked)


@pytest.mark.parametrize(
    ("request_body", "answer", "dialect"),
    [
        (CHAT, b"<html>", "openai_chat"),
        ({**CHAT, "system": "Be kind."}, b"", "anthropic_messages"),
        (CHAT, b'{"type": "error", "error": {}}', "anthropic_messages"),
        ({"prompt": "x"}, b"", None),
    ],
)
def test_a_dialect_is_guessed_by_what_is_there(
    request_body: dict[str, Any], answer: bytes, dialect: str | None
) -> None:
    found = guessed(request_body, answer)
    assert (None if found is None else found.name) == dialect
