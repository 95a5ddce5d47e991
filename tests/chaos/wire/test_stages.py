from random import Random

import pytest

from llmops.chaos.faults.base import FaultContext, Request
from llmops.chaos.wire.dialects import dialect_of
from llmops.chaos.wire.parts import AnswerHead, Body, End, Event, Part, Piece, RequestHead
from llmops.chaos.wire.stages import Parts, shape_for

CHAT = b"/v1/chat/completions"
JSON, STREAM = b"application/json", b"text/event-stream"


def context(target: bytes = CHAT) -> FaultContext:
    request = Request(RequestHead(b"POST", target, ()), b"", dialect_of(b"POST", target), None)
    return FaultContext(request, Random(0))


def head(status: int = 200, kind: bytes = JSON) -> AnswerHead:
    return AnswerHead(status, b"", ((b"content-type", kind),))


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (b"/v1/files", "no dialect knows this route"),
        (b"/model/m/converse", "Bedrock's answers are opaque"),
        (b"/v1/embeddings", "openai_embeddings has no such thing in its answers"),
    ],
)
def test_a_dialect_without_such_answers_is_said(target: bytes, reason: str) -> None:
    within = context(target)
    assert shape_for(within, frozenset({"openai_chat"})) is None
    assert within.reason_not_applied == reason


def test_a_dialect_that_has_them_gives_its_shape() -> None:
    within = context()
    assert shape_for(within, frozenset({"openai_chat"})) is dialect_of(b"POST", CHAT).shape  # type: ignore[union-attr]
    assert within.reason_not_applied == ""


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (199, "the upstream answered 199, which is no answer to spoil"),
        (200, ""),
        (299, ""),
        (300, "the upstream answered 300, which is no answer to spoil"),
        (429, "the upstream answered 429, which is no answer to spoil"),
    ],
)
def test_only_good_answers_are_looked_at(status: int, reason: str) -> None:
    within = context()
    assert list(Parts(within).feed(head(status))) == [head(status)]
    assert within.reason_not_applied == reason


@pytest.mark.parametrize(
    ("streams", "kind", "reason"),
    [
        (None, JSON, ""),
        (None, STREAM, ""),
        (True, STREAM, ""),
        (False, JSON, ""),
        (True, JSON, "the answer is no stream"),
        (False, STREAM, "the answer is a stream"),
    ],
)
def test_an_edit_may_be_of_streams_or_of_bodies_only(streams: bool | None, kind: bytes, reason: str) -> None:
    within = context()
    list(Parts(within, streams=streams).feed(head(kind=kind)))
    assert within.reason_not_applied == reason


@pytest.mark.parametrize("part", [head(), Event(b"data: 1\n\n"), Body(b"{}"), Piece(b"x"), End()])
def test_a_stage_that_changes_nothing_passes_each_part(part: Part) -> None:
    (passed,) = Parts(context()).feed(part)
    assert passed is part
