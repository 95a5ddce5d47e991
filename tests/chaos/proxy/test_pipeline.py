from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.parts import (
    Action,
    AnswerHead,
    Body,
    End,
    Event,
    Fin,
    Frame,
    Part,
    Piece,
    Reset,
    Wait,
)

Do = Callable[[FaultContext, Part], Iterator[Part | Action]]


@dataclass(frozen=True)
class Stub:
    """An editing fault made of one function."""

    do: Do
    reads: Reads = "events"
    family: ClassVar[Family] = "transport"

    def stage(self, context: FaultContext) -> Stage:
        return _Stage(context, self.do)


@dataclass
class _Stage:
    context: FaultContext
    do: Do

    def feed(self, part: Part) -> Iterator[Part | Action]:
        return self.do(self.context, part)


@dataclass(frozen=True)
class Answering:
    """A fault that answers by itself, or leaves it."""

    parts: list[Part | Action] | None = field(default_factory=list)
    family: ClassVar[Family] = "http"

    def answer(self, context: FaultContext) -> list[Part | Action] | None:
        if self.parts:
            context.note("answered")
        return self.parts


def nothing(_: FaultContext, part: Part) -> Iterator[Part | Action]:
    yield part


def louder(context: FaultContext, part: Part) -> Iterator[Part | Action]:
    if isinstance(part, Body | Piece):
        context.note("louder")
        yield type(part)(part.data.upper())
    elif isinstance(part, Event):
        context.note("louder")
        yield Event(part.raw.upper())
    else:
        yield part


def reset_on_data(context: FaultContext, part: Part) -> Iterator[Part | Action]:
    if isinstance(part, Piece):
        context.note("reset")
        yield Frame(b"5\r\nhel")
        yield Reset()
    else:
        yield part


CODINGS = ["", "gzip", "deflate", "br", "zstd"]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=2000),
    size=st.integers(1, 500),
    coding=st.sampled_from(CODINGS),
    chunked=st.booleans(),
    stream=st.booleans(),
    reads=st.sampled_from(["pieces", "events", "body"]),
)
def test_a_fault_that_changes_nothing_changes_no_byte(  # noqa: PLR0917 - drawn by name
    through: Callable[..., Any], body: bytes, size: int, coding: str, chunked: bool, stream: bool, reads: Reads
) -> None:
    options = {"body": body, "coding": coding, "chunked": chunked, "stream": stream, "size": size}
    healthy, seen = through([], **options), through(Stub(nothing, reads), **options)
    assert (seen.body, seen.head, seen.ended) == (body, healthy.head, True)
    if not chunked:
        assert seen.raw == healthy.raw  # also the coded bytes
    assert seen.reasons == ["the answer ended before the fault found anything to change"] or stream


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("chunked", [False, True])
def test_an_edited_answer_keeps_coding_and_framing(
    through: Callable[..., Any], coding: str, stream: bool, chunked: bool
) -> None:
    body = b"data: abc\n\ndata: def\n\n"
    seen = through(Stub(louder), body=body, coding=coding, stream=stream, chunked=chunked, size=3)
    assert (seen.body, seen.ended) == (body.upper(), True)
    assert [name for name, _ in seen.head.headers] == [
        name for name, _ in through([], body=body, coding=coding, stream=stream, chunked=chunked).head.headers
    ]
    assert seen.receipts[0] == {"applied": True, "what": "louder"}
    assert seen.order.index("receipt") < seen.order.index("Frame") or stream


def test_a_receipt_stands_before_each_changed_event_and_not_before_it_is_due(through: Callable[..., Any]) -> None:
    body = b"data: a\n\n" * 3
    assert through(Stub(louder), stream=True, body=body, size=9).order == ["Frame", *["receipt", "Frame"] * 3, "Frame"]
    assert through(Stub(louder), stream=True, body=body, size=99).order == ["Frame", *["receipt", "Frame"] * 3, "Frame"]


