"""The lines of a recorded file, or of standard input; compressed by gzip or not."""

import gzip
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from llmops.errors import BadInput

GZIP_MAGIC = b"\x1f\x8b"


def lines_of(name: str) -> Iterator[bytes]:
    """Lines without their end; `-` is standard input. BadInput for what cannot be read."""
    if name == "-":
        yield from _plain(sys.stdin.buffer)
        return
    try:
        with Path(name).open("rb") as file:
            compressed = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
            file.seek(0)
            yield from _gunzipped(file, name) if compressed else _plain(file)
    except OSError as error:
        raise BadInput(f"cannot read {name}: {error.strerror}", hint="check the path and its permissions") from error


def _plain(file: BinaryIO) -> Iterator[bytes]:
    return (line.rstrip(b"\r\n") for line in file)


def _gunzipped(file: BinaryIO, name: str) -> Iterator[bytes]:
    try:
        with gzip.open(file) as text:
            yield from (line.rstrip(b"\r\n") for line in text)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadInput(f"{name} is cut or damaged gzip: {error}", hint="compress it anew") from error
