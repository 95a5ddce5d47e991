"""A load in the foreground of a terminal: it ends when it is over, or when somebody stops it."""

import asyncio
import contextlib
import signal
import socket
import time
from collections.abc import Callable

from llmops.chaos.load.client import OnRecord, in_words, run_load
from llmops.chaos.load.connection import Connection
from llmops.chaos.load.plan import LoadPlan
from llmops.chaos.load.pool import Opener
from llmops.chaos.load.record import CallRecord
from llmops.chaos.load.wording import counted
from llmops.chaos.proxy.config import address_of
from llmops.errors import OutsideFailed

REACH_S = 10.0
SHOW_EVERY_S = 0.2


def run_in_foreground(plan: LoadPlan, on_record: OnRecord, show: Callable[[str], None]) -> str:
    """Run it, on uvloop where it is installed; why it ended early, or empty. OutsideFailed for a name nobody has.

    Ctrl-C and SIGTERM stop it: calls under way are recorded as cancelled.
    """
    _allow_files()
    try:
        import uvloop
    except ImportError:
        return asyncio.run(_run(plan, on_record, show))
    return uvloop.run(_run(plan, on_record, show))


def _allow_files() -> None:
    """As many sockets as this process may have at all; the usual limit of 1,024 is soon reached."""
    try:
        import resource
    except ImportError:  # Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # a hard limit that is not allowed after all
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _run(plan: LoadPlan, on_record: OnRecord, show: Callable[[str], None]) -> str:
    unreachable = await why_unreachable(plan)
    if unreachable:
        return f"{plan.base_url} does not answer: {unreachable}."
    shown = _Shown(on_record, show)
    stopped_by: list[signal.Signals] = []
    task = asyncio.create_task(run_load(plan, on_record=shown))

    def stop(number: signal.Signals) -> None:
        stopped_by.append(number)
        task.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    try:
        await task
    except asyncio.CancelledError:
        if not stopped_by:
            raise
        return f"stopped by {stopped_by[0].name} after {counted(shown.count, 'call')}."
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
    return ""


async def why_unreachable(plan: LoadPlan) -> str:
    """Why no connection can be opened; empty where one can. OutsideFailed for a name that nobody has."""
    address = address_of(plan.base_url)
    try:
        async with asyncio.timeout(REACH_S):
            connection = await Opener(address, plan.ca_file)(lambda: Connection(time.monotonic))
    except socket.gaierror as error:
        raise OutsideFailed(f"{address.host!r} cannot be found: {error.strerror}", hint="check the URL") from error
    except TimeoutError:
        return f"no connection within {REACH_S:g} s"
    except OSError as error:
        return in_words(error)
    connection.abort()
    await connection.wait_closed()
    return ""


class _Shown:
    """Passes the records on, and counts them for the one who waits."""

    def __init__(self, on_record: OnRecord, show: Callable[[str], None]) -> None:
        self.count = self._failed = 0
        self._on_record, self._show, self._next_s = on_record, show, 0.0

    def __call__(self, record: CallRecord) -> None:
        self.count += 1
        self._failed += not record.succeeded
        self._on_record(record)
        now_s = time.monotonic()
        if now_s >= self._next_s:
            self._next_s = now_s + SHOW_EVERY_S
            self._show(f"{counted(self.count, 'call')}, {self._failed:,} of them failed")
