"""TCP toxics on real sockets: first the healthy relay, then each toxic, measured."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.proxy.journal import Journal
from llmops.chaos.proxy.leases import Leases
from llmops.chaos.proxy.tcp_proxy import TcpProxy, ToxicOn
from llmops.chaos.toxics.base import toxics

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


def says_and_closes(data: bytes) -> Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(data)
        writer.close()

    return serve


@asynccontextmanager
async def relay(journal_file: Path, serve: Serve = echo) -> AsyncIterator[TcpProxy]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = int(server.sockets[0].getsockname()[1])
    journal = Journal(journal_file)
    leases = Leases(time.monotonic, journal)
    proxy = TcpProxy(
        "p", ("127.0.0.1", 0), ("127.0.0.1", port), journal=journal, leases=leases, now=lambda: datetime.now(UTC)
    )
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.close()
        server.close()
        journal.close()
        for _ in range(5):
            await asyncio.sleep(0)


async def put(proxy: TcpProxy, kind: str, *, stream: str = "downstream", toxicity: float = 1.0, **values: int) -> None:
    toxic: Any = toxics.get(kind)(**values)
    await proxy.add(ToxicOn(kind, kind, stream, toxicity, toxic, datetime.now(UTC)), lease_s=60)


async def connect(proxy: TcpProxy) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, _, port = proxy.listen.rpartition(":")
    return await asyncio.open_connection(host, int(port))


async def closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(scenario(), 20))


def test_a_megabyte_passes_both_ways(journal_file: Path) -> None:
    async def scenario() -> None:
        data = bytes(range(256)) * 4096
        async with relay(journal_file) as proxy:
            reader, writer = await connect(proxy)
            writer.write(data)
            assert await reader.readexactly(len(data)) == data
            await closed(writer)

    run(scenario)


@pytest.mark.parametrize("stream", ["upstream", "downstream"])
def test_latency_is_never_early_and_its_median_within_five_milliseconds(journal_file: Path, stream: str) -> None:
    async def scenario() -> None:
        async with relay(journal_file) as proxy:
            await put(proxy, "latency", stream=stream, latency=20)
            reader, writer = await connect(proxy)
            took = []
            for _ in range(21):
                began = time.monotonic()
                writer.write(b"x")
                await reader.readexactly(1)
                took.append(time.monotonic() - began)
            await closed(writer)
            assert min(took) >= 0.020
            assert statistics.median(took) < 0.025 + 0.005  # 5 ms for the toxic, 5 for a busy machine's echo

    run(scenario)


def test_limit_data_is_exact_to_the_byte(journal_file: Path) -> None:
    async def scenario() -> None:
        for limit in (1, 99_999, 100_000):
            async with relay(journal_file, says_and_closes(b"y" * 100_000)) as proxy:
                await put(proxy, "limit_data", bytes=limit)
                reader, writer = await connect(proxy)
                writer.write(b"x")
                assert len(await reader.read(-1)) == limit
                await closed(writer)

    run(scenario)


def test_reset_peer_is_a_reset(journal_file: Path) -> None:
    async def scenario() -> None:
        async with relay(journal_file) as proxy:
            await put(proxy, "reset_peer", timeout=50)
            reader, writer = await connect(proxy)
            began = time.monotonic()
            writer.write(b"x")
            with pytest.raises(ConnectionResetError):
                await reader.read(-1)
            assert time.monotonic() - began >= 0.05
            await closed(writer)

    run(scenario)


def test_timeout_drops_then_closes(journal_file: Path) -> None:
    async def scenario() -> None:
        async with relay(journal_file) as proxy:
            await put(proxy, "timeout", timeout=80)
            reader, writer = await connect(proxy)
            writer.write(b"x")
            began = time.monotonic()
            assert await reader.read(-1) == b""
            assert time.monotonic() - began >= 0.08
            await closed(writer)

    run(scenario)


def test_slow_close_gives_the_data_and_ends_late(journal_file: Path) -> None:
    async def scenario() -> None:
        async with relay(journal_file, says_and_closes(b"all")) as proxy:
            await put(proxy, "slow_close", delay=100)
            reader, writer = await connect(proxy)
            writer.write(b"x")
            assert await reader.readexactly(3) == b"all"
            began = time.monotonic()
            assert await reader.read(-1) == b""
            assert time.monotonic() - began >= 0.09
            await closed(writer)

    run(scenario)


def test_slicer_and_bandwidth_lose_nothing(journal_file: Path) -> None:
    async def scenario() -> None:
        data = bytes(range(256)) * 40
        async with relay(journal_file, says_and_closes(data)) as proxy:
            await put(proxy, "slicer", average_size=500, size_variation=100)
            await put(proxy, "bandwidth", rate=50)
            reader, writer = await connect(proxy)
            began = time.monotonic()
            writer.write(b"x")
            assert await reader.read(-1) == data
            assert time.monotonic() - began >= len(data) / 50_000
            await closed(writer)

    run(scenario)


def test_toxics_come_and_go_on_a_living_connection_without_losing_a_byte(journal_file: Path) -> None:
    async def scenario() -> None:
        data = bytes(range(256)) * 400
        async with relay(journal_file) as proxy:
            reader, writer = await connect(proxy)

            async def send() -> None:
                for at in range(0, len(data), 1024):
                    writer.write(data[at : at + 1024])
                    await writer.drain()
                    await asyncio.sleep(0.001)

            async def meddle() -> None:
                for _ in range(10):
                    await put(proxy, "latency", latency=10)
                    await asyncio.sleep(0.006)
                    await proxy.update("latency", toxics.get("latency")(), 1.0, lease_s=None)
                    await asyncio.sleep(0.002)
                    await proxy.remove("latency")

            got, _, _ = await asyncio.gather(reader.readexactly(len(data)), send(), meddle())
            assert got == data
            await closed(writer)

    run(scenario)


def test_removing_a_timeout_ends_its_connections(journal_file: Path) -> None:
    async def scenario() -> None:
        async with relay(journal_file) as proxy:
            await put(proxy, "timeout")
            reader, writer = await connect(proxy)
            writer.write(b"x")
            await asyncio.sleep(0.05)
            await proxy.remove("timeout")
            assert await reader.read(-1) == b""
            await closed(writer)

    run(scenario)


def test_toxicity_is_the_share_of_connections_and_seeded(journal_file: Path) -> None:
    async def hits() -> list[bool]:
        found = []
        async with relay(journal_file) as proxy:
            await put(proxy, "timeout", toxicity=0.5)
            for _ in range(30):
                reader, writer = await connect(proxy)
                writer.write(b"x")
                try:
                    async with asyncio.timeout(0.05):
                        found.append(await reader.read(1) != b"x")
                except TimeoutError:
                    found.append(True)
                await closed(writer)
        return found

    async def scenario() -> None:
        first = await hits()
        assert 5 <= sum(first) <= 25
        assert await hits() == first

    run(scenario)
