"""A thread with an event loop of its own: what serves in it serves on while the code under test blocks."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import wait
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, Self, TypeVar

from llmops.errors import OutsideFailed

T = TypeVar("T")

PATIENCE_S = 30.0
"""For one start or end: a slow machine, or a name that is long in being looked up."""
LAST_CALLBACKS = 5
"""Turns of the loop in which transports that were closed say so."""


class InThread:
    """Within the `with` block, contexts are entered and functions called in the loop; then all end, last first."""

    def __init__(self) -> None:
        self._begun = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="llmops", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._begun.wait()
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._run(self._contexts.aclose())
        finally:
            self._loop.call_soon_threadsafe(self._over.set)
            self._thread.join(PATIENCE_S)

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        self._contexts = AsyncExitStack()
        self._begun.set()
        await self._over.wait()
        for _ in range(LAST_CALLBACKS):
            await asyncio.sleep(0)

    def enter(self, context: AbstractAsyncContextManager[T]) -> T:
        """Enter it in the loop; it is left when the block ends. OutsideFailed when that takes too long."""
        return self._run(self._contexts.enter_async_context(context))

    def call(self, function: Callable[[], T]) -> T:
        """Call it in the loop."""

        async def called() -> T:
            return function()

        return self._run(called())

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            if not wait([future], PATIENCE_S).done:
                raise OutsideFailed(f"nothing came of it in {PATIENCE_S:g} s", hint="does the upstream resolve?")
            return future.result()
        finally:
            future.cancel()  # of what a Ctrl-C has left alone
