import json

from llmops.chaos.gateway.passing import passed_on
from llmops.chaos.gateway.reply import Reply, problem_of
from llmops.chaos.gateway.routing import Question
from llmops.chaos.gateway.settings import Settings, Upstream
from llmops.chaos.wire.dialects import DIALECTS

CHAT = DIALECTS["openai_chat"]
CHUNK = b'data: {"model": "gpt-3.5", "choices": [{"index": 0, "delta": {"content": "Half an "}}]}\n\n'
HALF = Reply(200, {"content-type": "text/event-stream"}, CHUNK + b'data: {"mod', "cut")


def question(*, stream: bool = True) -> Question:
    return Question("/v1/chat/completions", b"{}", CHAT, "gpt-4o", stream=stream)


def settings(*ills: str) -> Settings:
    return Settings((Upstream("http://127.0.0.1:1/v1"),), ills=frozenset(ills))


def test_a_good_reply_is_passed_on_byte_by_byte() -> None:
    reply = Reply(200, {"x-request-id": "r"}, CHUNK)
    assert passed_on(reply, "good", question(), settings()) is reply


def test_the_providers_own_error_is_told_and_where_there_is_none_one_of_the_dialect() -> None:
    refused = Reply(429, {"retry-after": "3600"}, b'{"error": {}}')
    assert passed_on(refused, "retry", question(), settings()) is refused
    told = passed_on(HALF, "retry", question(), settings())
    assert told.status == 502
    assert json.loads(told.body)["error"]["message"]


def test_ill_laundering_makes_a_half_stream_look_whole() -> None:
    told = passed_on(HALF, "good", question(), settings("launders"))
    assert b"Half an " in told.body
    assert told.body.endswith(b"data: [DONE]\n\n")
    assert problem_of(told, CHAT, None) == ""
    assert problem_of(HALF, CHAT, None) == "damaged"  # which it is


def test_ill_laundering_makes_an_answer_of_a_page() -> None:
    page = Reply(200, {"content-type": "text/html"}, b"<html>502</html>")
    told = json.loads(passed_on(page, "good", question(stream=False), settings("launders")).body)
    assert (told["choices"][0]["message"]["content"], told["choices"][0]["finish_reason"]) == ("", "stop")


def test_ill_masking_tells_the_model_that_was_asked_for() -> None:
    told = passed_on(Reply(200, {}, CHUNK), "good", question(), settings("masks_model"))
    assert b'"gpt-4o"' in told.body
    assert b"gpt-3.5" not in told.body


def test_ill_masking_of_errors_makes_an_answer_of_an_outage() -> None:
    told = passed_on(Reply(503), "retry", question(stream=False), settings("masks_errors"))
    assert told.status == 200
    assert "busy" in json.loads(told.body)["choices"][0]["message"]["content"]
    assert passed_on(Reply(400, {}, b"{}"), "caller", question(), settings("masks_errors")).status == 400
