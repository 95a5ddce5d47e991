"""Files of a run, for their owner only: traffic, answers and what is left of keys may be in them."""

import os
from pathlib import Path

MODE = 0o600


def write_private(path: Path, content: str | bytes) -> None:
    """Write a file anew that nobody else may read, not even while it is written. OSError."""
    data = content.encode() if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb", opener=_private) as file:
        os.fchmod(file.fileno(), MODE)  # one that was there keeps its own mode otherwise
        file.write(data)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, MODE)
