"""The connections of one load: opened when needed, used again, and all gone at its end."""

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from llmops.chaos.load.connection import Clock, Connection

if TYPE_CHECKING:
    from llmops.chaos.proxy.address import Address

IDLE_S = 4.0  # many servers close an idle connection after 5 s: never be the later one
CLOSE_S = 1.0  # a socket that is dropped is gone in the next turn of the loop

Connect = Callable[[Callable[[], Connection]], Awaitable[Connection]]
"""Opens a connection that carries the given protocol. OSError (also for TLS)."""


class Opener:
    """Opens sockets to one address, whose name is looked up once."""

    def __init__(self, address: "Address", ca_file: str | None = None) -> None:
        from llmops.chaos.proxy.pool import upstream_tls

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


class Pool:
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
