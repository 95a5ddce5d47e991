"""A proxy that ran before us and goes on after us: what it fronts, and what it writes while we are here."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from llmops.chaos.experiments.driver import Driver
from llmops.chaos.experiments.private_files import write_private
from llmops.chaos.experiments.schema import Experiment, RunningProxy
from llmops.errors import BadInput, nearest_hint

if TYPE_CHECKING:
    from aiohttp import ClientSession

QUIET_S, PATIENCE_S = 0.4, 5.0  # its wire records come in batches: it has written all when it writes no more


@asynccontextmanager
async def joined(
    proxy: RunningProxy, experiment: Experiment, http: "ClientSession", copy: Path
) -> AsyncIterator[dict[str, str]]:
    """The origin of each provider's proxy, and `control`; afterwards its lines of this time are in `copy`.

    BadInput when it does not front a provider of the experiment, or writes no such journal.
    """
    journal = Path(proxy.journal)
    if not journal.exists():  # noqa: ASYNC240 - a file of this machine
        raise BadInput(f"there is no journal {journal}", hint="name the file that the proxy was given as --journal")
    begins = _size(journal)
    listening = await Driver(http, proxy.control).listening()
    for name in experiment.providers:
        if name not in listening:
            hint = nearest_hint(name, listening)
            raise BadInput(f"the proxy at {proxy.control} has no provider {name!r}", hint=hint)
    try:
        yield {"control": proxy.control, **{name: f"http://{listening[name]}" for name in experiment.providers}}
    finally:
        await _quiet(journal)
        _copy(journal, begins, copy)


def _size(journal: Path) -> int:
    return journal.stat().st_size


async def _quiet(journal: Path) -> None:
    before = -1
    with contextlib.suppress(TimeoutError):  # others write too: what is there is taken
        async with asyncio.timeout(PATIENCE_S):
            while before != (before := _size(journal)):  # noqa: ASYNC110 - a file has no event
                await asyncio.sleep(QUIET_S)


def _copy(journal: Path, begins: int, copy: Path) -> None:
    with journal.open("rb") as file:
        file.seek(begins)
        write_private(copy, file.read())
