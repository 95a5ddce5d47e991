"""Delay all data by a time, give or take a jitter."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.toxics.base import Chunk, Stub, sleep_until


@dataclass(frozen=True)
class Latency:
    """`latency` ± `jitter` milliseconds after each chunk came in; chunks keep their order."""

    latency: int = 0
    jitter: int = 0

    buffer_chunks: ClassVar[int] = 1024

    async def pipe(self, stub: Stub) -> None:
        while (chunk := await stub.read()) is not None:
            due_s = chunk.at_s + self._delay_s(stub)
            await sleep_until(due_s)
            await stub.write(Chunk(chunk.data, due_s))  # the next latency in the chain counts from here
        await stub.close()

    def _delay_s(self, stub: Stub) -> float:
        spread = stub.rng.randrange(self.jitter * 2) - self.jitter if self.jitter > 0 else 0
        return (self.latency + spread) / 1000
