"""Hold the end of the connection back for a time."""

import time
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.toxics.base import Stub, sleep_until


@dataclass(frozen=True)
class SlowClose:
    """`delay` milliseconds between the end that came and the end that goes on."""

    delay: int = 0

    buffer_chunks: ClassVar[int] = 1

    async def pipe(self, stub: Stub) -> None:
        while (chunk := await stub.read()) is not None:
            await stub.write(chunk)
        await sleep_until(time.monotonic() + self.delay / 1000)
        await stub.close()
