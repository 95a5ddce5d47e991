"""Wire records made in a process of their own: reading a request and its answer costs more than passing them on.

The proxy hands over each call that is over as plain values, in batches; the recorder reads them, and appends the
lines to the same journal. It ends when the proxy does, whatever ends it, and first writes what it was given.
"""

import asyncio
import gc
import marshal
import select
import signal
import socket
import subprocess
import sys
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from llmops.chaos.proxy.call import Call
from llmops.chaos.proxy.http1 import ScannedHead
from llmops.chaos.proxy.inbox import SIZE, Inbox
from llmops.chaos.proxy.journal import Journal
from llmops.chaos.proxy.records import RecordsHere
from llmops.chaos.wire.dialects import dialect_named

BATCH_S = 0.02
BATCH_CALLS = 64
BEHIND_BYTES = 4 * 1024 * 1024  # of what waits for the recorder to take it; above it the proxy waits
START_S = 30.0
CLOSE_S = 60.0
GC_OBJECTS = 100_000  # between two looks of the collector: records leave little behind that refers to itself
READY = b"1"
RECORDER_ENDED = "the process that makes wire records ended: some may be missing"

Parcel = tuple[Any, ...]
"""A call as values that `marshal` carries: both ends are of the same Python, and no other can write to the socket."""


def packed(call: Call, provider: str, ended_s: float) -> Parcel:
    """What the record of a call is made from."""
    dialect = call.dialect
    return (
        provider, ended_s, call.head.raw, call.head.method, call.head.target, call.number, call.body,
        None if dialect is None else (dialect.name, dialect.provider), call.request_bytes, call.started_s,
        call.started_at, call.first_byte_at, call.answer_head, call.status, call.pieces, call.stamps,
        call.answer_bytes, call.client_status, call.client_bytes, list(call.faults), call.retried, call.ended,
        call.note, call.client_pieces, call.client_ended,
        call.unkept_bytes,
    )  # fmt: skip


def unpacked(parcel: Parcel) -> tuple[Call, str, float]:
    """The call again, as far as records look at it."""
    provider, ended_s, raw, method, target, number, body, dialect, request_bytes, started_s, started_at = parcel[:11]
    head = ScannedHead(raw, raw.lower(), b"", method, target, 0)
    speaks = None if dialect is None else dialect_named(dialect[0], provider=dialect[1])
    call = Call(head, speaks, started_s, started_at)
    call.number, call.body, call.request_bytes = number, body, request_bytes
    call.first_byte_at, call.answer_head, call.status, call.pieces, call.stamps, call.answer_bytes = parcel[11:17]
    call.client_status, call.client_bytes, call.faults, call.retried, call.ended, call.note = parcel[17:23]
    call.client_pieces, call.client_ended, call.unkept_bytes = parcel[23:]
    return call, provider, ended_s


