"""A listening socket that can refuse connections without giving its port away."""

import asyncio
import contextlib
import socket
from collections.abc import Callable

from llmops.errors import BadInput, OutsideFailed

BACKLOG = 1024
ACCEPT_TURNS = 3  # of the loop, from an accepted socket to its connection


class Listener:
    """Accepts on one address. While it refuses, a second socket, bound but not listening, keeps the port ours."""

    def __init__(self, host: str, port: int, protocol: Callable[[], asyncio.BaseProtocol]) -> None:
        self._protocol = protocol
        self._family, self._address = _resolved(host, port)
        self._holder = _bound(self._family, self._address)
        self._address = self._holder.getsockname()
        self._server: asyncio.Server | None = None
        self._wanted = False  # whether it is to accept: `refuse` may come while `accept` is under way
        self._opening = asyncio.Lock()

    @property
    def host(self) -> str:
        return str(self._address[0])

    @property
    def port(self) -> int:
        return int(self._address[1])

    @property
    def address(self) -> str:
        return address_text(self.host, self.port)

    @property
    def accepts(self) -> bool:
        return self._server is not None

    async def accept(self) -> None:
        """Accept connections, if it does not already. OutsideFailed when the port has been taken from us."""
        self._wanted = True
        async with self._opening:
            if self._server is not None or not self._wanted:
                return
            sock = _bound(self._family, self._address)
            server = await asyncio.get_running_loop().create_server(self._protocol, sock=sock, backlog=BACKLOG)
            if self._wanted:
                self._server = server
            else:
                server.close()

    def refuse(self) -> None:
        """From here on the system answers each SYN with RST: connection refused. Open connections live on."""
        self._wanted = False
        if self._server is not None:
            self._server.close()
            self._server = None

    async def refused(self) -> None:
        """Until a `refuse` holds: a socket is closed a turn of the loop later, where the loop is uvloop's."""
        for _ in range(ACCEPT_TURNS):
            await asyncio.sleep(0)

    async def settle(self) -> None:
        """Before `close`: accept no more, and let what was just accepted become connections.

        asyncio loses sight of a socket whose server is closed before its transport is made: nobody ever closes it.
        """
        self._wanted = False
        if self._server is None:
            return
        for sock in self._server.sockets:
            with contextlib.suppress(NotImplementedError):  # Windows: its loop accepts in another way
                asyncio.get_running_loop().remove_reader(sock.fileno())
        for _ in range(ACCEPT_TURNS):
            await asyncio.sleep(0)

    def close(self) -> None:
        self.refuse()
        with contextlib.suppress(OSError):
            self._holder.close()


def address_text(host: str, port: int) -> str:
    """`host:port`, an IPv6 host in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _resolved(host: str, port: int) -> tuple[int, tuple[str | int, ...]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise BadInput(f"cannot listen on {host!r}: {error.strerror}", hint="use an address of this machine") from error
    family, _, _, _, address = found[0]
    return family, tuple(part for part in address if isinstance(part, str | int))


def _bound(family: int, address: tuple[str | int, ...]) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setblocking(False)
    try:
        sock.bind(address)
    except OSError as error:
        sock.close()
        raise OutsideFailed(
            f"cannot listen on {address[0]}:{address[1]}: {error.strerror}", hint="choose another --port or --listen"
        ) from error
    return sock
