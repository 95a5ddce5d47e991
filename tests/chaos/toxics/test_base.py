import asyncio
import time
from random import Random

from llmops.chaos.toxics.base import Chunk, Stub, sleep_until, toxics


def test_the_toxics_are_toxiproxys() -> None:
    names = ["bandwidth", "latency", "limit_data", "noop", "reset_peer", "slicer", "slow_close", "timeout"]
    assert toxics.names() == names
    assert all(toxics.help(name).endswith(".") or ";" in toxics.help(name) for name in names)


def test_a_sleep_is_never_short() -> None:
    async def main() -> None:
        for wait_s in [0.0004, 0.0017, 0.003] * 10:
            due_s = time.monotonic() + wait_s
            await sleep_until(due_s)
            assert time.monotonic() >= due_s

    asyncio.run(main())


def test_what_was_read_is_held_until_it_is_written() -> None:
    async def main() -> None:
        stub = Stub(asyncio.Queue(), asyncio.Queue(), Random(0))
        stub.input.put_nowait(Chunk(b"abc", 0))
        chunk = await stub.read()
        assert stub.held == chunk
        await stub.write(Chunk(b"a", 0), Chunk(b"bc", 0))
        assert stub.held == Chunk(b"bc", 0)
        await stub.write(Chunk(b"bc", 0))
        assert stub.held is None
        assert stub.passed_bytes == 3

    asyncio.run(main())


def test_the_end_is_told_to_whoever_asks() -> None:
    """A toxic that takes another's place must see it too, or the connection never ends."""

    async def main() -> None:
        stub = Stub(asyncio.Queue(), asyncio.Queue(), Random(0))
        stub.input.put_nowait(None)
        async with asyncio.timeout(1):
            assert await stub.read() is None
            assert await stub.read() is None

    asyncio.run(main())
