"""Limit the data to a number of kilobytes a second."""

import asyncio
import time
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.toxics.base import Chunk, Stub, sleep_until

STEP_S = 0.1


@dataclass(frozen=True)
class Bandwidth:
    """`rate` KB/s (1000 bytes); 0 lets nothing through. A chunk that takes over 100 ms goes in slices of 100 ms."""

    rate: int = 0

    buffer_chunks: ClassVar[int] = 1

    async def pipe(self, stub: Stub) -> None:
        due_s = 0.0
        while (chunk := await stub.read()) is not None:
            due_s = await self._send(stub, chunk, max(due_s, time.monotonic()))
        await stub.close()

    async def _send(self, stub: Stub, chunk: Chunk, due_s: float) -> float:
        """Sends it; when the next may go."""
        if self.rate <= 0:
            await asyncio.Event().wait()  # until the toxic is changed or taken away, as Toxiproxy does
        bytes_per_second = self.rate * 1000
        step = int(bytes_per_second * STEP_S)
        data = chunk.data
        while data:
            piece, data = data[:step], data[step:]
            due_s += len(piece) / bytes_per_second
            await sleep_until(due_s)
            await stub.write(Chunk(piece, chunk.at_s), Chunk(data, chunk.at_s) if data else None)
        return due_s
