"""The finished lines of a file that is still being written; it may not be there yet, be moved away, or be emptied."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

CHUNK_BYTES = 1 << 20
LINE_BYTES = 256 << 20  # a longer line is none of a journal


class Follower:
    """Gives each line once, when it has its end. After a rotation what is left of the old file comes first."""

    def __init__(self, path: Path, *, from_end: bool = False) -> None:
        self.path = path
        self.cut_lines = 0  # that never got their end, or were too long
        self._from_end = from_end and path.exists()
        self._file: BinaryIO | None = None
        self._rest = b""

    def lines(self) -> Iterator[bytes]:
        """What has been finished since the last time."""
        while True:
            if self._file is None and not self._open():
                return
            yield from self._read()
            if not self._turned():
                return

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self) -> bool:
        try:
            self._file = self.path.open("rb")
        except FileNotFoundError:
            return False
        if self._from_end:
            self._file.seek(0, os.SEEK_END)
            self._from_end = False
        return True

    def _read(self) -> Iterator[bytes]:
        assert self._file is not None  # noqa: S101 - for the type checker; `lines` has looked
        while chunk := self._file.read(CHUNK_BYTES):
            *whole, self._rest = (self._rest + chunk).split(b"\n")
            yield from whole
            if len(self._rest) > LINE_BYTES:
                self._cut()

    def _turned(self) -> bool:
        """Whether another file has this name now, or it was emptied: then it is read from its start."""
        assert self._file is not None  # noqa: S101 - as above
        ours = os.fstat(self._file.fileno())
        try:
            named = self.path.stat()
        except FileNotFoundError:
            return False  # moved away, and nothing there yet: its writer may still finish a line
        if (named.st_dev, named.st_ino) == (ours.st_dev, ours.st_ino):
            if named.st_size >= self._file.tell():
                return False
            self._file.seek(0)
        else:
            self.close()
        self._cut()
        return True

    def _cut(self) -> None:
        self.cut_lines += bool(self._rest)
        self._rest = b""
