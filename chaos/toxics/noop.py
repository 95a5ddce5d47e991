"""Pass everything: what stands where a toxic was taken away, or where its toxicity spared the connection."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.toxics.base import Stub


@dataclass(frozen=True)
class Noop:
    """Toxiproxy makes one when it is asked for by name, too, and does not document it."""

    buffer_chunks: ClassVar[int] = 1

    async def pipe(self, stub: Stub) -> None:
        while (chunk := await stub.read()) is not None:
            await stub.write(chunk)
        await stub.close()
