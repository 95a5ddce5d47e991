import json
from typing import Any

import pytest

from llmops.chaos.gateway.reply import Fate, Reply, fate_of
from llmops.chaos.wire.dialects import DIALECTS

CHAT = DIALECTS["openai_chat"]


def body(content: object = "Fine.", finish: str | None = "stop", model: str = "gpt-4o", **more: Any) -> Reply:
    choice = {"index": 0, "message": {"role": "assistant", "content": content, **more}, "finish_reason": finish}
    whole = {"object": "chat.completion", "model": model, "choices": [choice]}
    return Reply(200, {"content-type": "application/json"}, json.dumps(whole).encode())


def stream(*events: object) -> Reply:
    lines = [event if isinstance(event, str) else json.dumps(event) for event in events]
    return Reply(200, {"content-type": "text/event-stream"}, "".join(f"data: {line}\n\n" for line in lines).encode())


def chunk(content: str | None = None, finish: str | None = None) -> dict[str, Any]:
    delta = {} if content is None else {"content": content}
    return {"model": "gpt-4o", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


WHOLE = (chunk("Fi"), chunk("ne."), chunk(None, "stop"), "[DONE]")
TOOL = {"id": "c", "type": "function", "function": {"name": "look_up", "arguments": '{"city":"Oslo"}'}}
CUT_TOOL = {**TOOL, "function": {"name": "look_up", "arguments": '{"city":"Os'}}


@pytest.mark.parametrize(
    "reply",
    [
        body(),
        body(model="gpt-4o-2024-08-06"),  # the same model with its date
        body("Fi", "length"),  # short, and says so
        body(None, "stop", refusal="I cannot."),
        body(None, "tool_calls", tool_calls=[TOOL]),
        stream(*WHOLE),
    ],
    ids=["whole", "dated", "short and honest", "refusal", "tool", "stream"],
)
def test_an_answer_is_passed_on(reply: Reply) -> None:
    assert fate_of(reply, CHAT, "gpt-4o") == "good"


@pytest.mark.parametrize(
    "reply",
    [
        body(""),
        body(None),
        body(finish=None),
        body(finish="abort"),
        body("", "content_filter"),
        body(model="gpt-3.5-turbo"),
        body(None, "tool_calls", tool_calls=[CUT_TOOL]),
        Reply(200, {"content-type": "application/json"}, b'{"choices": []}'),
        Reply(200, {"content-type": "application/json"}, b'{"error": {"message": "no", "type": "server_error"}}'),
        Reply(200, {"content-type": "application/json"}, b'{"choices": [{"ind'),
        Reply(200, {"content-type": "text/html"}, b"<html>502</html>"),
        Reply(200, {}, b""),
        stream("[DONE]"),
        stream(*WHOLE[:2]),
        stream(*WHOLE[:3]),
        stream(WHOLE[0], "{not json", *WHOLE[1:]),
        stream(WHOLE[0], {"error": {"message": "no", "type": "server_error"}}),
    ],
)
def test_a_200_that_is_no_whole_answer_goes_to_the_next_provider(reply: Reply) -> None:
    assert fate_of(reply, CHAT, "gpt-4o") == "next"


@pytest.mark.parametrize(
    ("status", "fate"),
    [(500, "retry"), (503, "retry"), (529, "retry"), (408, "retry"), (429, "retry"), (401, "next"), (403, "next"),
     (404, "next"), (424, "next"), (400, "caller"), (413, "caller"), (422, "caller")],
)  # fmt: skip
def test_a_status_decides_who_is_asked_next(status: int, fate: Fate) -> None:
    assert fate_of(Reply(status, {}, b"{}"), CHAT, "gpt-4o") == fate


def test_a_quota_that_is_used_up_is_not_asked_again() -> None:
    assert fate_of(Reply(429, {}, b'{"error": {"code": "insufficient_quota"}}'), CHAT, "gpt-4o") == "next"


@pytest.mark.parametrize("reply", [Reply(broke="connect"), Reply(broke="timeout"), Reply(200, {}, b"data: {", "cut")])
def test_what_broke_off_is_asked_again(reply: Reply) -> None:
    assert fate_of(reply, CHAT, "gpt-4o") == "retry"


@pytest.mark.parametrize(
    ("header", "seconds"), [("2", 2.0), ("0.5", 0.5), ("0", None), ("-1", None), ("soon", None), ("inf", None)]
)
def test_retry_after_is_a_number_of_seconds_or_nothing(header: str, seconds: float | None) -> None:
    assert Reply(429, {"retry-after": header}).retry_after_s == seconds
    assert Reply(429).retry_after_s is None
