"""A client's bytes, cut into requests: what is held and what passes as it comes, and what is refused. No sockets."""

import time
from typing import TYPE_CHECKING

import httptools

from llmops.chaos.proxy.call import Call
from llmops.chaos.proxy.http1 import MAX_HEAD_BYTES, ChunkedBody, RefusedRequest, ScannedHead, scan_head

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmops.chaos.proxy.provider import Provider

HEAD_S = 30.0  # for a head, and between two pieces of a body
IDLE_S = 600.0  # a client's idle connection: longer than any client keeps one, so that we are never the first
MAX_PIPELINED_BYTES = 1024 * 1024
TOO_LONG = "the body is longer than what is held: the request passed as one of an unknown route"


class Intake:
    """One request at a time, further ones wait their turn. What to do with them is said by the class that inherits."""

    __slots__ = (
        "_body", "_buffer", "_chunks", "_fed", "_head_done", "_keep", "_message_done", "_missing", "call", "deadline",
        "parser", "provider", "streaming", "write",
    )  # fmt: skip

    write: "Callable[[bytes], None]"

    def __init__(self, provider: "Provider") -> None:
        self.provider = provider
        self.parser = httptools.HttpRequestParser(self)
        self.call: Call | None = None  # the request at hand
        self.deadline = time.monotonic() + IDLE_S
        self.streaming = False  # the request's body goes on as it comes
        self._buffer = b""  # what has come and is not yet a request's
        self._fed = 0  # bytes of the buffer the parser has seen
        self._head_done = self._message_done = False
        self._keep = True
        self._body: list[bytes] = []
        self._missing = 0  # bytes of the body, by Content-Length
        self._chunks: ChunkedBody | None = None

    # --- what the connection does

    def _requested(self, call: Call, raw_body: bytes | None = None) -> None:
        """A request is whole, or begins to stream; `raw_body` is its body as it came where that differs."""
        raise NotImplementedError

    def _send_on(self, call: Call, piece: bytes) -> None:
        """A piece of a body that goes on as it comes."""
        raise NotImplementedError

    def _answered_early(self, rest: bytes) -> None:
        """A request is answered, and these bytes of its body are still to be read."""
        raise NotImplementedError

    def _refuse(self, refused: RefusedRequest) -> None:
        raise NotImplementedError

    def pause_reading(self) -> None:
        raise NotImplementedError

    # --- callbacks of the parser

    def on_headers_complete(self) -> None:
        self._head_done = True
        self._keep = self.parser.should_keep_alive()

    def on_message_complete(self) -> None:
        self._message_done = True

    # --- bytes come in

    def _next_request(self, data: bytes) -> None:
        try:
            self._head_bytes(data)
        except RefusedRequest as refused:
            self._refuse(refused)
        except httptools.HttpParserError as error:
            self._refuse(RefusedRequest(str(error)))

    def _head_bytes(self, data: bytes) -> None:
        if not self._fed and data[:1] in {b"\r", b"\n"}:
            data = data.lstrip(b"\r\n")  # empty lines before a request are allowed (RFC 9112, 2.2)
            if not data:
                return
        end = data.find(b"\r\n\r\n", max(0, self._fed - 3)) + 4
        upgrade = False
        try:
            if end == 3:  # noqa: PLR2004 - not found
                self._partial_head(data)
                return
            self.parser.feed_data(data[self._fed : end])
        except httptools.HttpParserUpgrade:
            upgrade = True
        if not self._head_done:
            raise RefusedRequest("not a request")
        self._fed = 0
        head = scan_head(data[:end], self.provider.host)
        self._started(head, data, end, upgrade=upgrade)

    def _partial_head(self, data: bytes) -> None:
        if len(data) > MAX_HEAD_BYTES:
            raise RefusedRequest("the head is too long", 431)
        self.parser.feed_data(data[self._fed :])
        if self._head_done:
            raise RefusedRequest("not HTTP/1.1")
        self._buffer, self._fed = data, len(data)
        self.deadline = min(self.deadline, time.monotonic() + HEAD_S)

    def _started(self, head: ScannedHead, data: bytes, end: int, *, upgrade: bool) -> None:
        provider = self.provider
        call = Call(head, provider.dialect_of(head), time.monotonic(), time.time())
        provider.started += 1
        call.number = provider.started
        call.request_bytes = end
        self._keep = self._keep and not upgrade
        length = head.content_length
        if upgrade:
            self._start_upgrade(call, data, end)
        elif length == 0:
            self._message_complete_or_refuse()
            self.call = call
            self._buffer = data[end:]
            self._requested(call)
        elif call.dialect is not None and length <= provider.held_bytes:
            self._start_held(call, data, end)
        else:
            self._start_streaming(call, data[end:])

    def _start_held(self, call: Call, data: bytes, end: int) -> None:
        length = call.head.content_length
        self.call = call
        if length > 0 and len(data) >= end + length:  # the usual case: all of it has come at once
            call.body = data[end : end + length]
            self.parser.feed_data(call.body)
            self._message_complete_or_refuse()
            call.request_bytes += length
            self._buffer = data[end + length :]
            self._requested(call)
            return
        if call.head.lower.find(b"\r\nexpect:") >= 0:
            self.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            call.sent_interim = True
        self.deadline = time.monotonic() + HEAD_S
        self._begin_body(call)
        if len(data) > end:
            self._body_data(data[end:])

    def _begin_body(self, call: Call) -> None:
        self._body = []
        if call.head.content_length < 0:
            self._chunks = ChunkedBody()
        else:
            self._missing = call.head.content_length

    def _start_streaming(self, call: Call, rest: bytes) -> None:
        """A route that no dialect knows, or a body too long to hold: faults see the head alone."""
        self.call = call
        if call.dialect is not None:
            call.note = TOO_LONG
            call.dialect = None
        call.body = None
        self.streaming = True
        self.deadline = time.monotonic() + HEAD_S
        self._begin_body(call)
        self._requested(call)
        if rest and self.call is call:
            self._body_data(rest)
        elif rest and self.streaming:
            self._answered_early(rest)

    def _start_upgrade(self, call: Call, data: bytes, end: int) -> None:
        if call.head.content_length or call.head.method == b"CONNECT":
            raise RefusedRequest("an upgrade with a body, or CONNECT")
        self.parser = httptools.HttpRequestParser(self)
        self.call = call
        self._head_done = self._message_done = False
        self._buffer = data[end:]
        self._requested(call)

    def _body_data(self, data: bytes) -> None:
        call = self.call
        if call is None:
            return
        try:
            taken = self._body_taken(data)
        except (RefusedRequest, httptools.HttpParserError) as error:
            self._refuse(error if isinstance(error, RefusedRequest) else RefusedRequest(str(error)))
            return
        call.request_bytes += len(data) if taken < 0 else taken
        piece = data if taken < 0 else data[:taken]
        if self.streaming:
            self._send_on(call, piece)
        else:
            self._body.append(piece)
        if taken >= 0:
            self._body_complete(call, data[taken:])
        elif not self.streaming and call.request_bytes > self.provider.held_bytes:
            self._stop_holding(call)

    def _swallow(self, data: bytes) -> None:
        """The rest of a body whose request has been answered already: behind it the next request begins."""
        try:
            taken = self._body_taken(data)
        except (RefusedRequest, httptools.HttpParserError) as error:
            self._refuse(error if isinstance(error, RefusedRequest) else RefusedRequest(str(error)))
            return
        if taken >= 0:
            self._end_of_body(data[taken:])

    def _body_taken(self, data: bytes) -> int:
        """How many of these bytes end the body; -1 when it goes on."""
        if self._chunks is not None:
            taken = self._chunks.feed(data)
        else:
            taken = self._missing if len(data) >= self._missing else -1
            self._missing -= min(len(data), self._missing)
        self.parser.feed_data(data if taken < 0 else data[:taken])
        if (taken >= 0) != self._message_done:
            raise RefusedRequest("two ways to read where the body ends")
        return taken

    def _end_of_body(self, rest: bytes) -> None:
        self._head_done = self._message_done = self.streaming = False
        self._chunks = None
        self._buffer = rest
        self.deadline = time.monotonic() + IDLE_S

    def _body_complete(self, call: Call, rest: bytes) -> None:
        was_streaming, chunks = self.streaming, self._chunks
        self._end_of_body(rest)
        if was_streaming:
            return
        raw = b"".join(self._body)
        self._body = []
        call.body = raw if chunks is None else b"".join(chunks.data)
        self._requested(call, raw)

    def _stop_holding(self, call: Call) -> None:
        """Too long to hold: what is held goes on, and the rest as it comes."""
        held, self._body = b"".join(self._body), []
        call.note = TOO_LONG
        call.dialect, call.body = None, None
        self.streaming = True
        self._requested(call)
        if self.call is call and call.outgoing is not None:
            self._send_on(call, held)

    def _message_complete_or_refuse(self) -> None:
        if not self._message_done:
            raise RefusedRequest("two ways to read where the body ends")
        self._head_done = self._message_done = False

    def _wait_turn(self, data: bytes) -> None:
        """Pipelined bytes: they wait for the answer before them."""
        self._buffer += data
        if len(self._buffer) > MAX_PIPELINED_BYTES:
            self.pause_reading()
