"""What a proxy that runs already has written into its journal since a moment."""

import asyncio
import contextlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from llmops.chaos.experiments.journal import finished_lines
from llmops.chaos.experiments.running_proxy import PATIENCE_S, QUIET_S
from llmops.chaos.proxy.journal import stamp
from llmops.errors import BadInput


def lines_since(journal: str, began_at: float) -> Iterator[Mapping[str, Any]]:
    """Its lines of this time; stamps of one zone and length are compared as texts. BadInput."""
    began = stamp(datetime.fromtimestamp(began_at, UTC))
    for line in finished_lines(existing(journal)):
        if line["at"] >= began:
            yield line


def existing(journal: str) -> Path:
    """BadInput where there is no such file."""
    path = Path(journal)
    if not path.is_file():
        raise BadInput(f"there is no journal {journal}", hint="name the file that the proxy was given as --journal")
    return path


async def settled(journal: str) -> None:
    """Wait until it is written no more: wire records come in batches."""
    path, before = existing(journal), -1
    with contextlib.suppress(TimeoutError):  # others write too: what is there is taken
        async with asyncio.timeout(PATIENCE_S):
            while before != (before := path.stat().st_size):  # noqa: ASYNC110 - a file has no event
                await asyncio.sleep(QUIET_S)
