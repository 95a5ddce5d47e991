"""Close the connection after a number of bytes."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.toxics.base import Chunk, Stub


@dataclass(frozen=True)
class LimitData:
    """`bytes` go through, then the connection is closed; what went through before an update counts."""

    bytes: int = 0

    buffer_chunks: ClassVar[int] = 1

    async def pipe(self, stub: Stub) -> None:
        while (chunk := await stub.read()) is not None:
            left = max(0, self.bytes - stub.passed_bytes)
            if left:
                over = chunk.data[left:]  # lost with the connection, unless the toxic is taken away before
                await stub.write(Chunk(chunk.data[:left], chunk.at_s), Chunk(over, chunk.at_s) if over else None)
            if stub.passed_bytes >= self.bytes:
                break
        await stub.close()
