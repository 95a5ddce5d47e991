"""A TCP proxy from inside: its dice, receipts and leases. What its clients see is measured in test_toxiproxy.py."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.proxy.journal import Journal
from llmops.chaos.proxy.leases import Leases
from llmops.chaos.proxy.tcp_proxy import TcpProxy, ToxicOn
from llmops.chaos.toxics.base import toxics
from llmops.errors import OutsideFailed

BEGAN = datetime(2026, 11, 25, 10, tzinfo=UTC)
Conversation = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
    writer.close()


@dataclass
class Relay:
    """A proxy before an echo, with a clock that stands still until it is set."""

    proxy: TcpProxy
    leases: Leases
    journal: Path
    clock: list[float]
    talks: list[Conversation] = field(default_factory=list)

    async def talk(self) -> Conversation:
        """A connection that works, through to the upstream and back."""
        reader, writer = await asyncio.open_connection(*self.proxy.address)
        self.talks.append((reader, writer))
        writer.write(b"x")
        assert await reader.read(1) == b"x"
        return reader, writer

    async def put(self, kind: str, *, toxicity: float = 1.0, lease_s: float | None = 60, **values: int) -> None:
        toxic: Any = toxics.get(kind)(**values)
        await self.proxy.add(ToxicOn(kind, kind, "downstream", toxicity, toxic, self.now()), lease_s=lease_s)

    def now(self) -> datetime:
        return BEGAN + timedelta(seconds=self.clock[0])

    async def after(self, seconds: float) -> None:
        self.clock[0] += seconds
        self.leases.expire()
        for _ in range(20):
            await asyncio.sleep(0)

    def receipts(self, *fields: str) -> list[tuple[Any, ...]]:
        return [tuple(line.get(each) for each in fields) for line in self.lines("receipt")]

    def lines(self, kind: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.journal.read_bytes().splitlines()]
        return [line for line in lines if line["kind"] == kind]


@asynccontextmanager
async def relay(journal_file: Path, *, seed: int = 0, upstream: tuple[str, int] | None = None) -> AsyncIterator[Relay]:
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    clock = [0.0]
    journal = Journal(journal_file)
    leases = Leases(lambda: clock[0], journal)
    behind = upstream or server.sockets[0].getsockname()[:2]
    now = lambda: BEGAN + timedelta(seconds=clock[0])  # noqa: E731 - one line of a clock
    proxy = TcpProxy("p", ("127.0.0.1", 0), behind, journal=journal, leases=leases, now=now, seed=seed)
    await proxy.start()
    made = Relay(proxy, leases, journal_file, clock)
    try:
        yield made
    finally:
        await proxy.close()
        for _, writer in made.talks:
            writer.transport.abort()
        server.close()
        journal.close()
        for _ in range(5):
            await asyncio.sleep(0)


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(scenario(), 20))


async def is_cut(talk: Conversation) -> bool:
    reader, writer = talk
    writer.write(b"x")
    with suppress(ConnectionResetError):
        return await reader.read(1) == b""
    return True


@pytest.mark.parametrize("living", [True, False], ids=["those that are there", "those that come"])
def test_toxicity_is_rolled_for_each_connection_and_the_same_seed_rolls_the_same(tmp_path: Path, living: bool) -> None:
    async def cuts(seed: int, file: str) -> list[bool]:
        async with relay(tmp_path / file, seed=seed) as made:
            talks = [await made.talk() for _ in range(30)] if living else []
            await made.put("limit_data", toxicity=0.5, bytes=0 if living else 1)
            talks = talks or [await made.talk() for _ in range(30)]
            found = [await is_cut(talk) for talk in talks]
            assert made.proxy.toxics["limit_data"].connections == sum(found)
            return found

    async def scenario() -> None:
        first = await cuts(1, "a")
        assert 5 <= sum(first) <= 25
        assert await cuts(1, "b") == first
        assert await cuts(2, "c") != first

    run(scenario)


def test_the_receipts_of_a_toxic_say_from_when_to_when_and_how_many_had_it(journal_file: Path) -> None:
    async def scenario() -> None:
        async with relay(journal_file) as made:
            await made.talk()
            await made.put("latency", latency=1)
            await made.talk()
            await made.after(1)
            toxic = made.proxy.toxics["latency"]
            await made.proxy.update("latency", toxics.get("latency")(), 1.0, lease_s=None)
            assert toxic.connections == 2  # a change makes no more of them
            await made.after(1)
            await made.proxy.remove("latency")
            assert made.receipts("state", "connections_seen", "at_from", "at_to", "why") == [
                ("on", 0, "2026-11-25T10:00:00.000000Z", None, None),
                ("changed", 2, None, None, None),
                ("off", 2, "2026-11-25T10:00:00.000000Z", "2026-11-25T10:00:02.000000Z", "removed"),
            ]

    run(scenario)


def test_a_toxic_ends_with_its_lease_and_a_change_keeps_the_time_it_had(journal_file: Path) -> None:
    async def scenario() -> None:
        async with relay(journal_file) as made:
            await made.put("timeout", lease_s=30)
            await made.after(29)
            await made.proxy.update("timeout", toxics.get("timeout")(), 1.0, lease_s=None)
            assert made.proxy.lease_left_s("timeout") == 30
            await made.after(29)
            assert "timeout" in made.proxy.toxics
            await made.after(1)
            assert made.proxy.toxics == {}
            assert made.receipts("state", "why")[-1] == ("off", "lease expired")

    run(scenario)


def test_down_ends_with_its_lease_which_begins_anew_when_it_is_said_again(journal_file: Path) -> None:
    async def scenario() -> None:
        async with relay(journal_file) as made:
            reader, _ = await made.talk()
            await made.proxy.stop(lease_s=30)
            assert await reader.read(1) == b""
            await made.after(29)
            await made.proxy.stop(lease_s=30)
            await made.after(29)
            assert not made.proxy.enabled
            with pytest.raises(ConnectionRefusedError):
                await made.talk()
            await made.after(1)
            assert made.proxy.enabled
            await made.talk()
            assert made.receipts("fault", "state", "connections_seen", "at_from", "at_to") == [
                ("down", "on", 1, "2026-11-25T10:00:00.000000Z", None),
                ("down", "off", "not observable", "2026-11-25T10:00:00.000000Z", "2026-11-25T10:00:59.000000Z"),
            ]

    run(scenario)


def test_one_that_was_made_off_is_not_down_and_has_no_lease(journal_file: Path) -> None:
    async def scenario() -> None:
        async with relay(journal_file) as made:
            proxy = made.proxy
            await proxy.move(proxy.address, proxy.upstream)
            await proxy.stop(lease_s=1)
            await made.after(2)
            assert not proxy.enabled

    run(scenario)


def test_a_toxic_may_be_named_down(journal_file: Path) -> None:
    async def scenario() -> None:
        async with relay(journal_file) as made:
            toxic: Any = toxics.get("timeout")()
            await made.proxy.add(ToxicOn("down", "timeout", "downstream", 1, toxic, BEGAN), lease_s=30)
            await made.proxy.stop(lease_s=None)
            await made.after(30)
            assert made.proxy.toxics == {}
            assert not made.proxy.enabled

    run(scenario)


def test_moving_and_closing_are_no_faults_and_leave_no_receipt(journal_file: Path) -> None:
    async def scenario() -> None:
        async with relay(journal_file) as made:
            reader, _ = await made.talk()
            before = made.proxy.address
            await made.proxy.move(("127.0.0.1", 0), made.proxy.upstream)
            assert await reader.read(1) == b""
            await made.proxy.start()
            await made.talk()
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection(*before)
        assert made.receipts("state") == []

    run(scenario)


def test_closing_while_down_says_that_down_is_over(journal_file: Path) -> None:
    async def scenario() -> None:
        async with relay(journal_file) as made:
            await made.proxy.stop(lease_s=None)
        assert made.receipts("state") == [("on",), ("off",)]

    run(scenario)


def test_a_connection_that_is_still_on_its_way_up_ends_with_down(journal_file: Path) -> None:
    """Its upstream does not answer the SYN: the queue of those to be accepted is full."""

    async def scenario() -> None:
        with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
            filling = [socket.socket() for _ in range(4)]
            for sock in filling:
                sock.setblocking(False)
                sock.connect_ex(full.getsockname())
            async with relay(journal_file, upstream=full.getsockname()) as made:
                reader, writer = await asyncio.open_connection(*made.proxy.address)
                await asyncio.sleep(0.05)
                assert len(made.proxy._carrying) == 1
                assert not made.proxy._connections  # not up yet
                await made.proxy.stop(lease_s=None)
                assert await asyncio.wait_for(reader.read(1), 2) == b""
                writer.close()
            for sock in filling:
                sock.close()

    run(scenario)


def test_down_does_not_wait_for_an_upstream_that_does_not_read(journal_file: Path) -> None:
    async def scenario() -> None:
        with socket.create_server(("127.0.0.1", 0)) as deaf:
            async with relay(journal_file, upstream=deaf.getsockname()) as made:
                _, writer = await asyncio.open_connection(*made.proxy.address)
                writer.write(b"x" * 20_000_000)  # more than all buffers on the way
                await asyncio.sleep(0.2)
                await asyncio.wait_for(made.proxy.stop(lease_s=None), 2)
                writer.transport.abort()

    run(scenario)


def test_an_upstream_that_is_not_there_is_noted_and_ends_the_connection(journal_file: Path) -> None:
    async def scenario() -> None:
        async with relay(journal_file, upstream=("127.0.0.1", 1)) as made:
            reader, writer = await asyncio.open_connection(*made.proxy.address)
            assert await reader.read(1) == b""
            writer.close()
            assert [note["what"] for note in made.lines("note")] == ["upstream not reached"]

    run(scenario)


def test_a_port_that_is_taken_failed_outside(journal_file: Path) -> None:
    async def scenario() -> None:
        async with relay(journal_file) as made:
            with socket.create_server(("127.0.0.1", 0)) as taken:
                await made.proxy.move(taken.getsockname(), made.proxy.upstream)
                with pytest.raises(OutsideFailed, match="cannot listen"):
                    await made.proxy.start()
                assert not made.proxy.enabled

    run(scenario)
