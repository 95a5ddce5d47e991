"""Connections of the load client: HTTP/1.1 on asyncio, each byte stamped when it comes."""

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import httptools

from llmops.chaos.load.answer import AnswerReader, UnreadableAnswer
from llmops.chaos.load.record import TransportError

if TYPE_CHECKING:
    from llmops.chaos.proxy.upstream import Address

IDLE_S = 4.0  # many servers close an idle connection after 5 s: never be the later one
CLOSE_S = 1.0  # a socket that is dropped is gone in the next turn of the loop
Clock = Callable[[], float]
Lost = tuple[TransportError, str]
"""How an answer ended: the kind of failure, empty for none, and its details."""


class Connection(asyncio.Protocol):
    """One connection, which carries one call at a time."""

    transport: asyncio.Transport

    def __init__(self, clock: Clock, everyone: "set[Connection] | None" = None) -> None:
        """`everyone` holds it while its socket is open."""
        self._clock = clock
        self._everyone = set() if everyone is None else everyone
        self._now = 0.0
        self._pieces: list[bytes] = []  # of the body, as the parser finds them in the bytes at hand
        self.on_body = self._pieces.append
        self._over: asyncio.Future[Lost] | None = None
        self._reader: AnswerReader | None = None
        self._closed = asyncio.get_running_loop().create_future()
        self.is_open = False
        self.is_reusable = True
        self.idle_since = 0.0

    def ask(self, request: bytes, reader: AnswerReader) -> "asyncio.Future[Lost]":
        """Send a request; the future ends when the answer does, well or badly."""
        self._parser = httptools.HttpResponseParser(self)
        self._now = self._clock()
        self._head_done = self._message_done = self._until_close = False
        self._content_type = self._content_encoding = b""
        self._framed = False
        self._pieces.clear()
        self._reader = reader
        self._over = asyncio.get_running_loop().create_future()
        if self.is_open:
            self.transport.write(request)
        else:
            self._end("closed_early", "the connection had been closed")
        return self._over

    def abort(self) -> None:
        """Drop the connection and the call on it."""
        self._over = self._reader = None
        self.is_reusable = False
        if self.is_open:
            self.transport.abort()

    async def wait_closed(self) -> None:
        await self._closed

    # --- callbacks of the parser

    def on_message_begin(self) -> None:
        if self._head_done:
            self.is_reusable = False  # bytes behind the answer
        self._content_type = self._content_encoding = b""
        self._framed = False

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if name == b"content-type":
            self._content_type = value
        elif name == b"content-encoding":
            self._content_encoding = value
        elif name in {b"content-length", b"transfer-encoding"}:
            self._framed = True

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200 or self._reader is None:  # noqa: PLR2004 - 1xx are interim (RFC 9110, 15.2)
            return
        self._head_done = True
        self.is_reusable = self._parser.should_keep_alive()
        self._until_close = not self._framed
        self._reader.begin(status, self._content_type, self._content_encoding)

    def on_message_complete(self) -> None:
        self._message_done = self._head_done

    # --- callbacks of the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self.is_open = True
        self._everyone.add(self)

    def data_received(self, data: bytes) -> None:
        reader = self._reader
        if reader is None:
            self.abort()  # bytes nobody asked for
            return
        self._now = self._clock()
        if reader.first_byte_at is None:
            reader.first_byte_at = self._now
        broken: Exception | None = None
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            # What a callback raised comes as the context of an error of the parser.
            broken = error.__context__ if isinstance(error.__context__, UnreadableAnswer) else error
        try:
            self._hand_over(reader)
        except UnreadableAnswer as error:
            broken = broken or error
        if broken is not None:
            self._end("protocol", str(broken))
            self.abort()

    def _hand_over(self, reader: AnswerReader) -> None:
        """The body as far as it came, also before bytes that are no HTTP. UnreadableAnswer."""
        if self._pieces:
            body = b"".join(self._pieces)
            self._pieces.clear()
            reader.feed(body, self._now)
        if self._message_done:
            self._finish(reader)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        self._everyone.discard(self)
        if not self._closed.done():
            self._closed.set_result(None)
        reader, self._now = self._reader, self._clock()
        if reader is None:
            return
        if exc is None and self._head_done and self._until_close:
            self._finish_at_close(reader)
        elif isinstance(exc, ssl.SSLError):
            self._end("tls", exc.reason or str(exc))
        elif isinstance(exc, ConnectionResetError | BrokenPipeError):
            self._end("reset", "")
        else:
            self._end("closed_early", "" if exc is None else str(exc))

    def _finish(self, reader: AnswerReader) -> None:
        """The answer is whole. UnreadableAnswer."""
        reader.finish(self._now)
        self._end("", "")

    def _finish_at_close(self, reader: AnswerReader) -> None:
        """The end of the connection is the end of the answer (RFC 9112, 6.3)."""
        try:
            self._finish(reader)
        except UnreadableAnswer as error:
            self._end("protocol", str(error))

    def _end(self, kind: TransportError, detail: str) -> None:
        over, reader = self._over, self._reader
        self._over = self._reader = None
        if reader is not None:
            reader.ended_at = self._now
        if over is not None and not over.done():
            over.set_result((kind, detail))


