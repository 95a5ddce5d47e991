"""One provider behind the proxy: where it is, what speaks to it, what is injected, and what is recorded."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from llmops.chaos.proxy.address import Address
from llmops.chaos.proxy.call import Call
from llmops.chaos.proxy.http1 import ScannedHead
from llmops.chaos.proxy.journal import Journal
from llmops.chaos.proxy.pipeline import said_of
from llmops.chaos.proxy.pool import Pool
from llmops.chaos.wire.dialects import dialect_of
from llmops.chaos.wire.parts import AnswerHead

if TYPE_CHECKING:
    import ssl

    from llmops.chaos.proxy.injections import Injections
    from llmops.chaos.proxy.records import Records
    from llmops.chaos.wire.dialect import Dialect

FAULT_FAILED = "a fault failed"
HELD_BYTES = 32 * 1024 * 1024
REMEMBERED_ROUTES = 1024


class Connection(Protocol):
    """A client's connection, as its provider sees it."""

    call: Call | None
    transport: asyncio.Transport

    def close_if_late(self, now: float) -> None: ...

    def hurry(self, injection: str) -> None: ...


class Provider:
    """What all connections to one provider share."""

    def __init__(  # noqa: PLR0913 - each is given by name
        self,
        name: str,
        address: Address,
        injections: "Injections",
        journal: Journal,
        records: "Records",
        *,
        dialect_of: Callable[[bytes, bytes], "Dialect | None"] = dialect_of,
        tls: "ssl.SSLContext | None" = None,
        held_bytes: int = HELD_BYTES,
        record_bodies: bool = False,
    ) -> None:
        self.name = name
        self.address = address
        self.host = address.host_header
        self.injections = injections
        self.journal = journal
        self._dialect_of = dialect_of
        self._records = records
        injections.on_end = self.injection_ended
        self.pool = Pool(address, tls)
        self.held_bytes = held_bytes
        self.record_bodies = record_bodies
        self.connections: set[Connection] = set()
        self.draining = False
        self.started = self.requests = 0  # requests begun, and over
        self._routes: dict[tuple[bytes, bytes], Dialect | None] = {}

    def dialect_of(self, head: ScannedHead) -> "Dialect | None":
        """The dialect whose route this is; None for one that nobody knows."""
        path = head.target.partition(b"?")[0]
        key = (head.method, path)
        try:
            return self._routes[key]
        except KeyError:
            found = self._dialect_of(head.method, path)
            if len(self._routes) < REMEMBERED_ROUTES:
                self._routes[key] = found
            return found

    def finished(self, call: Call) -> None:
        """It is over: it is counted, kept for faults that give an earlier answer, and recorded."""
        self.requests += 1
        self.injections.answered(call)
        if call.exchange is not None:
            call.faults = call.exchange.applied
        self._records.add(call, self.name, time.monotonic())

    def refused(self, reason: str) -> None:
        self.journal.write("note", provider=self.name, what="request refused", reason=reason)

    def fault_failed(self, error: Exception) -> None:
        with suppress(OSError):  # of the journal itself, which tells of its own end
            self.journal.write("note", provider=self.name, what=FAULT_FAILED, reason=said_of(error))

    @staticmethod
    def answer_head(raw: bytes) -> AnswerHead:
        """An answer's head, opened for faults."""
        lines = raw[:-4].split(b"\r\n")
        _, _, rest = lines[0].partition(b" ")
        status, _, reason = rest.partition(b" ")
        pairs = (line.partition(b":") for line in lines[1:])
        return AnswerHead(int(status), reason, tuple((name, value.strip(b" \t")) for name, _, value in pairs), raw)

    def injection_ended(self, injection: str) -> None:
        """What waits because of it waits no longer."""
        for connection in list(self.connections):
            connection.hurry(injection)

    def sweep(self, now: float) -> None:
        """Close what keeps a connection with half a request."""
        for connection in list(self.connections):
            connection.close_if_late(now)
