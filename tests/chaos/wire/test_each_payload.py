import json
from random import Random
from typing import Any

import pytest

from llmops.chaos.faults.base import FaultContext, Request
from llmops.chaos.wire.dialects import DIALECTS, dialect_of
from llmops.chaos.wire.each_payload import each_payload, put_all
from llmops.chaos.wire.parts import AnswerHead, Body, End, Event, Part, RequestHead
from llmops.chaos.wire.payload import Payload, Touched
from llmops.chaos.wire.slots import Shape

CHAT = b"/v1/chat/completions"
JSON = AnswerHead(200, b"OK", ((b"content-type", b"application/json"),))
STREAM = AnswerHead(200, b"OK", ((b"content-type", b"text/event-stream"),))


def context(target: bytes = CHAT) -> FaultContext:
    request = Request(RequestHead(b"POST", target, ()), b"", dialect_of(b"POST", target), None)
    return FaultContext(request, Random(0))


def odd_ones(payload: Payload, _shape: Shape) -> Touched:
    """Doubles odd numbers, leaves out zeros."""
    if payload["n"] == 0:
        return None
    if payload["n"] % 2 == 0:
        return False
    payload["n"] *= 2
    return True


def fed(*parts: Part, **more: Any) -> tuple[list[Any], FaultContext]:
    within = context(**{name: more.pop(name) for name in ("target",) if name in more})
    stage = each_payload(within, "doubled", odd_ones, **more)
    return [output for part in parts for output in stage.feed(part)], within


def event(n: int) -> Event:
    return Event(b'data:  {"n": %d}\n\n' % n)


def test_each_event_is_changed_left_or_left_out_by_itself() -> None:
    two, done = event(2), Event(b"data: [DONE]\n\n")
    outputs, within = fed(STREAM, event(1), two, event(0), event(3), done, End())
    assert outputs == [STREAM, Event(b'data: {"n":2}\n\n'), two, Event(b'data: {"n":6}\n\n'), done, End()]
    assert outputs[2] is two  # byte for byte
    assert within.noted == [{"what": "doubled"}]  # once


def test_nothing_changed_is_nothing_confessed() -> None:
    outputs, within = fed(STREAM, event(2), End())
    assert (outputs, within.noted) == ([STREAM, event(2), End()], [])


@pytest.mark.parametrize(
    ("body", "expected"),
    [(b'{"n": 1}', {"n": 2}), (b'[{"n": 2}, {"n": 3}]', [{"n": 2}, {"n": 6}]), (b'{"n":  2}', None), (b"<p>", None)],
)
def test_a_body_or_each_of_a_list_is_changed(body: bytes, expected: object) -> None:
    outputs, within = fed(JSON, Body(body), End())
    if expected is None:
        assert (outputs[1], within.noted) == (Body(body), [])
    else:
        assert (json.loads(outputs[1].data), within.noted) == (expected, [{"what": "doubled"}])


def test_a_dialect_without_such_answers_passes_and_is_said() -> None:
    outputs, within = fed(JSON, Body(b'{"n": 1}'), End(), target=b"/v1/embeddings")
    assert outputs == [JSON, Body(b'{"n": 1}'), End()]
    assert within.reason_not_applied == "openai_embeddings has no such thing in its answers"


def test_a_change_may_be_of_streams_only() -> None:
    assert fed(JSON, streams=True)[1].reason_not_applied == "the answer is no stream"


def test_a_value_is_put_in_all_slots_of_its_kind() -> None:
    shape = DIALECTS["openai_chat"].shape
    payload = {"model": "a", "choices": [{"index": 0, "message": {"content": "x"}}]}
    assert put_all(payload, shape, "model", "b")
    assert payload["model"] == "b"
    assert not put_all(payload, shape, "model", "b")  # it says so already
    assert not put_all(payload, shape, "fingerprint", "b")  # there is none
