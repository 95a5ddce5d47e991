"""Logs written on the spot, and read."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from llmops.costmodel.usage.store import UsageLog, read_usage

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture
def samples() -> Path:
    """The folder of our own made-up samples, one a format, named as the format."""
    return SAMPLES


@pytest.fixture
def usage() -> Iterator[Callable[..., UsageLog]]:
    """`read_usage` whose logs are closed after the test; a path may be given instead of a list."""
    opened: list[UsageLog] = []

    def read(logs: Path | list[Path], **options: Any) -> UsageLog:
        paths = logs if isinstance(logs, list) else [logs]
        opened.append(read_usage([str(path) for path in paths], **options))
        return opened[-1]

    yield read
    for log in opened:
        log.close()


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Write a log and give its path."""

    def write(content: str | bytes, name: str = "log") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def rows() -> Callable[..., list[dict[str, Any]]]:
    """The rows of the usage table, in their order."""

    def read(log: UsageLog, *columns: str) -> list[dict[str, Any]]:
        selected = ", ".join(f'"{column}"' for column in columns) or "*"
        found = log.connection.execute(f"select {selected} from usage order by source_id, record")  # noqa: S608 - our own names
        names = [str(column[0]) for column in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    return read