def test_edits_of_events_stand_before_those_of_pieces(through: Callable[..., Any]) -> None:
    def marked(context: FaultContext, part: Part) -> Iterator[Part | Action]:
        if isinstance(part, Piece):
            context.note("marked", first=part.data[:9])
        yield part

    seen = through([Stub(marked, "pieces"), Stub(louder)], stream=True, body=b"data: a\n\n")
    assert {receipt["what"]: receipt for receipt in seen.applied}["marked"]["first"] == b"DATA: A\n\n"


def test_actions_pass_in_their_place_and_end_the_exchange(through: Callable[..., Any]) -> None:
    seen = through([Stub(reset_on_data, "pieces")], stream=True)
    assert [type(action) for action in seen.actions] == [Frame, Frame, Reset]
    assert seen.raw.endswith(b"5\r\nhel")
    assert seen.receipts == [{"applied": True, "what": "reset"}]


def test_a_wait_in_a_held_answer_keeps_its_place(through: Callable[..., Any]) -> None:
    def late(context: FaultContext, part: Part) -> Iterator[Part | Action]:
        if isinstance(part, Body):
            context.note("late")
            yield Wait(2.0)
        yield part

    seen = through(Stub(late))
    assert [type(action) for action in seen.actions] == [Frame, Wait, Frame]
    assert seen.body == seen.upstream


def test_an_early_end_is_the_last_thing_sent(through: Callable[..., Any]) -> None:
    def early(context: FaultContext, part: Part) -> Iterator[Part | Action]:
        if isinstance(part, Event):
            context.note("early")
            yield End()
        yield part

    seen = through(Stub(early), stream=True, coding="gzip")
    assert (seen.body, seen.ended) == (b"", True)


def test_a_fault_that_answers_is_not_asked_of_the_upstream(through: Callable[..., Any]) -> None:
    parts: list[Part | Action] = [AnswerHead(503, b"", ()), Body(b"no"), End()]
    seen = through([Answering(None), Answering(parts), Answering(parts), Stub(louder), Stub(louder, "pieces")])
    assert (seen.head.status, seen.body) == (503, b"NO")
    assert [receipt["what"] for receipt in seen.applied] == ["answered", "louder"]
    assert seen.reasons == ["f1 answered, the upstream was not asked"] * 2


def test_pieces_of_an_answer_of_our_own_can_be_edited(through: Callable[..., Any]) -> None:
    parts: list[Part | Action] = [AnswerHead(200, b"OK", ()), Piece(b"no"), End()]
    assert through([Answering(parts), Stub(louder, "pieces")]).body == b"NO"


def test_a_fault_that_leaves_it_lets_the_upstream_answer(through: Callable[..., Any]) -> None:
    seen = through([Answering(None), Answering([])])
    assert (seen.body, seen.receipts) == (seen.upstream, [])


@pytest.mark.parametrize("stream", [False, True])
def test_a_lost_upstream_is_told_and_no_end_invented(through: Callable[..., Any], stream: bool) -> None:
    for faults in ([], [Stub(nothing)], [Stub(nothing, "pieces")]):
        seen = through(faults, stream=stream, lose_after=3, size=100)
        assert (seen.body, seen.ended) == (seen.upstream[:300], False)
        assert seen.actions[-1] == Reset()
        assert Fin() not in seen.actions


def test_a_lost_upstream_is_a_reason(through: Callable[..., Any]) -> None:
    assert "lost" in through(Stub(louder), lose_after=1).reasons[0]


def test_a_damaged_coding_in_a_live_stream_ends_as_the_client_would_find_it(through: Callable[..., Any]) -> None:
    seen = through(Stub(nothing), stream=True, claims="gzip")
    assert seen.actions[-1] == Reset()
    assert "cannot be decoded" in seen.reasons[0]


def test_a_connection_that_is_not_kept_is_closed(through: Callable[..., Any]) -> None:
    assert through(Stub(louder), keep_alive=False).actions[-1] == Fin()
