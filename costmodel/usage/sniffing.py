"""Which log format a file is, by its beginning: for a look around, where nobody named it."""

import gzip
import tempfile
from pathlib import Path

from llmops.costmodel.usage.containers import opened
from llmops.costmodel.usage.recognition import choice
from llmops.costmodel.usage.text import PARQUET_MAGIC
from llmops.errors import LlmopsError

HEAD_BYTES = 1 << 18  # some hundred records; of a file that is one JSON document all of it is needed
WHOLE_BYTES = 16 << 20
GZIP_MAGIC = b"\x1f\x8b"


def log_format_of(path: Path) -> str | None:
    """Its name; None where the file is in none, in more than one, or cannot be read."""
    import duckdb

    with tempfile.TemporaryDirectory() as spool, duckdb.connect() as connection:
        for least in (HEAD_BYTES, WHOLE_BYTES):
            try:
                records = opened(connection, _beginning(path, Path(spool), least), path.name, Path(spool))
                return None if records is None else choice(records, path.name, None, None).log_format
            except (LlmopsError, OSError, EOFError, duckdb.Error, ValueError):
                continue
    return None


def _beginning(path: Path, spool: Path, least: int) -> Path:
    """The first whole lines of a file, unpacked; a table of Parquet as it is, for its beginning is no table."""
    with path.open("rb") as file:
        magic = file.read(len(PARQUET_MAGIC))
    if magic == PARQUET_MAGIC:
        return path
    opening = gzip.open if magic.startswith(GZIP_MAGIC) else Path.open
    with opening(path, "rb") as file:
        data = file.read(least + 1)
    if len(data) > least and b"\n" in data:
        data = data[: data.rindex(b"\n") + 1]
    head = spool / f"head-{least}"
    head.write_bytes(data)
    return head
