"""What the proxy hands to the recorder, taken as fast as it comes: what waits, waits here, and outlives the proxy."""

import struct
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

LIMIT_BYTES = 256 * 1024 * 1024
"""Of what waits; above it nothing is taken, and the proxy becomes as slow as its records."""
SIZE = struct.Struct("!I")  # before each batch


class Inbox:
    """Iterates over the batches of `source`, until it ends or is cut; a batch that is cut is none."""

    def __init__(self, source: BinaryIO, limit_bytes: int = LIMIT_BYTES) -> None:
        self._source, self._limit_bytes = source, limit_bytes
        self._batches: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._over = False
        self._changed = threading.Condition()
        threading.Thread(target=self._take_all, daemon=True).start()

    def _take_all(self) -> None:
        with suppress(OSError):
            while (batch := self._next()) is not None:
                self._put(batch)
        with self._changed:
            self._over = True
            self._changed.notify()

    def _next(self) -> bytes | None:
        size = self._source.read(SIZE.size)
        if len(size) < SIZE.size:
            return None
        length = SIZE.unpack(size)[0]
        batch = self._source.read(length)
        return batch if len(batch) == length else None  # the proxy was killed while it handed these over

    def _put(self, batch: bytes) -> None:
        with self._changed:
            while self._batches and self._waiting_bytes + len(batch) > self._limit_bytes:
                self._changed.wait()
            self._batches.append(batch)
            self._waiting_bytes += len(batch)
            self._changed.notify()

    def __iter__(self) -> Iterator[bytes]:
        while True:
            with self._changed:
                while not self._batches and not self._over:
                    self._changed.wait()
                if not self._batches:
                    return
                batch = self._batches.popleft()
                self._waiting_bytes -= len(batch)
                self._changed.notify()
            yield batch
