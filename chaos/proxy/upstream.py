"""The provider's side of a call: the protocol that carries answers back."""

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import httptools

from llmops.chaos.proxy.call import KEPT_ANSWER_BYTES, Call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmops.chaos.proxy.pool import Pool

MAX_ANSWER_HEAD_BYTES = 256 * 1024
HEAD = b"HEAD"
INTERIM = b"1"


class Owner(Protocol):
    """The client's side of a call, as the upstream's side sees it."""

    streaming: bool
    write: Callable[[bytes], None]  # to the client's transport, without a frame of ours between

    def answer_ended(self, call: Call, connection: "UpstreamConnection", *, keep: bool) -> None: ...

    def answer_lost(self, call: Call, how: str) -> None: ...

    def answer_part(self, call: Call, connection: "UpstreamConnection", part: str, data: bytes) -> None: ...

    def switch_protocols(self, call: Call, connection: "UpstreamConnection") -> None: ...

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


class UpstreamConnection(asyncio.Protocol):
    """One connection to the provider. The parser only observes; bytes go on as they came."""

    __slots__ = (
        "_feed", "_headers_done", "_keep", "_message_done", "_paused", "_surplus", "_unreadable", "call",
        "idle_since", "is_open",
        "on_body", "owner", "parser", "pieces", "pool", "reused", "transport", "tunnel",
    )  # fmt: skip

    transport: asyncio.Transport

    def __init__(self, pool: "Pool") -> None:
        self.pool = pool
        self.call: Call | None = None
        self.owner: Owner | None = None
        self.reused = False
        self.idle_since = 0.0
        self.tunnel = False
        self.is_open = False
        self._paused = False
        self._keep = False
        self._headers_done = False
        self._message_done = False
        self._surplus = False
        self._unreadable = False
        self.pieces: list[bytes] = []  # of the answer at hand
        self.on_body = self.pieces.append  # called by the parser without a frame of ours between
        self._new_parser()

    # --- what the client's side asks

    def take(self, call: Call, owner: Owner) -> None:
        """Carry this call: its answer goes to `owner`."""
        self.call = call
        self.owner = owner
        self._headers_done = self._message_done = self._surplus = False

    def write(self, data: bytes) -> None:
        self.transport.write(data)

    def abort(self) -> None:
        """Stop the call at once: the provider sees its client go. What came until then stays with the call."""
        if self.call is not None and self.call.exchange is None:
            self._hand_over(self.call)
        self.call = self.owner = None
        self.transport.abort()

    def pause_reading(self) -> None:
        if not self._paused and self.is_open:
            self._paused = True
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        if self._paused and self.is_open:
            self._paused = False
            self.transport.resume_reading()

    def _new_parser(self) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self._feed = self.parser.feed_data

    # --- callbacks of the parser; no per-header ones, they cost more than all the rest

    def on_message_begin(self) -> None:
        if self._message_done:
            self._surplus = True

    def on_headers_complete(self) -> None:
        call = self.call
        if call is None:
            return
        status = self.parser.get_status_code()
        call.status = status
        if status >= 200 or status == 101:  # noqa: PLR2004 - 1xx are interim (RFC 9110, 15.2)
            self._headers_done = True
            self._keep = self.parser.should_keep_alive()  # once the message is over it no longer knows
            if call.head.method == HEAD:
                self._message_done = True

    def on_message_complete(self) -> None:
        if self._headers_done:
            self._message_done = True

    # --- callbacks of the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self.is_open = True
        self.pool.open.add(self)

    def data_received(self, data: bytes) -> None:  # noqa: C901, PLR0912 - one branch a state of the parser, on the hot path
        call, owner = self.call, self.owner
        if call is None or owner is None:
            self.transport.abort()  # bytes nobody asked for
            return
        if self.tunnel:
            call.unkept_bytes += len(data)
            owner.write(data)
            return
        now = time.monotonic()
        head_was_done = self._headers_done
        if not call.first_byte_at:
            call.first_byte_at = now
            call.outgoing = None
        if not self._unreadable:
            try:
                self._feed(data)
            except httptools.HttpParserUpgrade:
                pass  # what follows is opaque, and passes as it comes
            except httptools.HttpParserError as error:
                if not (self._message_done and call.head.method == HEAD):
                    self._unreadable = True
                    call.unkept_bytes = -1
                    call.note = f"the answer is not strict HTTP/1.1: {error}"
        call.answer_bytes += len(data)
        if call.exchange is None:
            call.stamps.append((len(self.pieces), now))
        if head_was_done:
            if call.exchange is None:
                owner.write(data)
            else:
                self._to_exchange(call, owner, now)
        else:
            self._head_data(call, owner, data, now)
        if self._message_done and self.call is call:
            self._ended(call, owner)
        elif call.answer_bytes > KEPT_ANSWER_BYTES:
            self._forget(call)

    def _head_data(self, call: Call, owner: Owner, data: bytes, now: float) -> None:
        """While the head is not whole; with the bytes that made it so."""
        before = len(call.answer_head)
        call.answer_head += data
        if self._unreadable:
            self._raw(call, owner)
            return
        for interim in self._interims(call):
            if not (call.sent_interim and interim[9:12] == b"100"):
                owner.write(interim)
            before = 0
        head = call.answer_head
        if call.status == 101 and self._headers_done:  # noqa: PLR2004 - Switching Protocols
            self.tunnel = True
            call.unkept_bytes = len(head) - head.find(b"\r\n\r\n") - 4
            self._message_done = False  # nothing of HTTP ends any more
            owner.write(head[before:])
            owner.switch_protocols(call, self)
        elif self._headers_done:
            end = head.find(b"\r\n\r\n") + 4
            call.answer_head = head[:end]
            if call.exchange is None:
                owner.write(head[before:] if before else head)
            else:
                owner.answer_part(call, self, "head", call.answer_head)
                self._to_exchange(call, owner, now)
        elif len(head) > MAX_ANSWER_HEAD_BYTES:
            self._unreadable = True
            call.unkept_bytes = -1
            self._raw(call, owner)
        elif call.exchange is None and before:
            owner.write(data)
        elif call.exchange is None:
            owner.write(head)

    def _interims(self, call: Call) -> "Iterator[bytes]":
        """Takes 1xx answers off the head; 101 is not interim."""
        while (head := call.answer_head)[9:10] == INTERIM and head[9:12] != b"101":
            end = head.find(b"\r\n\r\n")
            if end < 0:
                return
            call.answer_head = head[end + 4 :]
            yield head[: end + 4]

    def _raw(self, call: Call, owner: Owner) -> None:
        """An answer that the parser refuses goes on as it came, until the provider closes."""
        data, call.answer_head = call.answer_head, b""
        self._headers_done = True
        call.exchange = None
        owner.write(data)

    def _to_exchange(self, call: Call, owner: Owner, now: float) -> None:
        data = b"".join(self.pieces)
        self.pieces.clear()
        if call.answer_bytes <= KEPT_ANSWER_BYTES:
            call.pieces.append(data)
            call.stamps.append((len(call.pieces), now))
        else:
            call.pieces.append(data)
            _unkeep(call)
        if data:
            owner.answer_part(call, self, "data", data)

    def _forget(self, call: Call) -> None:
        if call.exchange is None:
            self._hand_over(call)
            _unkeep(call)

    def _ended(self, call: Call, owner: Owner) -> None:
        keep = not self._surplus and not self._unreadable and self._keep
        if call.head.method == HEAD:
            self._new_parser()  # the old one still waits for a body that HEAD does not have
        if call.exchange is not None:
            owner.answer_part(call, self, "end", b"")
            if self.call is call:
                self.release(keep=keep and not owner.streaming)
            return
        self._hand_over(call)
        if call.answer_bytes > KEPT_ANSWER_BYTES:
            _unkeep(call)
        self.release(keep=keep and not owner.streaming)  # a request that is not over would be the next one's beginning
        owner.answer_ended(call, self, keep=keep)

    def _hand_over(self, call: Call) -> None:
        call.pieces = self.pieces.copy()
        self.pieces.clear()

    def release(self, *, keep: bool) -> None:
        """The call is over: back into the pool, or closed."""
        self.call = self.owner = None
        if keep and self.is_open:
            self.resume_reading()
            self.pool.put_back(self)
        else:
            self.transport.close()

    def eof_received(self) -> bool:
        return False  # the transport closes, connection_lost tells the rest

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        self.pool.lost(self)
        call, owner = self.call, self.owner
        self.call = self.owner = None
        if call is None or owner is None:
            return
        if call.exchange is None:
            self._hand_over(call)
        if exc is None and self._until_close(call):
            if call.exchange is not None:
                owner.answer_part(call, self, "end", b"")
            else:
                owner.answer_ended(call, self, keep=False)
            return
        how = "reset" if isinstance(exc, ConnectionResetError | BrokenPipeError) else "closed"
        owner.answer_lost(call, how)

    def _until_close(self, call: Call) -> bool:
        """Whether the end of the connection is the end of this answer (RFC 9112, 6.3)."""
        if self._unreadable or self.tunnel:
            return True
        lower = call.answer_head.lower()
        return self._headers_done and b"\r\ncontent-length:" not in lower and b"\r\ntransfer-encoding:" not in lower

    def pause_writing(self) -> None:
        if self.owner is not None:
            self.owner.pause_reading()

    def resume_writing(self) -> None:
        if self.owner is not None:
            self.owner.resume_reading()


def _unkeep(call: Call) -> None:
    """Of an answer too long to be kept only the size is recorded."""
    if call.unkept_bytes >= 0:
        call.unkept_bytes += sum(map(len, call.pieces))
        call.note = call.note or f"the answer is longer than the {KEPT_ANSWER_BYTES} bytes kept for the record"
    call.pieces, call.stamps = [], []
