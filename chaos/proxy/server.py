"""The client's side of the proxy: one listener a provider; bytes go on as they came, faults play their actions."""

import asyncio
import time
from typing import TYPE_CHECKING

import httptools

from llmops.chaos.proxy.call import Call
from llmops.chaos.proxy.http1 import MAX_HEAD_BYTES, ChunkedBody, RefusedRequest, ScannedHead, refusal, scan_head
from llmops.chaos.proxy.player import Player
from llmops.chaos.wire.parts import Frame

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmops.chaos.proxy.provider import Provider
    from llmops.chaos.proxy.upstream import UpstreamConnection
    from llmops.chaos.wire.parts import Action

HEAD_S = 30.0  # for a head, and between two pieces of a body
IDLE_S = 600.0  # a client's idle connection: longer than any client keeps one, so that we are never the first
MAX_PIPELINED_BYTES = 1024 * 1024


class ClientConnection(asyncio.Protocol):
    """One connection from a client: one request at a time, further ones wait their turn."""

    __slots__ = (
        "_body", "_buffer", "_chunks", "_fed", "_head_done", "_keep", "_message_done", "_missing", "_paused_for_us",
        "_task", "call", "deadline", "half_open", "parser", "player", "provider", "streaming", "transport", "tunnel",
        "upstream", "write",
    )  # fmt: skip

    transport: asyncio.Transport

    def __init__(self, provider: "Provider") -> None:
        self.provider = provider
        self.parser = httptools.HttpRequestParser(self)
        self.call: Call | None = None
        self.upstream: UpstreamConnection | None = None
        self.player: Player | None = None
        self.deadline = time.monotonic() + IDLE_S
        self.tunnel = False
        self.streaming = False  # the request's body goes on as it comes
        self.half_open = False  # the next byte is answered with a reset
        self._buffer = b""  # what has come and is not yet a request's
        self._fed = 0  # bytes of the buffer the parser has seen
        self._head_done = self._message_done = False
        self._keep = True
        self._body: list[bytes] = []
        self._missing = 0  # bytes of the body, by Content-Length
        self._chunks: ChunkedBody | None = None
        self._task: asyncio.Task[None] | None = None
        self._paused_for_us = False

    # --- callbacks of the parser

    def on_headers_complete(self) -> None:
        self._head_done = True
        self._keep = self.parser.should_keep_alive()

    def on_message_complete(self) -> None:
        self._message_done = True

    # --- callbacks of the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self.write = self.transport.write
        self.provider.connections.add(self)

    def data_received(self, data: bytes) -> None:
        if self.call is None:
            if self._buffer:
                data = self._buffer + data
                self._buffer = b""
            self._next_request(data)
        elif self.tunnel:
            if self.upstream is not None:
                self.call.request_bytes += len(data)
                self.upstream.write(data)
        elif self.streaming or self._missing or self._chunks is not None:
            self.deadline = time.monotonic() + HEAD_S
            self._body_data(data)
        else:
            self._wait_turn(data)

    def eof_received(self) -> bool:
        return False  # a client that stops sending is gone: nobody half-closes HTTP and still reads

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        self.provider.connections.discard(self)
        call, self.call = self.call, None
        if self.player is not None:
            self.player.stop()
            self.player = None
        if self._task is not None:
            self._task.cancel()
        if self.upstream is not None:
            self.upstream.abort()
            self.upstream = None
        if call is not None:
            self._record(call, call.ended or ("complete" if self.tunnel else "client_gone"))

    def pause_writing(self) -> None:
        if self.upstream is not None:
            self.upstream.pause_reading()

    def resume_writing(self) -> None:
        if self.upstream is not None and not (self.player is not None and self.player.busy):
            self.upstream.resume_reading()

    def pause_reading(self) -> None:
        if not self._paused_for_us and not self.transport.is_closing():
            self._paused_for_us = True
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        if self._paused_for_us and not self.transport.is_closing():
            self._paused_for_us = False
            self.transport.resume_reading()

    # --- a request comes in

    def _next_request(self, data: bytes) -> None:
        if self.half_open:
            self.player = Player(self)
            self.player.reset()
            return
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
            call.note = "the body is longer than what is held: the request passed as one of an unknown route"
            call.dialect = None
        call.body = None
        self.streaming = True
        self.deadline = time.monotonic() + HEAD_S
        self._begin_body(call)
        self._requested(call)
        if rest and self.call is call and not self.transport.is_closing():
            self._body_data(rest)

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

    def _body_complete(self, call: Call, rest: bytes) -> None:
        self._head_done = self._message_done = False
        was_streaming, self.streaming = self.streaming, False
        chunks, self._chunks = self._chunks, None
        self._buffer = rest
        self.deadline = time.monotonic() + IDLE_S
        if was_streaming:
            return
        raw = b"".join(self._body)
        self._body = []
        call.body = raw if chunks is None else b"".join(chunks.data)
        self._requested(call, raw)

    def _stop_holding(self, call: Call) -> None:
        """Too long to hold: what is held goes on, and the rest as it comes."""
        held, self._body = b"".join(self._body), []
        call.note = "the body is longer than what is held: the request passed as one of an unknown route"
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

    def _refuse(self, refused: RefusedRequest) -> None:
        """Answer 400 and forward nothing; what was being forwarded stops."""
        call, self.call = self.call, None
        self.provider.refused(refused.reason)
        if self.upstream is not None:
            self.upstream.abort()
            self.upstream = None
        if self._task is not None:
            self._task.cancel()
        if call is not None:
            self._record(call, "refused")
        if call is None or not call.answer_bytes:
            self.write(refusal(refused.status, refused.reason))
        self.transport.close()

    # --- the request is whole (or opaque): ask the upstream, or let a fault answer

    def _requested(self, call: Call, raw_body: bytes | None = None) -> None:
        injections = self.provider.injections
        if injections.active:
            call.client = str((self.transport.get_extra_info("peername") or ("",))[0])
            call.exchange = injections.exchange(call, keep_alive=self._keep)
            if call.exchange is not None:
                actions = call.exchange.begin()
                if actions is not None:
                    self._answered_by_fault(call, actions)
                    return
        outgoing = call.head.outgoing
        if raw_body is None:
            raw_body = call.body
        if raw_body:
            outgoing += raw_body
        call.outgoing = [outgoing]
        connection = self.provider.pool.idle()
        if connection is None:
            self._task = asyncio.get_running_loop().create_task(self._connect(call))
            return
        self.upstream = connection
        connection.take(call, self)
        connection.write(outgoing)

    def _send_on(self, call: Call, piece: bytes) -> None:
        if self.upstream is not None:
            self.upstream.write(piece)
        elif call.outgoing is not None:
            call.outgoing.append(piece)
            if sum(map(len, call.outgoing)) > MAX_PIPELINED_BYTES:
                self.pause_reading()

    async def _connect(self, call: Call) -> None:
        try:
            connection = await self.provider.pool.connect()
        except (OSError, TimeoutError) as error:
            self._task = None
            call.note = f"{type(error).__name__}: {error}"
            if self.call is call:
                self._lost(call, "unreachable")
            return
        self._task = None
        if self.call is not call or call.outgoing is None:
            connection.release(keep=True)
            return
        self.upstream = connection
        connection.take(call, self)
        connection.write(b"".join(call.outgoing))
        if call.body is None:
            call.outgoing = [b""]  # a streamed body is not kept: it cannot be sent twice
            self.resume_reading()

    # --- the answer comes back

    def answer_ended(self, call: Call, connection: "UpstreamConnection", *, keep: bool) -> None:  # noqa: ARG002 - the protocol's signature
        """The last byte has been handed to the client's transport."""
        if self.call is not call:
            return
        self.call = self.upstream = None
        call.ended = call.ended or "complete"
        self.provider.finished(call)
        if not (keep and self._keep) or self.streaming:
            self.transport.close()
        else:
            self._after_answer()

    def _after_answer(self) -> None:
        self.deadline = time.monotonic() + IDLE_S
        if self.provider.draining:
            self.transport.close()
            return
        self.resume_reading()
        if self._buffer:
            asyncio.get_running_loop().call_soon(self._next_pipelined)  # no recursion, however many there are

    def _next_pipelined(self) -> None:
        if self.call is None and self._buffer and not self.transport.is_closing():
            data, self._buffer = self._buffer, b""
            self._next_request(data)

    def answer_lost(self, call: Call, how: str) -> None:
        """The upstream broke off. A stale connection of the pool is replaced once, before any byte has come."""
        connection, self.upstream = self.upstream, None
        if self.call is not call:
            return
        stale = connection is not None and connection.reused and not call.answer_bytes and call.body is not None
        if stale and not call.retried and call.outgoing is not None:
            call.retried = True
            self._task = asyncio.get_running_loop().create_task(self._connect(call))
            return
        self._lost(call, how)

    def _lost(self, call: Call, how: str) -> None:
        """Tell the client what happened, as it happened: a reset as a reset, a close as a close."""
        call.ended = f"upstream_{how}"
        if call.exchange is not None:
            self._play(call, call.exchange.lost("closed" if how == "closed" else "reset"))
            return
        self.call = None
        self.provider.finished(call)
        if how == "closed":
            self.transport.close()
        else:
            self.player = Player(self)
            self.player.reset()

    def switch_protocols(self, call: Call, connection: "UpstreamConnection") -> None:
        """101: from here on both sides are opaque."""
        self.tunnel = True
        self.deadline = float("inf")
        if self._buffer:
            call.request_bytes += len(self._buffer)
            connection.write(self._buffer)
            self._buffer = b""

    # --- faults

    def _answered_by_fault(self, call: Call, actions: "Iterator[Action]") -> None:
        call.ended = "fault"
        self._play(call, actions)

    def answer_part(self, call: Call, connection: "UpstreamConnection", part: str, data: bytes) -> None:  # noqa: ARG002 - the protocol's signature
        """A part of an answer that faults work on."""
        exchange = call.exchange
        if exchange is None or self.call is not call:
            return
        if part == "head":
            self._play(call, exchange.head(self.provider.answer_head(data)))
        elif part == "data":
            self._play(call, exchange.data(data))
        else:
            self.upstream = None
            self._play(call, exchange.end())

    def _play(self, call: Call, actions: "Iterator[Action]") -> None:
        if self.player is None:
            self.player = Player(self)
        self.player.play(self._counted(call, actions), then=lambda: self._played(call))
        if self.player is not None and self.player.busy and self.upstream is not None:
            self.upstream.pause_reading()

    def _counted(self, call: Call, actions: "Iterator[Action]") -> "Iterator[Action]":
        """The same, with what the client gets noted for the record."""
        for action in actions:
            if isinstance(action, Frame):
                if not call.client_bytes:
                    call.client_status = int(action.data[9:12]) if action.data[9:12].isdigit() else 0
                call.client_bytes += len(action.data)
            yield action

    def _played(self, call: Call) -> None:
        """All actions so far are done; the answer may be over."""
        if self.call is not call or call.exchange is None:
            return
        if not call.exchange.over:
            if self.upstream is not None:
                self.upstream.resume_reading()
            return
        self.call = None
        call.ended = call.ended or "complete"
        if self.upstream is not None:
            self.upstream.abort()
            self.upstream = None
        self.provider.finished(call)
        player, self.player = self.player, None
        if player is not None and player.closed:
            return
        if self.streaming or not self._keep:
            self.transport.close()
        else:
            self._after_answer()

    def hurry(self, injection: str) -> None:
        """The injection has ended: the waits it asked for are over."""
        if self.player is not None and self.call is not None and injection in self.call.faults:
            self.player.hurry()

    def fault_failed(self, error: Exception) -> None:
        """A fault raised: the client gets a reset, the journal the reason."""
        self.provider.fault_failed(error)
        if self.call is not None:
            self.call.note = f"the fault itself failed: {type(error).__name__}: {error}"

    def _record(self, call: Call, ended: str) -> None:
        call.ended = ended
        self.provider.finished(call)

    def close_if_late(self, now: float) -> None:
        """The sweep: nobody may hold a connection with half a request for ever."""
        if now < self.deadline:
            return
        waiting_for_request = self.call is None or self.streaming or self._missing or self._chunks is not None
        if waiting_for_request:
            if self._buffer or self.call is not None:
                self._refuse(RefusedRequest("the request did not come in time", 408))
            else:
                self.transport.close()