Connect = Callable[[Callable[[], Connection]], Awaitable[Connection]]
"""Opens a connection that carries the given protocol. OSError (also for TLS)."""


class Opener:
    """Opens sockets to one address, whose name is looked up once."""

    def __init__(self, address: "Address", ca_file: str | None = None) -> None:
        from llmops.chaos.proxy.upstream import upstream_tls

        self._address = address
        self._tls = upstream_tls(ca_file) if address.tls else None
        self._hosts = [address.host] if _is_number(address.host) else []
        self._looking = asyncio.Lock()

    async def __call__(self, protocol: Callable[[], Connection]) -> Connection:
        last: OSError | None = None
        for host in await self._found():
            try:
                connection = await self._open(host, protocol)
            except OSError as error:
                last = error
            else:
                self._hosts = [host]
                return connection
        raise last or OSError(f"{self._address.host} has no address")

    async def _found(self) -> list[str]:
        async with self._looking:  # a hundred calls at once ask the resolver once
            if not self._hosts:
                loop = asyncio.get_running_loop()
                found = await loop.getaddrinfo(self._address.host, self._address.port, type=socket.SOCK_STREAM)
                self._hosts = list(dict.fromkeys(str(place[0]) for *_, place in found))
        return self._hosts

    async def _open(self, host: str, protocol: Callable[[], Connection]) -> Connection:
        name = self._address.host if self._tls else None
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(
            protocol, host, self._address.port, ssl=self._tls, server_hostname=name
        )
        return connection


def _is_number(host: str) -> bool:
    """Whether it is an address already, which needs no resolver."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class Connections:
    """The connections of one run: those used last are used next, and none outlives `close`."""

    def __init__(self, connect: Connect, clock: Clock) -> None:
        self._connect, self._clock = connect, clock
        self._idle: list[Connection] = []
        self._open: set[Connection] = set()

    def idle(self) -> Connection | None:
        """One that waits for a call, if any."""
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open and self._clock() - connection.idle_since < IDLE_S:
                return connection
            connection.abort()
        return None

    async def open(self) -> Connection:
        """A new one. OSError."""
        return await self._connect(lambda: Connection(self._clock, self._open))

    def give_back(self, connection: Connection, *, is_whole: bool) -> None:
        """The call is over; where it was not seen to its end the connection is dropped."""
        if is_whole and connection.is_reusable and connection.is_open:
            connection.idle_since = self._clock()
            self._idle.append(connection)
        else:
            connection.abort()

    async def close(self) -> None:
        """Drop all, and return when their sockets are gone."""
        left = list(self._open)
        for connection in left:
            connection.abort()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                for connection in left:
                    await connection.wait_closed()
