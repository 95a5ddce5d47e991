import asyncio
from random import Random
from typing import Any

import pytest

from llmops.chaos.toxics.base import Chunk, Stub
from llmops.chaos.toxics.limit_data import LimitData


@pytest.mark.parametrize(
    ("limit", "through"), [(0, b""), (1, b"a"), (4, b"abcd"), (5, b"abcde"), (6, b"abcdef"), (99, b"abcdef")]
)
def test_it_closes_to_the_byte(pipe: Any, limit: int, through: bytes) -> None:
    given, _, stub = pipe(LimitData(bytes=limit), [b"abc", b"def"])
    assert b"".join(data for data, _ in given) == through
    assert stub.closed


def test_the_rest_of_a_chunk_is_lost_with_the_connection_and_only_with_it() -> None:
    async def main() -> None:
        stub = Stub(asyncio.Queue(), asyncio.Queue(1), Random(0))
        stub.output.put_nowait(Chunk(b"what waits before it", 0))
        stub.input.put_nowait(Chunk(b"abcdef", 0))
        running = asyncio.create_task(LimitData(bytes=4).pipe(stub))
        await asyncio.sleep(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert stub.held == Chunk(b"abcdef", 0)
        assert not stub.closed

    asyncio.run(main())
