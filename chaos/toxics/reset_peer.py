"""Reset the connection, at once or after a time."""

import time
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.toxics.base import Stub, sleep_until


@dataclass(frozen=True)
class ResetPeer:
    """RST `timeout` milliseconds after the first data, or the end, came in; the data are lost."""

    timeout: int = 0

    buffer_chunks: ClassVar[int] = 1

    async def pipe(self, stub: Stub) -> None:
        stub.reset = True
        await stub.read()  # held until the end: a toxic that is taken away in time has lost nothing
        await sleep_until(time.monotonic() + self.timeout / 1000)
        await stub.close()
