"""Let no data through, and close the connection after a time; 0 never closes it."""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.toxics.base import Stub


@dataclass(frozen=True)
class Timeout:
    """Closed after `timeout` milliseconds without any data, as Toxiproxy counts: data begin the wait anew."""

    timeout: int = 0

    buffer_chunks: ClassVar[int] = 1
    closes_when_removed: ClassVar[bool] = True

    async def pipe(self, stub: Stub) -> None:
        wait_s = self.timeout / 1000 if self.timeout > 0 else None
        with contextlib.suppress(TimeoutError):  # its end is what was asked for
            while True:
                async with asyncio.timeout(wait_s):
                    if await stub.read() is None:
                        break
                stub.drop()
        await stub.close()
