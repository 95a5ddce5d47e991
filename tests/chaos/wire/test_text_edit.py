import json
from random import Random
from typing import Any

import pytest

from llmops.chaos.faults.base import FaultContext, Request
from llmops.chaos.wire.dialects import dialect_of
from llmops.chaos.wire.parts import AnswerHead, Body, End, Event, Part, RequestHead
from llmops.chaos.wire.sse import data_of
from llmops.chaos.wire.stages import CannotEditError
from llmops.chaos.wire.text_edit import TextEdit, edited_text

STREAM = AnswerHead(200, b"OK", ((b"content-type", b"text/event-stream"),))
CHAT = b"/v1/chat/completions"


def context(target: bytes = CHAT) -> FaultContext:
    request = Request(RequestHead(b"POST", target, ()), b"", dialect_of(b"POST", target), None)
    return FaultContext(request, Random(0))


def fed(edit: TextEdit, *parts: Part) -> tuple[list[Any], FaultContext]:
    within = context()
    stage = edited_text(within, edit)
    return [output for part in parts for output in stage.feed(part)], within


def delta(text: str, index: int = 0, finish: str | None = None) -> Event:
    choice = {"index": index, "delta": {"content": text}, "finish_reason": finish}
    return Event(b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n")


def said(outputs: list[Any], index: int = 0) -> str:
    texts = ""
    for output in outputs:
        data = data_of(output.raw) if isinstance(output, Event) else None
        for choice in json.loads(data)["choices"] if data else []:
            texts += choice["delta"]["content"] if choice["index"] == index else ""
    return texts


def test_each_choice_is_rewritten_by_itself() -> None:
    events = [delta("ab"), delta("xy", 1), delta("cd"), delta("z", 1), delta("", 0, "stop"), delta("", 1, "stop")]
    outputs, _ = fed(TextEdit("upper", rewrite=str.upper), STREAM, *events, End())
    assert (said(outputs), said(outputs, 1)) == ("ABCD", "XYZ")


def test_a_rewrite_waits_for_the_end_of_the_text_and_no_longer() -> None:
    within = context()
    stage = edited_text(within, TextEdit("upper", rewrite=str.upper))
    assert len(list(stage.feed(STREAM))) == 1
    assert len(list(stage.feed(delta("")))) == 1  # the role chunk passes
    assert list(stage.feed(delta("ab"))) == []
    assert list(stage.feed(Event(b": ping\n\n"))) == []  # keeps its place
    assert len(list(stage.feed(delta("", 0, "stop")))) == 3
    assert list(stage.feed(Event(b"data: [DONE]\n\n"))) == [Event(b"data: [DONE]\n\n")]


def test_a_constant_runs_one_event_behind() -> None:
    within = context()
    stage = edited_text(within, TextEdit("words", constant="one two three four"))
    outputs = list(stage.feed(STREAM))
    counts = [len(list(stage.feed(event))) for event in (delta("a"), delta("b"), delta("c"))]
    assert counts == [0, 1, 1]
    assert [type(output) for output in outputs] == [AnswerHead]


def test_a_constant_comes_word_by_word_and_whole() -> None:
    outputs, _ = fed(TextEdit("words", constant="one two three"), STREAM, delta("a"), delta("b"), End())
    assert [said([output]) for output in outputs] == ["", "one ", "two three", ""]
    assert said(outputs) == "one two three"


def test_untouched_events_stay_byte_for_byte() -> None:
    odd = Event(b'data:   {"choices": [],   "x": 1.50}\r\n\r\n')
    outputs, _ = fed(TextEdit("upper", rewrite=str.upper), STREAM, odd, delta("ABC"), odd, delta("d"), End())
    assert outputs[1] is odd
    assert outputs[3] is odd


def test_an_edit_that_cannot_be_done_gives_all_back_and_says_why() -> None:
    def refuse(text: str) -> str:
        raise CannotEditError(f"not {text}")

    events = [delta("a"), delta("b"), delta("", 0, "stop")]
    outputs, within = fed(TextEdit("no", rewrite=refuse), STREAM, *events, End())
    assert outputs == [STREAM, *events, End()]
    assert (within.reason_not_applied, within.noted) == ("not ab", [])


def test_what_is_held_can_be_let_go() -> None:
    stage = edited_text(context(), TextEdit("upper", rewrite=str.upper))
    event = delta("a")
    assert list(stage.feed(event)) == []
    assert list(stage.let_go()) == [event]  # type: ignore[attr-defined]


def test_a_body_that_is_no_json_passes() -> None:
    body = Body(b"<html>")
    head = AnswerHead(200, b"OK", ((b"content-type", b"text/html"),))
    assert fed(TextEdit("upper", rewrite=str.upper), head, body, End())[0] == [head, body, End()]


@pytest.mark.parametrize(
    ("edit", "held_s"), [(TextEdit("it", rewrite=str.upper), 2.5), (TextEdit("it", constant="no"), 1.0)]
)
def test_how_long_the_first_token_was_held_is_in_the_receipt(edit: TextEdit, held_s: float) -> None:
    moments = [101.0, 102.0, 103.5]  # of each text; the clock is asked at the first and when the receipt is made
    within = context()
    within.clock = lambda: moments[-len(waiting) - 1]
    stage = edited_text(within, edit)
    waiting: list[Part] = [STREAM, delta("a"), delta("b"), delta("c", finish="stop")]
    while waiting:
        part = waiting.pop(0)
        list(stage.feed(part))
    assert within.noted[0]["held_s"] == held_s
