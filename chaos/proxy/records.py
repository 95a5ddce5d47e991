"""Where wire records are made: in the proxy itself, or beside it in a process of their own (recorder.py)."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from llmops.chaos.proxy.call import Call
from llmops.chaos.proxy.journal import Journal
from llmops.chaos.proxy.wire_record import Attempts, wire_record


class Records(Protocol):
    """Makes a line of the journal of each call that is over."""

    def add(self, call: Call, provider: str, ended_s: float) -> None:
        """A call that is over, at `ended_s` of the monotonic clock; its record is made soon after."""
        ...

    def flush(self) -> None:
        """Make what waits now, or hand it over."""
        ...

    async def close(self) -> None:
        """All records are in the file."""
        ...


class RecordsHere:
    """Made by the proxy, once what was just handed to the sockets has left."""

    def __init__(self, journal: Journal, *, bodies: bool) -> None:
        self._journal = journal
        self._bodies = bodies
        self._attempts = Attempts()
        self._waiting: list[tuple[Call, str, float]] = []
        self.soon: Callable[[Callable[[], None]], object] = lambda work: asyncio.get_running_loop().call_soon(work)

    def add(self, call: Call, provider: str, ended_s: float) -> None:
        if not self._waiting:
            self.soon(self.flush)
        self._waiting.append((call, provider, ended_s))

    def flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        for call, provider, ended_s in waiting:
            self._journal.wire(wire_record(call, provider, self._attempts, ended_s, bodies=self._bodies))

    async def close(self) -> None:
        self.flush()
        self._journal.flush()
