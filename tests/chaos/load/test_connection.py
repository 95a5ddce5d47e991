"""One connection, byte by byte, without a socket."""

import asyncio
from typing import Any

import pytest

from llmops.chaos.load.answer import AnswerReader
from llmops.chaos.load.connection import Connection, Lost
from llmops.chaos.wire.dialects import DIALECTS

BODY = b'{"model":"m","choices":[{"message":{"content":"yes"},"finish_reason":"stop"}]}'
SIZED = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(BODY) + BODY
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
UNSIZED = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n" + BODY
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n"
CLOSING = SIZED.replace(b"OK\r\n", b"OK\r\nconnection: close\r\n")


class Wire(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.aborted = False

    def write(self, data: Any) -> None:
        self.written += data

    def abort(self) -> None:
        self.aborted = True


def asked(*steps: bytes | Exception | None) -> tuple[Lost | None, Connection, AnswerReader]:
    """Send a request; then each step comes: bytes, or the loss of the connection (None: a clean end)."""

    async def main() -> tuple[Lost | None, Connection, AnswerReader]:
        now = [0.0]
        connection = Connection(lambda: now[0])
        connection.connection_made(Wire())
        reader = AnswerReader(DIALECTS["openai_chat"])
        over = connection.ask(b"request", reader)
        for step in steps:
            now[0] += 1
            if isinstance(step, bytes):
                connection.data_received(step)
            else:
                connection.connection_lost(step)
        return over.result() if over.done() else None, connection, reader

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("answer", "reusable"),
    [(SIZED, True), (CHUNKED, True), (INTERIM + SIZED, True), (CLOSING, False)],
    ids=["sized", "chunked", "interim", "closing"],
)
def test_an_answer_is_whole_when_its_framing_says_so(answer: bytes, reusable: bool) -> None:
    for at in range(1, len(answer)):
        lost, connection, reader = asked(answer[:at], answer[at:])
        assert lost == ("", "")
        assert (reader.outcome()["text"], reader.status) == ("yes", 200)
        assert connection.is_reusable is reusable
        assert (reader.first_byte_at, reader.ended_at) == (1.0, 2.0)


def test_an_answer_without_a_length_ends_with_its_connection() -> None:
    assert asked(UNSIZED)[0] is None
    lost, connection, reader = asked(UNSIZED, None)
    assert (lost, reader.outcome()["text"], connection.is_reusable) == (("", ""), "yes", False)


@pytest.mark.parametrize(
    ("steps", "error"),
    [
        ((SIZED[:-1], None), "closed_early"),
        ((CHUNKED[:-5], None), "closed_early"),  # all of the body, and no last chunk
        ((None,), "closed_early"),
        ((SIZED[:20], None), "closed_early"),  # half a head
        ((SIZED[:-1], ConnectionResetError()), "reset"),
        ((ConnectionResetError(),), "reset"),
        ((UNSIZED, ConnectionResetError()), "reset"),
        ((b"SSH-2.0\r\n",), "protocol"),
        ((CHUNKED.replace(b"\r\n0\r\n", b"\r\nxyz\r\n"),), "protocol"),
        ((SIZED.replace(b"OK\r\n", b"OK\r\ncontent-encoding: gzip\r\n"),), "protocol"),
        ((SIZED.replace(b"OK\r\n", b"OK\r\ncontent-encoding: rot13\r\n"),), "protocol"),
    ],
)
def test_how_an_answer_was_lost_is_told(steps: tuple[bytes | Exception | None, ...], error: str) -> None:
    lost, connection, _ = asked(*steps)
    assert lost is not None
    assert lost[0] == error
    if error == "protocol":
        assert lost[1]
        assert isinstance(connection.transport, Wire)
        assert connection.transport.aborted


def test_what_came_before_damaged_bytes_was_read() -> None:
    event = b'data: {"model":"m","choices":[{"delta":{"content":"half"}}]}\n\n'
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    lost, _, reader = asked(head + b"%x\r\n%s\r\nno size\r\n" % (len(event), event))
    assert lost is not None
    assert (lost[0], reader.outcome()["text"]) == ("protocol", "half")


def test_bytes_behind_an_answer_end_the_use_of_a_connection() -> None:
    lost, connection, _ = asked(SIZED + b"HTTP/1.1 200 OK\r\n")
    assert (lost, connection.is_reusable) == (("", ""), False)
    lost, connection, _ = asked(SIZED, b"x")  # and later: nobody asked for them
    assert (lost, connection.is_reusable) == (("", ""), False)
