import pytest

from llmops.chaos.wire.http1 import (
    Framing,
    changed_head,
    chunk,
    head_bytes,
    header,
    is_chunked,
    is_stream,
    reason_of,
    with_header,
    without_header,
)
from llmops.chaos.wire.parts import Action, AnswerHead, Body, End, Event, Fin, Frame, Part, Piece, RequestHead, Wait

HEADERS = ((b"Content-Type", b"a/b"), (b"X", b"1"), (b"x", b"2"))


def framed(
    *parts: Part | Action, method: bytes = b"POST", version: bytes = b"1.1", keep_alive: bool = True
) -> list[Action]:
    framing = Framing(
        RequestHead(method, b"/", (), method + b" / HTTP/" + version + b"\r\n\r\n"), keep_alive=keep_alive
    )
    return [action for part in parts for action in framing.feed(part)]


def sent(actions: list[Action]) -> bytes:
    return b"".join(action.data for action in actions if isinstance(action, Frame))


def test_headers_without_case() -> None:
    assert header(HEADERS, b"x") == b"1"
    assert header(HEADERS, b"y") is None
    assert without_header(HEADERS, b"x") == ((b"Content-Type", b"a/b"),)
    assert with_header(HEADERS, b"content-type", b"c")[0] == (b"Content-Type", b"c")
    assert with_header(HEADERS, b"Y", b"3")[-1] == (b"Y", b"3")


def test_a_head_keeps_its_raw_bytes_until_it_is_changed() -> None:
    head = AnswerHead(200, b"OK", HEADERS, b"HTTP/1.1 200 fine\r\n\r\n")
    assert head_bytes(head) == head.raw
    assert head_bytes(changed_head(head)) == b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nX: 1\r\nx: 2\r\n\r\n"
    assert changed_head(head, status=404).reason == b"Not Found"


def test_reasons() -> None:
    assert [reason_of(status) for status in (429, 529, 599)] == [b"Too Many Requests", b"Overloaded", b"Unknown"]


def test_an_empty_chunk_is_none() -> None:
    assert (chunk(b"abc"), chunk(b"")) == (b"3\r\nabc\r\n", b"")


@pytest.mark.parametrize(("value", "chunked"), [(b"chunked", True), (b"gzip, Chunked ", True), (b"gzip", False)])
def test_chunked(value: bytes, chunked: bool) -> None:
    assert is_chunked(((b"Transfer-Encoding", value),)) is chunked


def test_streams() -> None:
    assert is_stream(AnswerHead(200, b"", ((b"Content-Type", b"text/event-stream; charset=utf-8"),)))
    assert not is_stream(AnswerHead(200, b"", ((b"Content-Type", b"application/json"),)))


def test_a_body_gets_its_length() -> None:
    actions = framed(AnswerHead(429, b"", ((b"a", b"b"),)), Body(b"{}"), End())
    assert sent(actions) == b"HTTP/1.1 429 Too Many Requests\r\na: b\r\ncontent-length: 2\r\n\r\n{}"


def test_an_answer_of_nothing_has_length_zero() -> None:
    assert sent(framed(AnswerHead(200, b"OK", ()), End())).endswith(b"content-length: 0\r\n\r\n")


def test_events_come_in_chunks() -> None:
    actions = framed(AnswerHead(200, b"OK", ()), Event(b"data: 1\n\n"), End())
    assert sent(actions).endswith(b"transfer-encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n0\r\n\r\n")


def test_a_raw_head_leaves_at_once_and_decides_the_framing() -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"
    head = AnswerHead(200, b"OK", ((b"Content-Length", b"3"),), raw)
    assert framed(head) == [Frame(raw)]
    assert sent(framed(head, Piece(b"abc"), End())) == raw + b"abc"


def test_a_head_that_waits_leaves_before_an_action() -> None:
    actions = framed(AnswerHead(200, b"OK", ()), Wait(1), Fin())
    assert [type(action) for action in actions] == [Frame, Wait, Fin]


def test_no_body_for_head_and_204() -> None:
    head = AnswerHead(200, b"OK", ((b"content-length", b"2"),))
    assert sent(framed(head, Body(b"{}"), End(), method=b"HEAD")).endswith(b"\r\n\r\n")
    assert sent(framed(AnswerHead(204, b"", ()), End())) == b"HTTP/1.1 204 No Content\r\n\r\n"


def test_a_connection_that_is_not_kept_is_closed_and_says_so() -> None:
    actions = framed(AnswerHead(200, b"OK", ()), Body(b"x"), End(), keep_alive=False)
    assert b"connection: close" in sent(actions)
    assert actions[-1] == Fin()


def test_without_length_the_end_is_the_close() -> None:
    head = AnswerHead(200, b"OK", (), b"HTTP/1.1 200 OK\r\n\r\n")
    assert framed(head, Piece(b"x"), End())[1:] == [Frame(b"x"), Fin()]
    old = framed(AnswerHead(200, b"OK", ()), Event(b"data: 1\n\n"), End(), version=b"1.0")
    assert b"chunked" not in sent(old)
    assert old[-1] == Fin()
