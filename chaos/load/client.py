"""The load client: sends each call when it is due, whatever became of the ones before."""

import asyncio
import math
import os
import ssl
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext

from llmops import __version__
from llmops.chaos.load.answer import AnswerReader
from llmops.chaos.load.connection import Clock, Connection, Lost
from llmops.chaos.load.plan import LoadPlan, PlannedCall
from llmops.chaos.load.pool import Connect, Opener, Pool
from llmops.chaos.load.record import CallRecord
from llmops.chaos.proxy.config import address_of
from llmops.chaos.wire.dialects import DIALECTS
from llmops.chaos.wire.tracing import HEADER
from llmops.errors import BadInput

OnRecord = Callable[[CallRecord], object]


def epoch_clock() -> Clock:
    """Epoch seconds that never step back: the time of day now, carried on by the monotonic clock."""
    began_at = time.time() - time.monotonic()
    return lambda: began_at + time.monotonic()


async def run_load(
    plan: LoadPlan,
    *,
    clock: Clock | None = None,
    on_record: OnRecord | None = None,
    connect: Connect | None = None,
) -> list[CallRecord]:
    """Send all calls of the plan, each when it is due, and return their records in the order of their due times.

    The load is open: a slow answer delays nobody. `on_record` gets each record as soon as its call is over. May be
    cancelled at any moment: calls that were due are recorded as cancelled, and no task or socket is left. `connect`
    opens connections; sockets unless given. BadInput for a base URL or header that cannot be; what `calls` or
    `on_record` raises ends the run.
    """
    sender = _Sender(plan, clock or epoch_clock(), on_record, connect)
    try:
        async with asyncio.TaskGroup() as group:
            await sender.dispatch(group)
    except ExceptionGroup as several:
        raise several.exceptions[0] from several
    finally:
        await sender.pool.close()
    return sorted(sender.records, key=lambda record: record.scheduled_at)


class _Sender:
    """What the calls of one run share."""

    def __init__(self, plan: LoadPlan, clock: Clock, on_record: OnRecord | None, connect: Connect | None) -> None:
        address = address_of(plan.base_url)
        self._plan, self._clock, self._on_record = plan, clock, on_record
        self._head = _Head(address.path, address.host_header, plan)
        self._slots: AbstractAsyncContextManager[object] = (
            nullcontext() if plan.connections is None else asyncio.Semaphore(plan.connections)
        )
        self.pool = Pool(connect or Opener(address, plan.ca_file), clock)
        self.records: list[CallRecord] = []

    async def dispatch(self, group: asyncio.TaskGroup) -> None:
        """Start each call when it is due. ValueError where the plan goes back in time."""
        start_at, last_s = self._clock(), 0.0
        for call in self._plan.calls:
            if call.at_s < last_s:
                raise ValueError(f"a call due at {call.at_s} s stands after one due at {last_s} s")
            last_s = call.at_s
            due_at = start_at + call.at_s
            await asyncio.sleep(max(0.0, due_at - self._clock()))
            group.create_task(self._call(call, due_at, self._clock()))

    async def _call(self, call: PlannedCall, due_at: float, dispatched_at: float) -> None:
        request = self._head.request(call)
        asked = _Asked(
            call, due_at, dispatched_at, AnswerReader(DIALECTS[call.dialect], keep_body=self._plan.keep_bodies)
        )
        lost: Lost = ("cancelled", "")
        try:
            lost = await self._in_time(asked, request)
        finally:
            self._record(asked, lost)

    async def _in_time(self, asked: "_Asked", request: bytes) -> Lost:
        left_s = asked.due_at + self._plan.deadline_s - self._clock()
        try:
            async with asyncio.timeout(left_s) as deadline, self._slots:
                return await self._exchange(asked, request)
        except ssl.SSLError as error:
            return "tls", in_words(error)
        except TimeoutError as error:
            return ("timeout", "") if deadline.expired() else ("connect", str(error))
        except OSError as error:
            return "connect", in_words(error)

    async def _exchange(self, asked: "_Asked", request: bytes) -> Lost:
        asked.sent_at = self._clock()
        connection = self.pool.idle()
        if connection is None:
            connection = await self.pool.open()
            asked.connected_at = self._clock()
        return await self._answer(asked, connection, request)

    async def _answer(self, asked: "_Asked", connection: Connection, request: bytes) -> Lost:
        is_whole = False
        try:
            lost = await connection.ask(request, asked.reader)
            is_whole = not lost[0]
        finally:
            self.pool.give_back(connection, is_whole=is_whole)
        return lost

    def _record(self, asked: "_Asked", lost: Lost) -> None:
        record = asked.record(self._clock(), lost)
        self.records.append(record)
        if self._on_record is not None:
            self._on_record(record)


class _Head:
    """The head of every request of a run."""

    def __init__(self, base_path: str, host: bytes, plan: LoadPlan) -> None:
        self._base_path = base_path.encode()
        shared = {
            "user-agent": f"llmops/{__version__}",
            "accept": "*/*",
            "accept-encoding": "gzip, deflate",
            "content-type": "application/json",
            **{name.lower(): value for name, value in plan.headers.items()},
        }
        self._shared = b"host: %s\r\n" % host + b"".join(_header(*each) for each in shared.items())

    def request(self, call: PlannedCall) -> bytes:
        own = b"".join(_header(*each) for each in call.headers)
        return b"POST %s%s HTTP/1.1\r\n%s%s%s: %s\r\ncontent-length: %d\r\n\r\n%s" % (
            self._base_path,
            call.path.encode(),
            self._shared,
            own,
            HEADER,
            call.request_id.encode(),
            len(call.body),
            call.body,
        )


def _header(name: str, value: str) -> bytes:
    if any(mark in name + value for mark in "\r\n\0") or not name.isascii():
        raise BadInput(f"the header {name!r} cannot be sent", hint="no line ends in names and values")
    return b"%s: %s\r\n" % (name.encode(), value.encode())


def in_words(error: OSError) -> str:
    """What the system calls it; asyncio puts an address in the place of these words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if isinstance(error, ssl.SSLError):
        return error.reason or str(error)
    if error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    return error.strerror or str(error)


class _Asked:
    """A call under way."""

    def __init__(self, call: PlannedCall, due_at: float, dispatched_at: float, reader: AnswerReader) -> None:
        self.call, self.due_at, self.dispatched_at, self.reader = call, due_at, dispatched_at, reader
        self.sent_at: float | None = None
        self.connected_at: float | None = None

    def record(self, now: float, lost: Lost) -> CallRecord:
        """The record of the call as it stands. After its terminal mark a stream is over, whatever
        follows, unless nothing was said before.
        """
        call, reader = self.call, self.reader
        kind, detail = lost if reader.terminal_at is None else ("", "")
        ended_at = max(reader.terminal_at or reader.ended_at or now, reader.first_token_at or -math.inf)
        return CallRecord(
            request_id=call.request_id,
            dialect=call.dialect,
            path=call.path,
            model_asked=call.model,
            tenant=call.tenant,
            stream=call.stream,
            request_body=call.body,
            scheduled_at=self.due_at,
            dispatched_at=self.dispatched_at,
            sent_at=self.sent_at,
            connected_at=self.connected_at,
            ended_at=ended_at,
            transport_error=kind,
            transport_detail=detail,
            **reader.outcome(),  # type: ignore[arg-type]
        )
