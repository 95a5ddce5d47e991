"""A plain TCP proxy with toxics: what Toxiproxy calls a proxy."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from llmops.chaos.proxy.journal import Journal, stamp
from llmops.chaos.proxy.leases import Leases
from llmops.chaos.proxy.listener import Listener, address_text
from llmops.chaos.proxy.receipts import NOT_OBSERVABLE, fault_name, state_receipt
from llmops.chaos.proxy.tcp_link import Link
from llmops.chaos.toxics.base import Toxic
from llmops.chaos.toxics.noop import Noop
from llmops.randomness import stream

CONNECT_S = 30.0
DIRECTIONS = ("upstream", "downstream")


@dataclass(eq=False)
class ToxicOn:
    """A toxic on a proxy: for one direction, with the probability that a connection has it."""

    name: str
    type: str
    stream: str
    toxicity: float
    toxic: Toxic
    began_at: datetime
    changes: int = 0
    connections: int = 0  # that had it


@dataclass(eq=False)
class _Connection:
    number: int
    links: dict[str, Link]
    had: set[ToxicOn] = field(default_factory=set)


@dataclass
class Totals:
    """Bytes by direction, for metrics."""

    received: dict[str, int] = field(default_factory=lambda: dict.fromkeys(DIRECTIONS, 0))
    sent: dict[str, int] = field(default_factory=lambda: dict.fromkeys(DIRECTIONS, 0))


class TcpProxy:
    """Accepts, connects to the upstream, and runs one link a direction."""

    def __init__(  # noqa: PLR0913 - each is given by name
        self,
        name: str,
        listen: tuple[str, int],
        upstream: tuple[str, int],
        *,
        journal: Journal,
        leases: Leases,
        now: Callable[[], datetime],
        seed: int = 0,
    ) -> None:
        self.name = name
        self.upstream = upstream
        self._listen = listen
        self._journal = journal
        self._leases = leases
        self._now = now
        self._seed = seed
        self._listener: Listener | None = None
        self.enabled = False
        self.toxics: dict[str, ToxicOn] = {}
        self.totals = Totals()
        self._connections: set[_Connection] = set()
        self._carrying: dict[asyncio.Task[None], asyncio.StreamWriter] = {}  # also those still on their way up
        self._tasks: set[asyncio.Task[None]] = set()
        self._accepted = 0
        self._down_since: datetime | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens, or will: the real port as soon as there is one."""
        return self._listen if self._listener is None else (self._listener.host, self._listener.port)

    @property
    def listen(self) -> str:
        return address_text(*self.address)

    # --- on and off

    async def start(self) -> None:
        """Listen. OutsideFailed when the port is taken."""
        if self.enabled:
            return
        listener = self._listener = self._listener or Listener(*self._listen, self._protocol)
        await listener.accept()
        if listener is self._listener and listener.accepts:  # or it was stopped meanwhile
            self.enabled = True
            self._down_over()

    async def stop(self, *, lease_s: float | None) -> None:
        """Down: refuse connections and end those there are, until it is started or its lease ends.

        Said again, it begins its lease anew. One that never was up is not down: it is off, and has no lease.
        """
        if self.enabled:
            self.enabled = False
            self._down_since = self._now()
            state_receipt(
                self._journal, self.name, "down", "down", "on",
                connections=len(self._connections), at_from=stamp(self._down_since),
            )  # fmt: skip
        if self._down_since is not None:
            self._leases.grant(self._down_lease, lease_s, lambda: self._spawn(self.start()))
        if self._listener is not None:
            self._listener.refuse()
        await self._end_connections()

    def _down_over(self) -> None:
        if self._down_since is None:
            return
        moments = {"at_from": stamp(self._down_since), "at_to": stamp(self._now())}
        self._down_since = None
        self._leases.end(self._down_lease)
        state_receipt(self._journal, self.name, "down", "down", "off", connections=NOT_OBSERVABLE, **moments)

    async def move(self, listen: tuple[str, int], upstream: tuple[str, int]) -> None:
        """Another address or upstream, and the end of its connections; it must be started again."""
        await self.leave()
        self._listen, self.upstream = listen, upstream

    async def close(self) -> None:
        """End everything."""
        for name in list(self.toxics):
            await self.remove(name)
        self._down_over()
        await self.leave()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def leave(self) -> None:
        """Give the port away and end the connections; what else is on stays on."""
        self.enabled = False
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        await self._end_connections()

    async def _end_connections(self) -> None:
        for task, writer in list(self._carrying.items()):
            writer.transport.abort()
            task.cancel()
        await asyncio.gather(*self._carrying, return_exceptions=True)

    # --- toxics

    async def add(self, toxic: ToxicOn, *, lease_s: float | None) -> None:
        """Put a toxic on all connections, those there are included. The receipt comes first."""
        self._leases.grant(
            self._lease(toxic.name), lease_s, lambda: self._spawn(self.remove(toxic.name, "lease expired"))
        )
        self._receipt(toxic, "on", connections=0, at_from=stamp(toxic.began_at))
        self.toxics[toxic.name] = toxic
        for connection in list(self._connections):
            self._put(toxic, connection)

    def _put(self, on: ToxicOn, connection: _Connection) -> None:
        dice = self._dice(on, connection, "pipe")
        connection.links[on.stream].add(on.name, self._rolled(on, connection), dice)

    async def update(self, name: str, toxic: Toxic, toxicity: float, *, lease_s: float | None) -> None:
        """Other attributes for a toxic that is on; its lease begins anew."""
        on = self.toxics[name]
        on.toxic, on.toxicity, on.changes = toxic, toxicity, on.changes + 1
        self._leases.renew(self._lease(name), lease_s)
        self._receipt(on, "changed", connections=on.connections)
        for connection in list(self._connections):
            await connection.links[on.stream].change(name, self._rolled(on, connection))

    async def remove(self, name: str, why: str = "removed") -> None:
        """Take a toxic off everything."""
        on = self.toxics.pop(name, None)
        if on is None:
            return
        self._leases.end(self._lease(name))
        moments = {"at_from": stamp(on.began_at), "at_to": stamp(self._now())}
        for connection in list(self._connections):
            await connection.links[on.stream].remove(name)
        self._receipt(on, "off", connections=on.connections, why=why, **moments)

    def renew(self, name: str, lease_s: float | None) -> None:
        """None: for the time that it had."""
        self._leases.renew(self._lease(name), lease_s)

    def lease_left_s(self, name: str) -> float | None:
        return self._leases.left_s(self._lease(name))

    def _lease(self, name: str) -> str:
        return f"{self.name}/{name}"

    @property
    def _down_lease(self) -> str:
        return f"{self.name} is down"  # no toxic's: one may be named down

    def _receipt(self, on: ToxicOn, state: str, *, connections: int, **more: object) -> None:
        attributes = dict(vars(on.toxic))
        state_receipt(
            self._journal, self.name, on.name, fault_name(on.toxic), state, connections=connections,
            stream=on.stream, toxicity=on.toxicity, attributes=attributes, **more,
        )  # fmt: skip

    def _rolled(self, on: ToxicOn, connection: _Connection) -> Toxic:
        """The toxic, or nothing: its toxicity is a probability for each connection."""
        if self._dice(on, connection, "toxicity").random() >= on.toxicity:
            return Noop()
        if on not in connection.had:
            connection.had.add(on)
            on.connections += 1
        return on.toxic

    def _dice(self, on: ToxicOn, connection: _Connection, what: str) -> Random:
        return stream(self._seed, f"{self.name}:{on.name}:{on.changes}:{connection.number}:{what}")

    # --- connections

    def _protocol(self) -> asyncio.Protocol:
        return asyncio.StreamReaderProtocol(asyncio.StreamReader(), self._accept)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._accepted += 1
        task = self._spawn(self._carry(self._accepted, reader, writer))
        self._carrying[task] = writer
        task.add_done_callback(self._carrying.pop)

    def _spawn(self, work: Coroutine[None, None, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _carry(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(CONNECT_S):
                up_reader, up_writer = await asyncio.open_connection(*self.upstream)
        except (OSError, TimeoutError) as error:
            self._journal.write("note", provider=self.name, what="upstream not reached", reason=str(error))
            writer.close()
            return
        links = {"upstream": Link(reader, writer, up_writer), "downstream": Link(up_reader, up_writer, writer)}
        connection = _Connection(number, links)
        self._connections.add(connection)
        try:
            for on in self.toxics.values():
                self._put(on, connection)
            await asyncio.gather(links["upstream"].run(), links["downstream"].run())
            for each in (writer, up_writer):
                with contextlib.suppress(OSError):
                    await each.wait_closed()  # what was written is still on its way
        finally:
            self._connections.discard(connection)
            for direction, link in links.items():
                self.totals.received[direction] += link.received_bytes
                self.totals.sent[direction] += link.sent_bytes
            for each in (writer, up_writer):
                each.transport.abort()
