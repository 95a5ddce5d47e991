"""Gemini's API over plain HTTP: whole, as events, as an array."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.providers.answering.truth import is_whole
from llmops.chaos.providers.gemini import Gemini
from llmops.chaos.providers.serving.desk import Settings, truth_of
from llmops.chaos.providers.serving.limiting import Limits
from llmops.chaos.providers.serving.server import Running

Serve = Callable[..., Running]
Post = Callable[..., tuple[int, Any, bytes]]
Answer = Any  # JSON

BODY = {"contents": [{"role": "user", "parts": [{"text": "hello"}]}]}
MODEL = "/v1beta/models/gemini-2.5-flash"
SCHEMA = {"type": "OBJECT", "properties": {"city": {"type": "STRING"}, "days": {"type": "INTEGER"}}}


def text_of(answer: Answer) -> str:
    return "".join(part["text"] for part in answer["candidates"][0]["content"]["parts"])


def test_whole_events_and_array_say_the_same_truth(serving: Serve, post: Post) -> None:
    url = serving("gemini").base_url + MODEL
    whole = json.loads(post(f"{url}:generateContent", BODY)[2])
    truth = truth_of(Gemini(), f"{MODEL}:generateContent", json.dumps(BODY).encode())
    assert text_of(whole) == truth
    assert is_whole(truth or "")
    assert (whole["candidates"][0]["finishReason"], whole["modelVersion"]) == ("STOP", "gemini-2.5-flash")
    _, head, events = post(f"{url}:streamGenerateContent?alt=sse", BODY)
    chunks = [json.loads(event.removeprefix(b"data: ")) for event in events.split(b"\n\n") if event]
    assert head["content-type"].startswith("text/event-stream")
    assert "".join(map(text_of, chunks)) == truth
    assert chunks[-1]["usageMetadata"] == whole["usageMetadata"]
    assert ["finishReason" in chunk["candidates"][0] for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    _, head, array = post(f"{url}:streamGenerateContent", BODY)
    assert head["content-type"] == "application/json"
    assert "".join(map(text_of, json.loads(array))) == truth


def test_usage_adds_up_and_max_tokens_is_kept(serving: Serve, post: Post) -> None:
    url = serving("gemini").base_url + MODEL
    answer = json.loads(post(f"{url}:generateContent", {**BODY, "generationConfig": {"maxOutputTokens": 4}})[2])
    usage = answer["usageMetadata"]
    assert answer["candidates"][0]["finishReason"] == "MAX_TOKENS"
    assert usage["candidatesTokenCount"] == 4
    assert usage["totalTokenCount"] == usage["promptTokenCount"] + 4


def test_json_mode_keeps_a_schema_in_googles_own_words(serving: Serve, post: Post) -> None:
    config = {"responseMimeType": "application/json", "responseSchema": SCHEMA}
    answer = json.loads(
        post(f"{serving('gemini').base_url}{MODEL}:generateContent", {**BODY, "generationConfig": config})[2]
    )
    assert isinstance(json.loads(text_of(answer))["days"], int)


def test_a_function_is_called_when_asked_for(serving: Serve, post: Post) -> None:
    asked = {
        **BODY,
        "tools": [{"functionDeclarations": [{"name": "get_weather", "parameters": SCHEMA}]}],
        "toolConfig": {"functionCallingConfig": {"mode": "ANY"}},
    }
    answer = json.loads(post(f"{serving('gemini').base_url}{MODEL}:generateContent", asked)[2])
    call = answer["candidates"][0]["content"]["parts"][0]["functionCall"]
    assert (call["name"], sorted(call["args"])) == ("get_weather", ["city", "days"])


@pytest.mark.parametrize(
    ("limits", "quota_id"),
    [
        (Limits(requests_per_minute=1), "GenerateRequestsPerMinutePerProjectPerModel"),
        (Limits(requests_per_day=1), "GenerateRequestsPerDayPerProjectPerModel-FreeTier"),
    ],
)
def test_a_429_says_how_long_in_its_body_and_nothing_in_its_headers(
    serving: Serve, post: Post, limits: Limits, quota_id: str
) -> None:
    url = f"{serving('gemini', Settings(limits=limits)).base_url}{MODEL}:generateContent"
    assert post(url, BODY)[0] == 200
    status, head, body = post(url, BODY)
    failure, *_, retry = json.loads(body)["error"]["details"]
    assert (status, failure["violations"][0]["quotaId"]) == (429, quota_id)
    assert float(retry["retryDelay"].removesuffix("s")) > 0
    assert head["retry-after"] is None


def test_without_key_or_contents_it_is_refused(serving: Serve, post: Post) -> None:
    url = f"{serving('gemini').base_url}{MODEL}:generateContent"
    assert post(url, BODY, key=None)[0] == 403
    assert post(f"{url}?key=any", BODY, key=None)[0] == 200
    assert post(url, {"contents": []})[0] == 400
    assert post(url.replace(":generateContent", ":sing"), BODY)[0] == 404
