"""A toxic between two queues: what it gives, and when."""

import asyncio
import time
from collections.abc import Callable, Sequence
from random import Random

import pytest

from llmops.chaos.toxics.base import Chunk, Stub, Toxic

Given = list[tuple[bytes, float]]


def through(toxic: Toxic, pieces: Sequence[bytes], *, seed: int = 1, limit_s: float = 3) -> tuple[Given, float, Stub]:
    """Pieces in at once, then the end: what comes out, seconds after the start, when it closed, and the stub."""

    async def main() -> tuple[Given, float, Stub]:
        stub = Stub(asyncio.Queue(), asyncio.Queue(), Random(seed))
        began = time.monotonic()
        for piece in pieces:
            stub.input.put_nowait(Chunk(piece, began))
        stub.input.put_nowait(None)
        given: Given = []
        async with asyncio.timeout(limit_s):
            running = asyncio.create_task(toxic.pipe(stub))
            while (chunk := await stub.output.get()) is not None:
                given.append((chunk.data, time.monotonic() - began))
            await running
        return given, time.monotonic() - began, stub

    return asyncio.run(main())


@pytest.fixture
def pipe() -> Callable[..., tuple[Given, float, Stub]]:
    return through
