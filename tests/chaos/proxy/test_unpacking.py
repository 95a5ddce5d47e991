import gzip

import pytest

from llmops.chaos.proxy.coding import CannotDecodeError, decoder
from llmops.chaos.proxy.unpacking import Held, LiveEvents, Packing, content_coding, packed_whole
from llmops.chaos.wire.parts import AnswerHead, Body, End, Event, Piece, Wait

GZIPPED = AnswerHead(200, b"OK", ((b"Content-Encoding", b"gzip"), (b"Content-Length", b"9")), b"raw")
STREAM = AnswerHead(200, b"OK", ((b"Content-Type", b"text/event-stream"), (b"Content-Encoding", b"gzip")))


def test_events_come_as_they_are_decoded() -> None:
    packed = gzip.compress(b"data: 1\n\ndata: 2\n\nda")
    live = LiveEvents(STREAM)
    events = [event for at in range(len(packed)) for event in live.feed(packed[at : at + 1])]
    assert events == [Event(b"data: 1\n\n"), Event(b"data: 2\n\n")]
    assert list(live.end()) == [Event(b"da")]


def test_a_held_answer_keeps_its_bytes_and_gives_its_parts() -> None:
    packed = gzip.compress(b"{}")
    held = Held(GZIPPED)
    held.feed(packed[:5])
    held.feed(packed[5:])
    assert (held.raw, held.size_bytes, held.parts()) == (packed, len(packed), [Body(b"{}")])
    stream = Held(STREAM)
    stream.feed(gzip.compress(b"data: 1\n\nrest"))
    assert stream.parts() == [Event(b"data: 1\n\n"), Event(b"rest")]


def test_an_unknown_coding_is_found_before_anything_is_held() -> None:
    head = AnswerHead(200, b"OK", ((b"Content-Encoding", b"gzip"), (b"content-encoding", b"br")))
    assert content_coding(head) == b"gzip, br"
    with pytest.raises(CannotDecodeError):
        Held(head)


def test_each_event_is_packed_so_that_it_can_be_read_at_once() -> None:
    packing, unpack = Packing(), decoder(b"gzip")
    assert list(packing.feed(STREAM)) == [STREAM]
    for raw in (b"data: 1\n\n", b"data: 2\n\n"):
        (piece,) = packing.feed(Event(raw))
        assert isinstance(piece, Piece)
        assert unpack.feed(piece.data) == raw


def test_the_length_of_a_whole_answer_is_made_true() -> None:
    head, *rest = packed_whole([GZIPPED, Wait(1), Body(b"{}" * 100), End()])
    assert isinstance(head, AnswerHead)
    pieces = [part for part in rest if isinstance(part, Piece)]
    length = sum(len(piece.data) for piece in pieces)
    assert head.headers[1] == (b"Content-Length", b"%d" % length)
    assert head.raw == b""
    assert gzip.decompress(b"".join(piece.data for piece in pieces)) == b"{}" * 100
    assert rest[0] == Wait(1)


def test_a_length_that_is_true_stays_with_its_raw_head() -> None:
    head = AnswerHead(200, b"OK", ((b"Content-Length", b"2"),), b"raw")
    assert packed_whole([head, Body(b"[]"), End()])[0] is head
    chunked = AnswerHead(200, b"OK", ((b"Transfer-Encoding", b"chunked"),), b"raw")
    assert packed_whole([chunked, Body(b"[]"), End()])[0] is chunked


def test_what_comes_after_an_early_end_is_not_packed() -> None:
    assert packed_whole([Event(b"a"), End(), Event(b"b")]) == [Piece(b"a"), End()]
