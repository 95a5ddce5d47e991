"""Where requests end and what may not pass: scripted bytes at every split, without a socket."""

import runpy
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from llmops.chaos.proxy.server import ClientConnection
from llmops.chaos.wire.dialects import dialect_of

SMUGGLED: dict[str, bytes] = runpy.run_path(str(Path(__file__).with_name("smuggled.py")))["SMUGGLED"]
CHAT = b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\n"
FILES = b"POST /v1/files HTTP/1.1\r\nHost: a\r\n"
PASSING = {
    "no body": b"GET /v1/models HTTP/1.1\r\nHost: a\r\n\r\n",
    "a length": CHAT + b"Content-Length: 3\r\n\r\nabc",
    "an empty length": CHAT + b"Content-Length: 0\r\n\r\n",
    "chunks": CHAT + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0a\r\n0123456789\r\n0\r\n\r\n",
    "chunks in capitals": CHAT + b"TRANSFER-ENCODING:\tChunked \r\n\r\nA\r\n0123456789\r\n0\r\n\r\n",
    "an extension and trailers": CHAT
    + b"Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0;c\r\nX: 1\r\nY: 2\r\n\r\n",
    "line ends in the data": CHAT + b"Transfer-Encoding: chunked\r\n\r\n4\r\n\r\n\r\n\r\n0\r\n\r\n",
    "a length on an unknown route": FILES + b"Content-Length: 5\r\n\r\nabcde",
    "chunks on an unknown route": FILES + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "HTTP/1.0": b"GET /v1/models HTTP/1.0\r\nHost: a\r\n\r\n",
    "all resources": b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
}


class Client:
    """A client's connection whose upstream is a list of bytes."""

    def __init__(self) -> None:
        self.sent, self.forwarded = b"", b""
        self.closed = False
        self.refusals: list[str] = []
        upstream = SimpleNamespace(take=lambda _call, _owner: None, write=self._forward, abort=lambda: None)
        provider: Any = SimpleNamespace(
            host=b"up",
            held_bytes=1000,
            started=0,
            draining=False,
            connections=set(),
            injections=SimpleNamespace(active=False),
            pool=SimpleNamespace(idle=lambda **_: upstream),
            dialect_of=lambda head: dialect_of(head.method, head.target),
            refused=self.refusals.append,
            finished=lambda _call: None,
        )
        self.connection = ClientConnection(provider)
        transport: Any = SimpleNamespace(
            write=self._send, close=self._close, is_closing=lambda: self.closed, get_extra_info=lambda _name: None
        )
        self.connection.connection_made(transport)

    def _send(self, data: bytes) -> None:
        self.sent += data

    def _forward(self, data: bytes) -> None:
        self.forwarded += data

    def _close(self) -> None:
        self.closed = True

    def feed(self, *pieces: bytes) -> None:
        for piece in pieces:
            if piece and not self.closed:
                self.connection.data_received(piece)


def splits(data: bytes) -> Iterator[tuple[bytes, ...]]:
    """Whole, in two at every place (of a long one, at some), and byte by byte (of a long one, by the kilobyte)."""
    yield (data,)
    step = 1 if len(data) < 1000 else 4999
    yield from ((data[:at], data[at:]) for at in range(1, len(data), step))
    size = 1 if len(data) < 1000 else 1024
    yield tuple(data[at : at + size] for at in range(0, len(data), size))


@pytest.mark.parametrize("name", SMUGGLED)
def test_what_two_servers_could_read_differently_is_refused_at_every_split(name: str) -> None:
    for pieces in splits(SMUGGLED[name]):
        client = Client()
        client.feed(*pieces)
        assert client.sent[:13] in {b"HTTP/1.1 400 ", b"HTTP/1.1 431 ", b"HTTP/1.1 505 "}, pieces
        assert client.forwarded == b"", pieces
        assert client.closed
        assert len(client.refusals) == 1


@pytest.mark.parametrize("name", PASSING)
def test_what_is_one_request_is_forwarded_at_every_split_and_only_host_changes(name: str) -> None:
    request = PASSING[name]
    for pieces in splits(request):
        client = Client()
        client.feed(*pieces)
        assert client.forwarded == request.replace(b"Host: a\r\n", b"Host: up\r\n"), pieces
        assert (client.sent, client.refusals, client.closed) == (b"", [], False)


def test_empty_lines_before_a_request_are_left_out_at_every_split() -> None:
    for pieces in splits(b"\r\n\r\n" + PASSING["a length"]):
        client = Client()
        client.feed(*pieces)
        assert client.forwarded == PASSING["a length"].replace(b"Host: a", b"Host: up")


def test_a_body_that_turns_bad_on_its_way_is_cut_before_the_bad_piece() -> None:
    client = Client()
    client.feed(FILES + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
    good = client.forwarded
    assert good.endswith(b"3\r\nabc\r\n")
    client.feed(b"0x3\r\nabc\r\n0\r\n\r\n")
    assert (client.forwarded, client.closed) == (good, True)
