"""One direction of one TCP connection: a chain of toxics between reading and writing."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from llmops.chaos.proxy.player import reset
from llmops.chaos.toxics.base import Chunk, Stub, Toxic
from llmops.chaos.toxics.noop import Noop

READ_BYTES = 32 * 1024


@dataclass
class _Stage:
    name: str
    toxic: Toxic
    stub: Stub
    task: "asyncio.Task[None]"


class Link:
    """Reads from one side, sends through its toxics, writes to the other; when it ends, the other side is closed.

    The last queue never changes; a new toxic is put before it, and one that goes leaves a Noop in its place, so that
    no byte is lost or overtaken.
    """

    def __init__(
        self, reader: asyncio.StreamReader, source: asyncio.StreamWriter, writer: asyncio.StreamWriter
    ) -> None:
        self._reader = reader
        self._source = source
        self._writer = writer
        self._last: asyncio.Queue[Chunk | None] = asyncio.Queue(1)
        self._entry = Stub(self._last, self._last, Random(0))  # only its output is used: where reading puts its chunks
        self._stages: list[_Stage] = []
        self._over = False
        self.received_bytes = 0
        self.sent_bytes = 0

    async def run(self) -> None:
        """Until one of the sides ends."""
        reading = asyncio.create_task(self._read())
        try:
            await self._write()
        finally:
            self._over = True
            tasks = [reading, *(stage.task for stage in self._stages)]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._end()

    async def _read(self) -> None:
        with contextlib.suppress(OSError):
            while data := await self._reader.read(READ_BYTES):
                self.received_bytes += len(data)
                await self._entry.output.put(Chunk(data, time.monotonic()))
        await self._entry.output.put(None)

    async def _write(self) -> None:
        with contextlib.suppress(OSError):
            while (chunk := await self._last.get()) is not None:
                self._writer.write(chunk.data)
                await self._writer.drain()
                self.sent_bytes += len(chunk.data)

    def _end(self) -> None:
        if any(stage.stub.reset for stage in self._stages):
            reset(self._writer.transport)
            reset(self._source.transport)
        self._writer.close()

    # --- toxics come, change and go

    def add(self, name: str, toxic: Toxic, rng: Random) -> None:
        """Put a toxic at the end of the chain; what is past it stays past it."""
        if self._over:
            return
        before = self._stages[-1].stub if self._stages else self._entry
        queue: asyncio.Queue[Chunk | None] = asyncio.Queue(toxic.buffer_chunks)
        stub = Stub(queue, self._last, rng)
        before.output = queue
        self._stages.append(_Stage(name, toxic, stub, asyncio.create_task(toxic.pipe(stub))))

    async def change(self, name: str, toxic: Toxic) -> None:
        """Put another in the place of the toxic of that name; what it held goes on at once."""
        for stage in self._living(name):
            await _stopped(stage)
            if not stage.stub.closed:
                if isinstance(stage.toxic, Noop):
                    stage.stub.passed_bytes = 0  # the dice had spared this connection: nothing went through the toxic
                stage.stub.reset = False
                stage.toxic = toxic
                stage.task = asyncio.create_task(_go_on(stage.stub, toxic))

    async def remove(self, name: str) -> None:
        """Take the toxic away; some end the connection as they go, as Toxiproxy's do."""
        for stage in self._living(name):
            if getattr(stage.toxic, "closes_when_removed", False):
                await _stopped(stage)
                stage.stub.closed = True
                stage.task = asyncio.create_task(stage.stub.close())
        await self.change(name, Noop())
        for stage in self._stages:
            if stage.name == name:
                stage.name = ""

    def _living(self, name: str) -> Iterator[_Stage]:
        stages = () if self._over else self._stages
        return (stage for stage in stages if stage.name == name and not stage.stub.closed)


async def _stopped(stage: _Stage) -> None:
    stage.task.cancel()
    await asyncio.gather(stage.task, return_exceptions=True)


async def _go_on(stub: Stub, toxic: Toxic) -> None:
    """First what was held: it may have to wait for a client that does not read, and nobody else shall."""
    if stub.held is not None:
        await stub.write(stub.held)
    await toxic.pipe(stub)
