import asyncio
from random import Random
from typing import Any

from llmops.chaos.toxics.bandwidth import Bandwidth
from llmops.chaos.toxics.base import Chunk, Stub


def test_thirty_kilobytes_at_a_hundred_a_second_take_three_tenths(pipe: Any) -> None:
    given, took_s, _ = pipe(Bandwidth(rate=100), [b"x" * 30_000])
    assert [len(data) for data, _ in given] == [10_000, 10_000, 10_000]
    assert 0.3 <= took_s < 0.4
    assert all(at >= n * 0.1 for n, (_, at) in enumerate(given, 1))


def test_a_rate_of_zero_lets_nothing_through_and_loses_nothing() -> None:
    """As Toxiproxy 2.12.0 does, measured."""

    async def main() -> None:
        stub = Stub(asyncio.Queue(), asyncio.Queue(), Random(0))
        stub.input.put_nowait(Chunk(b"abc", 0))
        running = asyncio.create_task(Bandwidth(rate=0).pipe(stub))
        done, _ = await asyncio.wait([running], timeout=0.3)
        assert not done
        assert stub.output.empty()
        assert stub.held == Chunk(b"abc", 0)
        running.cancel()

    asyncio.run(main())
