"""The detector sees what is wrong, says where, and is silent when all is well; it never knows the truth."""

from dataclasses import replace

import orjson
import pytest

from llmops.chaos.experiments.evidence import UserRequest
from llmops.chaos.gameday.detecting import Detecting
from llmops.chaos.gameday.schema import Detector

QUESTION = "Write a short report on these words: time year people way day man thing woman life child world school state"
ASKED = orjson.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": QUESTION}]})
ENGLISH = "This is the report that you asked for, and it is about the words that were given to me in the question."
THAI = "นี่คือรายงานที่คุณขอ และมันเกี่ยวกับคำที่ได้รับในคำถามของคุณ ขอบคุณมากสำหรับคำถามนี้"


def answer(text: str) -> bytes:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    return orjson.dumps({"object": "chat.completion", "model": "gpt-4o", "choices": [choice]})


def request(at: float, *, text: str = ENGLISH, status: int = 200, took: float = 0.1) -> UserRequest:
    return UserRequest(
        f"r{at}", "broken", at, at, at + took, 5.0, "openai_chat", "/v1/chat/completions", ASKED, False,
        status=status, answer_body=answer(text), truth="what nobody may ask",
    )  # fmt: skip


def detecting(**more: object) -> Detecting:
    given = {"window_s": 20.0, "min_samples": 10, "min_qualities": 10, "baseline_s": 5.0, "baseline_p95_s": 0.2}
    return Detecting(Detector(**{**given, **more}), ["gpt-4o"], now=lambda: 1000.0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("bad", "signal"),
    [
        ({"text": THAI}, "quality"),
        ({"text": ""}, "quality"),
        ({"status": 503}, "errors"),
        ({"took": 2.0}, "latency"),
    ],
)
def test_it_opens_on_what_callers_got_and_is_silent_before(bad: dict[str, object], signal: str) -> None:
    one = detecting(baseline_quality=1.0)
    for at in range(20):
        one.take_request(request(float(at)))
    assert one.openings == []
    for at in range(20, 60):
        one.take_request(request(float(at), **bad))  # type: ignore[arg-type]
    assert [(each.where, each.why.split()[0], each.at) for each in one.openings] == [("callers", signal, 1000.0)]


def wire(at: int, status: int) -> bytes:
    return orjson.dumps({
        "schema_version": 1, "kind": "wire", "at": f"2026-11-26T10:00:{at:02d}.000000Z", "provider": "primary",
        "call": at,
        "route": "/v1/chat/completions", "dialect": "openai_chat", "request_id": f"r{at}", "followed_by": "header",
        "status": status, "upstream_status": status, "ended": "complete", "duration_s": 0.1, "complete": True,
    })  # fmt: skip


@pytest.mark.parametrize(("statuses", "status", "opens"), [([], 503, True), ([], 401, False), ([401], 401, True)])
def test_it_opens_on_a_providers_errors_also_those_that_the_plan_counts(
    statuses: list[int], status: int, opens: bool
) -> None:
    one = detecting(error_statuses=statuses, signals=["errors"])
    for at in range(10):
        one.take_line(wire(at, 200))
    assert one.openings == []
    for at in range(10, 40):
        one.take_line(wire(at, status))
    assert [each.where for each in one.openings] == (["primary"] if opens else [])


def test_a_request_that_never_ended_is_an_error_of_no_latency() -> None:
    one = detecting(signals=["errors"])
    for at in range(20):
        one.take_request(replace(request(float(at)), ended_at=None, status=None, transport_error="timeout"))
    assert [each.where for each in one.openings] == ["callers"]
