"""Slice the data into small packets, with a pause between them."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from llmops.chaos.toxics.base import Chunk, Stub, sleep_until


@dataclass(frozen=True)
class Slicer:
    """Pieces of `average_size` ± `size_variation` bytes, `delay` microseconds after each."""

    average_size: int = 0
    size_variation: int = 0
    delay: int = 0

    buffer_chunks: ClassVar[int] = 1

    async def pipe(self, stub: Stub) -> None:
        while (chunk := await stub.read()) is not None:
            data = chunk.data
            for size in self.sizes(len(data), stub.rng):
                piece, data = data[:size], data[size:]
                await stub.write(Chunk(piece, chunk.at_s), Chunk(data, chunk.at_s) if data else None)
                await sleep_until(time.monotonic() + self.delay / 1_000_000)
        await stub.close()

    def sizes(self, size: int, rng: Random) -> Iterator[int]:
        """How a chunk of this size is cut: in halves, give or take the variation, until they are small enough."""
        if size <= 1 or size - self.average_size <= self.size_variation:
            yield size
            return
        spread = rng.randrange(self.size_variation * 2) - self.size_variation if self.size_variation > 0 else 0
        left = min(max(1, size // 2 + spread), size - 1)  # Toxiproxy crashes where a cut falls outside
        yield from self.sizes(left, rng)
        yield from self.sizes(size - left, rng)
