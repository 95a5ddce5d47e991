"""Work that Ctrl-C or SIGTERM may end at any moment, in order: the exit codes are those of shells."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import TypeVar

import typer

INTERRUPTED, TERMINATED = 130, 143  # 128 + SIGINT, 128 + SIGTERM
T = TypeVar("T")


class Sigterm:
    """Cancels a task, as Ctrl-C does by itself, and remembers that it was it."""

    def __init__(self) -> None:
        self._came = False

    def cancels_this(self) -> "asyncio.Task[object]":
        """The task that runs, which ends at SIGTERM from here on."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - it runs

        def terminate() -> None:
            self._came = True
            task.cancel()

        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, terminate)
        return task

    @property
    def exit_code(self) -> int:
        """Of work that a signal has ended."""
        return TERMINATED if self._came else INTERRUPTED


def until_ended(work: Coroutine[object, object, T], *, done: str, left: str) -> T:
    """What it returns. A signal ends it, and what is `done` then is told; after a second one what is `left`."""
    sigterm, cleaned = Sigterm(), False

    async def main() -> T:
        task = sigterm.cancels_this()
        try:
            return await work
        except asyncio.CancelledError:
            nonlocal cleaned
            cleaned = task.cancelling() == 1  # at a second time it was not let finish
            raise

    try:
        return asyncio.run(main())
    except (KeyboardInterrupt, asyncio.CancelledError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends already: a third one would end it without its exit code
        typer.echo(f"interrupted: {done if cleaned else left}", err=True)
        raise typer.Exit(sigterm.exit_code) from None
