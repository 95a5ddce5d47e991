"""What stands between accept and HTTP: faults on connections, and TLS with a certificate wrong on purpose."""

import asyncio
import ssl
from typing import TYPE_CHECKING, cast

from llmops.chaos.proxy.player import Player
from llmops.chaos.proxy.server import ClientConnection

if TYPE_CHECKING:
    from llmops.chaos.proxy.call import Call
    from llmops.chaos.proxy.certificates import Authority
    from llmops.chaos.proxy.provider import Provider

HANDSHAKE_S = 30.0
MAX_EARLY_BYTES = 1024 * 1024


class Gate:
    """Makes the protocol of each new connection of one listener."""

    def __init__(self, provider: "Provider", authority: "Authority | None") -> None:
        self._provider = provider
        self.authority = authority

    def protocol(self) -> asyncio.Protocol:
        if self.authority is None and not self._provider.injections.on_accept_active:
            return ClientConnection(self._provider)
        return Entrance(self._provider, self.authority)


class Entrance(asyncio.Protocol):
    """A connection before its first byte is read: plays the faults of connections, then hands over to HTTP."""

    transport: asyncio.Transport

    def __init__(self, provider: "Provider", authority: "Authority | None") -> None:
        self.provider = provider
        self.authority = authority
        self.half_open = False
        self.call: Call | None = None
        self.player = Player(self)
        self._task: asyncio.Task[None] | None = None
        self._injection: str | None = None  # whose actions are played
        self._early = b""  # what came before HTTP listens: read, for a close with unread bytes would be a RST

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        if self.authority is not None:
            self.transport.pause_reading()  # for `start_tls` to hear all of it
        self.provider.connections.add(self)
        self._injection, actions = self.provider.injections.accept_actions() or (None, iter(()))
        self.player.play(actions, then=self._enter)

    def data_received(self, data: bytes) -> None:
        """Kept for HTTP."""
        self._early += data
        if len(self._early) > MAX_EARLY_BYTES:
            self.transport.pause_reading()

    def _enter(self) -> None:
        if self.player.closed or self.transport.is_closing():
            return
        if self.authority is None:
            self._hand_over(self.transport, self._early)
            self.transport.resume_reading()
        else:
            kind = self.provider.injections.certificate()
            self._task = asyncio.get_running_loop().create_task(self._handshake(self.authority.context(kind)))

    async def _handshake(self, context: ssl.SSLContext) -> None:
        early = _Early()
        try:
            transport = await asyncio.get_running_loop().start_tls(
                self.transport, early, context, server_side=True, ssl_handshake_timeout=HANDSHAKE_S
            )
        except (OSError, TimeoutError):
            self.connection_lost(None)  # the client did not like it: that was the fault, or the client's own matter
            return
        if transport is not None and not early.lost:
            self._hand_over(transport, b"".join(early.data))

    def _hand_over(self, transport: asyncio.Transport, data: bytes) -> None:
        self.provider.connections.discard(self)
        connection = ClientConnection(self.provider)
        transport.set_protocol(connection)
        connection.connection_made(transport)
        if data:
            connection.data_received(data)

    def fault_failed(self, error: Exception) -> None:
        self.provider.fault_failed(error)

    def close_if_late(self, now: float) -> None:
        """A silence lasts as long as its fault says."""

    def hurry(self, injection: str) -> None:
        """The injection has ended: what waited for it goes on."""
        if injection == self._injection:
            self.player.abandon()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the reason does not matter here
        self.provider.connections.discard(self)
        self.player.stop()


class _Early(asyncio.Protocol):
    """Keeps what arrives between the end of the handshake and the hand-over."""

    def __init__(self) -> None:
        self.data: list[bytes] = []
        self.lost = False

    def data_received(self, data: bytes) -> None:
        self.data.append(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        self.lost = True
