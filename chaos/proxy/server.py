"""The client's side of the proxy: one listener a provider; bytes go on as they came, faults play their actions."""

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from llmops.chaos.proxy.call import KEPT_ANSWER_BYTES, Call
from llmops.chaos.proxy.http1 import RefusedRequest, refusal
from llmops.chaos.proxy.intake import HEAD_S, IDLE_S, MAX_PIPELINED_BYTES, Intake
from llmops.chaos.proxy.pipeline import said_of
from llmops.chaos.proxy.player import Player
from llmops.chaos.wire.parts import Fin, Frame, Reset

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmops.chaos.proxy.pipeline import Exchange
    from llmops.chaos.proxy.provider import Provider
    from llmops.chaos.proxy.upstream import UpstreamConnection
    from llmops.chaos.wire.parts import Action


class ClientConnection(Intake, asyncio.Protocol):
    """One connection from a client, with the upstream's connection that answers its request at hand."""

    __slots__ = (
        "_half_open_by",
        "_half_open_call",
        "_paused_for_us",
        "_task",
        "half_open",
        "player",
        "transport",
        "tunnel",
        "upstream",
    )

    transport: asyncio.Transport

    def __init__(self, provider: "Provider") -> None:
        super().__init__(provider)
        self.upstream: UpstreamConnection | None = None
        self.player: Player | None = None
        self.tunnel = False
        self.half_open = False  # the next byte is answered with a reset
        self._half_open_by: Sequence[str] = ()  # injections
        self._half_open_call = 0  # that left it so
        self._task: asyncio.Task[None] | None = None
        self._paused_for_us = False

    # --- callbacks of the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self.write = self.transport.write
        self.provider.connections.add(self)

    def data_received(self, data: bytes) -> None:
        if self.call is None:
            if self.streaming:
                self._answered_early(data)
                return
            if self._buffer:
                data = self._buffer + data
                self._buffer = b""
            self._next_request(data)
            if self.half_open and self.call is not None:
                self._reset_on_reuse(self.call)
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
        return False  # a client that stops sending is gone: a FIN does not tell a half-close from a client that left

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

    # --- what is refused

    def _refuse(self, refused: RefusedRequest) -> None:
        """Answer 400 and forward nothing; what was being forwarded stops."""
        call, self.call = self.call, None
        self.provider.refused(refused.reason)
        if self.upstream is not None:
            self.upstream.abort()
            self.upstream = None
        if self._task is not None:
            self._task.cancel()
        is_answered = call is not None and (call.answer_bytes > 0 or call.client_bytes > 0)
        if call is not None:
            if not is_answered:
                call.client_status, call.note = refused.status, refused.reason
            self._record(call, "refused")
        if not is_answered:
            self.write(refusal(refused.status, refused.reason))
        self.transport.close()

    # --- the request is whole (or opaque): ask the upstream, or let a fault answer

    def _requested(self, call: Call, raw_body: bytes | None = None) -> None:
        if self.half_open:
            return
        outgoing = call.head.outgoing
        if raw_body is None:
            raw_body = call.body
        if raw_body:
            outgoing += raw_body
        call.outgoing = [outgoing]
        if self.provider.injections.active and self._hit(call):
            return
        self._ask_upstream(call, outgoing)

    def _ask_upstream(self, call: Call, outgoing: bytes) -> None:
        connection = self.provider.pool.idle(sent_once=call.body is None)
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
            self.data_received(data)

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
            self._reset()

    def _reset(self) -> None:
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

    def _hit(self, call: Call) -> bool:
        """Find the faults that hit it; true where one answers by itself."""
        call.client = str((self.transport.get_extra_info("peername") or ("",))[0])
        if self.streaming and call.head.lower.find(b"\r\nexpect:") >= 0:
            self._keep = False  # who is answered instead of 100 Continue may send the body or not: nobody can tell
        call.exchange = self.provider.injections.exchange(call, keep_alive=self._keep)
        return call.exchange is not None and self._fault_answers(call, call.exchange)

    def _fault_answers(self, call: Call, exchange: "Exchange") -> bool:
        actions = exchange.begin()
        if actions is not None:
            self._play(call, actions)
        return actions is not None

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
                if self.provider.record_bodies and call.client_bytes <= KEPT_ANSWER_BYTES:
                    call.client_pieces.append(action.data)
            elif isinstance(action, Reset):
                call.client_ended = "reset"
            elif isinstance(action, Fin) and not action.whole:
                call.client_ended = "closed"
            yield action

    def _played(self, call: Call) -> None:
        """All actions so far are done; the answer may be over."""
        exchange = call.exchange
        if self.call is not call or exchange is None:
            return
        if exchange.declined:
            if not self._fault_answers(call, exchange):
                self._ask_upstream(call, b"".join(call.outgoing or ()))
            return
        if not exchange.over:
            if self.upstream is not None:
                self.upstream.resume_reading()
            return
        self.call = None
        call.ended = call.ended or ("fault" if exchange.cut else "complete")
        if self.half_open:
            self._half_open_by = self.provider.injections.of_fault("half_open_keep_alive", call.faults)
            self._half_open_call = call.number
            self.half_open = bool(self._half_open_by)  # one that has ended since resets nothing
        if self.upstream is not None:
            self.upstream.abort()
            self.upstream = None
        self.provider.finished(call)
        player, self.player = self.player, None
        if player is None or not player.closed:
            self._go_on_after(call)

    def _go_on_after(self, call: Call) -> None:
        """The connection behind an answer that faults worked on."""
        if not self._keep or (self.streaming and call.status):
            self.transport.close()  # of an upstream that has answered before it had the request nobody knows more
        elif self.streaming:
            self.deadline = time.monotonic() + HEAD_S
            self.resume_reading()
        else:
            self._after_answer()

    def _answered_early(self, rest: bytes) -> None:
        """A fault has answered a request whose body is still coming: it is read, and the next request is served."""
        if self.transport.is_closing():
            return
        self._swallow(rest)
        if not self.streaming and not self.transport.is_closing():
            self._after_answer()

    def _reset_on_reuse(self, call: Call) -> None:
        """The request that meets the reset which an earlier one left: its head is there, and that is enough."""
        self.call = None
        self.provider.injections.reset_on_reuse(call, self._half_open_by, self._half_open_call)
        call.client_ended = "reset"
        self._record(call, "fault")
        self._reset()

    def hurry(self, injection: str) -> None:
        """The injection has ended: the answer at hand goes on without it, and what it left for the next request."""
        if injection in self._half_open_by:
            self.half_open, self._half_open_by = False, ()
        call = self.call
        if call is None or call.exchange is None or injection not in call.faults:
            return
        call.exchange.let_go(injection)
        if self.player is not None:
            self.player.skip(injection)
        self._play(call, call.exchange.released())

    def fault_failed(self, error: Exception) -> None:
        """A fault raised: the client gets a reset, the journal the reason."""
        self.provider.fault_failed(error)
        call = self.call
        if call is None or call.exchange is None:
            return
        call.note = f"the fault itself failed: {said_of(error)}"
        call.ended, call.client_ended = "fault", "reset"
        with suppress(OSError):  # of the journal itself, which tells of its own end
            call.exchange.failed(error)

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
