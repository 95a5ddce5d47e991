"""The connections of one load."""

import asyncio
from collections.abc import Callable
from typing import Any

from llmops.chaos.load.connection import Connection
from llmops.chaos.load.pool import Pool


class Wire(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.aborted = False

    def write(self, data: Any) -> None:
        self.written += data

    def abort(self) -> None:
        self.aborted = True


def pooled(use: Callable[[Pool, list[float]], Any]) -> Any:
    async def main() -> Any:
        now = [0.0]

        async def connect(protocol: Callable[[], Connection]) -> Connection:
            connection = protocol()
            connection.connection_made(Wire())
            return connection

        return await use(Pool(connect, lambda: now[0]), now)

    return asyncio.run(main())


def test_the_connection_used_last_is_used_next_unless_it_waited_too_long_or_was_lost() -> None:
    async def use(pool: Pool, now: list[float]) -> None:
        first, second, third = [await pool.open() for _ in range(3)]
        for connection in (first, second, third):
            pool.give_back(connection, is_whole=True)
        third.connection_lost(None)
        assert pool.idle() is second
        pool.give_back(second, is_whole=False)  # its call was not seen to its end
        assert isinstance(second.transport, Wire)
        assert second.transport.aborted
        now[0] = 3.9
        assert pool.idle() is first
        pool.give_back(first, is_whole=True)
        now[0] = 3.9 + 4.0
        assert pool.idle() is None

    pooled(use)
