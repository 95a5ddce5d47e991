"""How each dialect is asked."""

import json
from typing import Any

import pytest

from llmops.chaos.load.asks import ASKS, auth_headers
from llmops.chaos.load.plan import PlannedCall
from llmops.chaos.load.prompts import Due, Mix, planned_calls
from llmops.chaos.wire.dialects import dialect_of
from llmops.errors import BadInput

DIALECTS = sorted(ASKS)


def call_of(mix: Mix, *, base_url: str = "http://h/v1") -> PlannedCall:
    (call,) = planned_calls([Due(0.0)], mix, base_url=base_url, run="run", seed=0)
    return call


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_proxy_follows_what_the_load_sends(dialect: str, stream: bool) -> None:
    call = call_of(Mix(dialect=dialect, models={"gpt-x": 1}, stream=stream, max_tokens=77))
    path = call.path.encode()
    found = dialect_of(b"POST", path)
    assert found is not None
    assert found.name == dialect
    asked = found.asked(path, call.body)
    assert asked is not None
    assert (asked.marker, asked.model, asked.stream) == ("run-1", "gpt-x", stream)
    assert asked.user_text.endswith(" [llmops:run-1]")
    assert b"77" in call.body
    assert (call.request_id, call.model, call.at_s) == ("run-1", "gpt-x", 0)


def test_a_streamed_chat_asks_for_its_usage() -> None:
    streamed, whole = (json.loads(call_of(Mix(models={"m": 1}, stream=stream)).body) for stream in (True, False))
    assert streamed["stream_options"] == {"include_usage": True}
    assert "stream" not in whole


def test_anthropic_is_told_a_limit_although_none_is_asked_for() -> None:
    assert json.loads(call_of(Mix(dialect="anthropic_messages", models={"m": 1})).body)["max_tokens"] == 1024


@pytest.mark.parametrize(
    ("dialect", "base_url", "path"),
    [
        ("openai_chat", "http://h", "/v1/chat/completions"),
        ("openai_chat", "http://h/v1/", "/chat/completions"),
        ("openai_chat", "http://h/gateway", "/chat/completions"),
        ("anthropic_messages", "http://h", "/v1/messages"),
        ("anthropic_messages", "http://h/v1", "/messages"),
        ("anthropic_messages", "http://h/gateway", "/v1/messages"),
        ("gemini", "http://h", "/v1beta/models/m:streamGenerateContent?alt=sse"),
        ("gemini", "http://h/v1beta", "/models/m:streamGenerateContent?alt=sse"),
    ],
)
def test_the_version_is_where_the_sdk_would_put_it(dialect: str, base_url: str, path: str) -> None:
    assert call_of(Mix(dialect=dialect, models={"m": 1}), base_url=base_url).path == path


@pytest.mark.parametrize(
    ("dialect", "prompt", "text"),
    [
        ("openai_chat", "Hello", "Hello [llmops:run-1]"),
        ("gemini", "Hello", "Hello [llmops:run-1]"),
        ("openai_responses", {"input": "Hello"}, "Hello [llmops:run-1]"),
        ("openai_chat", {"messages": [{"role": "user", "content": "Hello"}]}, "Hello [llmops:run-1]"),
        (
            "anthropic_messages",
            {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}]},
            "Hello [llmops:run-1]",
        ),
        ("gemini", {"contents": [{"parts": [{"text": "Hello"}]}]}, "Hello [llmops:run-1]"),
        (
            "openai_responses",
            {"input": [{"role": "user", "content": [{"type": "input_text", "text": "Hello"}]}]},
            "Hello [llmops:run-1]",
        ),
    ],
)
def test_a_given_prompt_is_marked_in_the_last_thing_the_user_says(dialect: str, prompt: Any, text: str) -> None:
    before = json.dumps(prompt)
    call = call_of(Mix(dialect=dialect, models={"m": 1}, prompts=[prompt]))
    found = dialect_of(b"POST", call.path.encode())
    assert found is not None
    asked = found.asked(call.path.encode(), call.body)
    assert asked is not None
    assert (asked.user_text, asked.marker) == (text, "run-1")
    assert json.dumps(prompt) == before  # the next call gets it unmarked


def test_parts_of_a_body_are_kept_and_the_load_decides_model_and_stream() -> None:
    turns = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello"},
    ]
    prompt = {"messages": turns, "temperature": 0, "model": "other", "stream": False}
    body = json.loads(call_of(Mix(models={"m": 1}, prompts=[prompt])).body)
    assert (body["temperature"], body["model"], body["stream"]) == (0, "m", True)
    assert [turn["content"] for turn in body["messages"]] == ["Be brief.", "Hi [llmops:run-1]", "Hello"]


@pytest.mark.parametrize("prompt", [{"temperature": 0}, {"messages": []}, {"messages": [{"role": "system"}, "x"]}])
def test_a_prompt_without_a_users_message_is_refused(prompt: Any) -> None:
    with pytest.raises(BadInput, match="a prompt has no"):
        call_of(Mix(models={"m": 1}, prompts=[prompt]))


def test_each_dialect_carries_its_key_in_its_own_header() -> None:
    assert auth_headers("openai_chat", "k") == auth_headers("openai_responses", "k") == {"authorization": "Bearer k"}
    assert auth_headers("anthropic_messages", "k") == {"x-api-key": "k", "anthropic-version": "2023-06-01"}
    assert auth_headers("gemini", "k") == {"x-goog-api-key": "k"}
