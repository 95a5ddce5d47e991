"""An event loop in a thread of its own: what the functions of this process begin goes on between their calls."""

import asyncio
import threading
from collections.abc import Coroutine
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


class Background:
    """Everything that it runs is run in one thread, so that nothing there needs a lock."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, name="llmops-drill", daemon=True).start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run it to its end there, and wait for it; when the waiting is interrupted, it is cancelled."""
        future = asyncio.run_coroutine_threadsafe(work, self.loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise


@cache
def background() -> Background:
    """The one of this process."""
    return Background()
