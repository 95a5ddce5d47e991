"""What a toxic is: a frozen dataclass with Toxiproxy's attributes, and a `pipe` for one direction of a connection."""

import asyncio
import time
from dataclasses import dataclass, field
from random import Random
from typing import ClassVar, Protocol

from llmops.registry import Registry


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some bytes, and when they were read from the socket (monotonic clock)."""

    data: bytes
    at_s: float


@dataclass
class Stub:
    """Where a toxic stands in one direction of one connection: what comes in, what goes out, and its dice.

    The chunk that was read and not yet written is `held`: when the toxic is taken away it goes on, never lost.
    """

    input: "asyncio.Queue[Chunk | None]"
    output: "asyncio.Queue[Chunk | None]"
    rng: Random
    reset: bool = False  # the connection ends with RST
    passed_bytes: int = 0  # through this toxic on this connection, kept over updates
    ended: bool = False  # the end has been read
    closed: bool = False
    held: Chunk | None = field(default=None)

    async def read(self) -> Chunk | None:
        """The next chunk; None at the end, to whoever asks then."""
        if not self.ended:
            self.held = await self.input.get()
            self.ended = self.held is None
        return self.held

    async def write(self, chunk: Chunk, rest: Chunk | None = None) -> None:
        """Send a chunk on; `rest` of what was read is still held."""
        self.held = chunk if rest is None else Chunk(chunk.data + rest.data, chunk.at_s)
        await self.output.put(chunk)
        self.held = rest
        self.passed_bytes += len(chunk.data)

    def drop(self) -> None:
        """Forget what was read."""
        self.held = None

    async def close(self) -> None:
        """End this direction; what still comes in is lost."""
        self.closed = True
        self.held = None
        await self.output.put(None)


class Toxic(Protocol):
    """A fault of a TCP stream. Its fields are whole numbers, of the units that Toxiproxy gives them."""

    buffer_chunks: ClassVar[int]  # how much may wait before it

    async def pipe(self, stub: Stub) -> None:
        """Carry the stream until it ends. Cancelled when the toxic is changed or taken away."""
        ...


async def sleep_until(due_s: float) -> None:
    """Sleep to a moment on the monotonic clock, never less: timers have a grain, and may ring early within it."""
    while (left_s := due_s - time.monotonic()) > 0:  # noqa: ASYNC110 - a drop in the rate must be seen while waiting
        await asyncio.sleep(max(left_s, 0.0002))


toxics: Registry[Toxic] = Registry("toxic", "llmops.chaos.toxics")
