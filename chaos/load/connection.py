"""One connection of the load client: HTTP/1.1 on asyncio, each byte stamped when it comes."""

import asyncio
import ssl
from collections.abc import Callable

import httptools

from llmops.chaos.load.answer import AnswerReader, UnreadableAnswer
from llmops.chaos.load.record import TransportError

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
