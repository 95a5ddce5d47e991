import asyncio
import time
from random import Random
from typing import Any

import pytest

from llmops.chaos.toxics.base import Stub
from llmops.chaos.toxics.timeout import Timeout


def test_data_are_dropped_and_the_end_closes(pipe: Any) -> None:
    given, _, _ = pipe(Timeout(timeout=0), [b"a", b"b"])
    assert given == []


@pytest.mark.parametrize(("timeout_ms", "closes"), [(80, True), (0, False)])
def test_it_closes_after_its_time_and_zero_never_does(timeout_ms: int, closes: bool) -> None:
    async def main() -> None:
        stub = Stub(asyncio.Queue(), asyncio.Queue(), Random(0))
        began = time.monotonic()
        running = asyncio.create_task(Timeout(timeout_ms).pipe(stub))
        done, _ = await asyncio.wait([running], timeout=0.3)
        assert bool(done) is closes
        if closes:
            assert time.monotonic() - began >= 0.08
            assert stub.output.get_nowait() is None
        running.cancel()

    asyncio.run(main())