class Recorder:
    """The proxy's end. `start` in a running loop; when the process beside it dies, records are made here."""

    def __init__(self, journal: Journal, path: Path, *, bodies: bool) -> None:
        self._journal = journal
        self._path = path
        self._bodies = bodies
        self._waiting: list[Parcel] = []
        self._batches: deque[memoryview] = deque()
        self._behind_bytes = 0
        self._timer_set = False
        self._here: RecordsHere | None = None  # once the process is lost
        self._closed = False

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._socket, theirs = socket.socketpair()
        self._socket.setblocking(False)
        command = [sys.executable, "-m", "llmops.chaos.proxy.recorder", str(self._path), self._journal.run]
        command += ["--bodies"] if self._bodies else []
        with theirs:  # in a group of its own: a Ctrl-C is for the proxy, whose end is the recorder's end
            self._process = subprocess.Popen(command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, process_group=0)

    async def ready(self) -> None:
        """It reads now: from here on, what is lost when the proxy is killed is what it was not yet handed."""
        said = b""
        with suppress(OSError, TimeoutError):
            said = await asyncio.wait_for(self._loop.sock_recv(self._socket, 1), START_S)
        if said != READY:
            self._lost(OSError("it did not start"))

    def add(self, call: Call, provider: str, ended_s: float) -> None:
        if self._here is not None:
            self._here.add(call, provider, ended_s)
            return
        self._waiting.append(packed(call, provider, ended_s))
        if len(self._waiting) >= BATCH_CALLS:
            self.flush()
        elif not self._timer_set:
            self._timer_set = True
            self._loop.call_later(BATCH_S, self._timer)

    def _timer(self) -> None:
        self._timer_set = False
        self.flush()

    def flush(self) -> None:
        if self._here is not None:
            self._here.flush()
        elif self._waiting:
            data = marshal.dumps(self._waiting)
            self._waiting = []
            self._batches.append(memoryview(SIZE.pack(len(data)) + data))
            self._behind_bytes += SIZE.size + len(data)
            self._send()

    def _send(self) -> None:
        """As much as the recorder takes; all of it would be too much, the rest when it reads on."""
        try:
            while self._batches:
                batch = self._batches[0]
                try:
                    sent = self._socket.send(batch)
                except BlockingIOError:
                    if self._behind_bytes <= BEHIND_BYTES:
                        self._loop.add_writer(self._socket, self._send)
                        return
                    select.select([], [self._socket], [])  # nothing is lost: the proxy becomes as slow as its records
                    continue
                self._behind_bytes -= sent
                self._batches[0] = batch[sent:]
                if sent == len(batch):
                    self._batches.popleft()
            self._loop.remove_writer(self._socket)
        except OSError as error:
            self._loop.remove_writer(self._socket)
            self._lost(error)

    def _lost(self, error: OSError) -> None:
        """The recorder is gone: what it had not read may be lost, what was not sent is recorded here."""
        reason = f"{type(error).__name__}: {error}"
        self._journal.write("note", what=RECORDER_ENDED, reason=reason)
        self._here = RecordsHere(self._journal, bodies=self._bodies)
        unsent, self._batches = list(self._batches), deque()
        for batch in unsent[1:]:  # of the first, a part may have been sent
            for parcel in marshal.loads(batch[SIZE.size :]):  # noqa: S302 - our own bytes
                self._here.add(*unpacked(parcel))

    async def close(self) -> None:
        """Wait until all records are in the file. May be called again."""
        if self._closed:
            return
        self._closed = True
        self.flush()
        if self._here is None:
            self._loop.remove_writer(self._socket)
            await asyncio.to_thread(self._send_rest)
        self._socket.close()
        if self._here is not None:
            await self._here.close()
        try:
            await asyncio.to_thread(self._process.wait, CLOSE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            self._journal.write("note", what="the maker of wire records did not end: some may be missing")

    def _send_rest(self) -> None:
        self._socket.setblocking(True)
        try:
            for batch in self._batches:
                self._socket.sendall(batch)
        except OSError as error:
            self._lost(error)


def record(source: BinaryIO, journal: Journal, *, bodies: bool) -> None:
    """The recorder itself: until the proxy has closed its end."""
    records = RecordsHere(journal, bodies=bodies)
    records.soon = lambda _flush: None
    for batch in Inbox(source):
        for parcel in marshal.loads(batch):  # noqa: S302 - the proxy's own bytes
            records.add(*unpacked(parcel))
        records.flush()
        journal.flush()


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # they are the proxy's: it closes, and that ends this process
    gc.freeze()
    gc.set_threshold(GC_OBJECTS)
    journal = Journal(Path(sys.argv[1]), run=sys.argv[2])
    journal.batch_on(_Never())
    with socket.socket(fileno=sys.stdin.fileno()) as end, end.makefile("rb") as source, suppress(OSError):
        with suppress(OSError):  # a proxy that has ended already waits for no word
            end.send(READY)
        record(source, journal, bodies="--bodies" in sys.argv)
    journal.close()


class _Never:
    """Lines are flushed once a batch, not by a timer."""

    def call_later(self, delay: float, callback: object) -> None: ...


if __name__ == "__main__":
    main()
