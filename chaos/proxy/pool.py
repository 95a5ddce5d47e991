"""Connections to one provider, kept for the next call."""

import asyncio
import contextlib
import ssl
import time
from collections import deque

from llmops.chaos.proxy.address import Address
from llmops.chaos.proxy.upstream import UpstreamConnection

IDLE_S = 4.0  # uvicorn and many gateways close an idle connection after 5 s: never be the later one
MAX_IDLE = 512
CONNECT_S = 30.0


class Pool:
    """Connections to one provider."""

    def __init__(self, address: Address, tls: ssl.SSLContext | None) -> None:
        self.address = address
        self._tls = tls
        self._idle: deque[UpstreamConnection] = deque()
        self.open: set[UpstreamConnection] = set()
        self._sweep: asyncio.TimerHandle | None = None

    def idle(self, *, sent_once: bool = False) -> UpstreamConnection | None:
        """The connection used last, which is the likeliest to be alive.

        None for a body that cannot be sent twice: the provider may be closing an idle connection just now.
        """
        if sent_once:
            return None
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open and not connection.transport.is_closing():
                connection.reused = True
                return connection
        return None

    def put_back(self, connection: UpstreamConnection) -> None:
        if connection.transport.is_closing():
            return
        if len(self._idle) >= MAX_IDLE:
            connection.transport.close()
            return
        connection.idle_since = time.monotonic()
        self._idle.append(connection)
        if self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_later(1.0, self._close_stale)

    def _close_stale(self) -> None:
        self._sweep = None
        limit = time.monotonic() - IDLE_S
        while self._idle and self._idle[0].idle_since < limit:
            self._idle.popleft().transport.close()
        if self._idle:
            self._sweep = asyncio.get_running_loop().call_later(1.0, self._close_stale)

    async def connect(self) -> UpstreamConnection:
        """A new connection, with TLS and the provider's own name in SNI. OSError (also for TLS), TimeoutError."""
        loop = asyncio.get_running_loop()
        address = self.address
        async with asyncio.timeout(CONNECT_S):
            _, connection = await loop.create_connection(
                lambda: UpstreamConnection(self),
                address.host,
                address.port,
                ssl=self._tls,
                server_hostname=address.host if self._tls else None,
            )
        return connection

    def lost(self, connection: UpstreamConnection) -> None:
        self.open.discard(connection)
        if connection.call is None:
            with contextlib.suppress(ValueError):
                self._idle.remove(connection)

    def close(self) -> None:
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        for connection in list(self.open):
            connection.abort()


def upstream_tls(ca_file: str | None = None) -> ssl.SSLContext:
    """TLS towards a provider: its certificate and name are checked, HTTP/1.1 is all we speak."""
    context = ssl.create_default_context(cafile=ca_file)
    context.set_alpn_protocols(["http/1.1"])
    return context
