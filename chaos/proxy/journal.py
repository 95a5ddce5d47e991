"""The journal: one JSON object a line, appended; receipts are written before the bytes they speak of leave."""

import json
import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Protocol

import orjson

from llmops.chaos.proxy.keys import without_keys
from llmops.errors import OutsideFailed

SCHEMA_VERSION = 1
BATCH_S = 0.05  # what of the wire records may be lost when the process is killed
SAID_BY_CLIENTS = ("route", "request_id", "request_body", "answer_body", "client_body")  # keys may be in them
Kind = Literal["receipt", "wire", "lease", "step", "note"]


class Later(Protocol):
    """What can call back after a time: an event loop."""

    def call_later(self, delay: float, callback: Callable[[], object]) -> object: ...


def utc_now() -> datetime:
    return datetime.now(UTC)


def stamp(at: datetime) -> str:
    """A moment as the journal writes it: `2026-11-25T10:00:00.123456Z`."""
    return at.isoformat(timespec="microseconds")[:26] + "Z"


class Journal:
    """Appends lines to a file, or to nothing when no path is given.

    Once a line could not be written, none is any more, and each write raises: without its receipt no fault may act.
    """

    def __init__(self, path: Path | None, *, now: Callable[[], datetime] = utc_now, run: str | None = None) -> None:
        self._now = now
        self.path = path
        self.run = run or secrets.token_hex(4)  # `call` counts from 1 in each run
        self._file = None if path is None else _opened(path, mend=run is None)
        self._waiting: list[bytes] = []
        self._loop: Later | None = None
        self._timer_set = False
        self._failed: OSError | None = None
        self.on_failure: Callable[[OSError], None] | None = None
        self.listeners: list[Callable[[Mapping[str, Any]], None]] = []  # each sees every line but the wire records

    def batch_on(self, loop: Later) -> None:
        """Batch wire records on this loop; without one they are written at once."""
        self._loop = loop

    def write(self, kind: Kind, **fields: object) -> None:
        """One line, in the file when this returns (not on the disk: fsync is not promised). OSError when it is not."""
        line = {"schema_version": SCHEMA_VERSION, "kind": kind, "at": stamp(self._now()), "run": self.run, **fields}
        for listener in self.listeners:
            listener(line)
        self._waiting.append(_as_line(line))
        self.flush()

    def wire(self, fields: dict[str, Any]) -> None:
        """One wire record, in the file within 50 ms."""
        if self._file is None:
            return
        fields["run"] = self.run
        self._waiting.append(_as_line(fields))
        if self._loop is None:
            self.flush()
        elif not self._timer_set:
            self._timer_set = True
            self._loop.call_later(BATCH_S, self._timer)

    def _timer(self) -> None:
        self._timer_set = False
        with suppress(OSError):  # `on_failure` has heard of it
            self.flush()

    def flush(self) -> None:
        """Hand everything that waits to the system, in one write. OSError."""
        if self._failed is not None:
            self._waiting.clear()
            raise self._failed
        if self._waiting and self._file is not None:
            try:
                self._append(b"".join(self._waiting))
            except OSError as error:
                self._failed = error
                if self.on_failure is not None:
                    self.on_failure(error)
                raise
        self._waiting.clear()

    def _append(self, lines: bytes) -> None:
        assert self._file is not None  # noqa: S101 - for the type checker; `flush` has looked
        if self.path is not None and os.fstat(self._file).st_nlink == 0:  # somebody took the file away
            os.close(self._file)
            self._file = _opened(self.path, mend=False)
        data = memoryview(lines)
        while data:
            data = data[os.write(self._file, data) :]

    def close(self) -> None:
        with suppress(OSError):
            self.flush()
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _as_line(fields: dict[str, Any]) -> bytes:
    for name in SAID_BY_CLIENTS:
        if (said := fields.get(name)) is not None:
            fields[name] = without_keys(said)
    try:
        return orjson.dumps(fields, default=str, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # half a surrogate pair, or an integer beyond 64 bits: no line is lost for it
        return json.dumps(fields, default=str).encode() + b"\n"


def _opened(path: Path, *, mend: bool) -> int:
    """Append to it. `mend` a torn last line, unless another process is writing this run already."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(
            path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600
        )  # traffic: for its owner only
        if mend and _is_torn(path):
            os.write(file, b"\n")  # else the first line of this run would be glued to what is left of the last
    except OSError as error:
        raise OutsideFailed(
            f"cannot write the journal {path}: {error.strerror}", hint="name another --journal"
        ) from error
    return file


def _is_torn(path: Path) -> bool:
    """Whether its last line has no end: the process was killed within it, or the disk was full."""
    if not path.is_file() or path.stat().st_size == 0:
        return False
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"
