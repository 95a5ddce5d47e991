"""Requests that must not pass, and ten thousand that are barely requests at all."""

import asyncio
import os
import random
import runpy
from pathlib import Path
from typing import Any

import pytest

SMUGGLED: dict[str, bytes] = runpy.run_path(str(Path(__file__).with_name("smuggled.py")))["SMUGGLED"]
HEAD = b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\n"


def play(wire: Any, journal: Path, script: Any, scenario: Any, **plan: Any) -> None:
    async def main() -> None:
        async with wire.bench(script, journal, **plan) as bench:
            await scenario(bench)

    asyncio.run(main())


@pytest.mark.parametrize("name", SMUGGLED)
def test_what_two_servers_could_read_differently_is_refused_and_not_forwarded(
    wire: Any, journal_file: Path, name: str
) -> None:
    async def scenario(bench: Any) -> None:
        got = await bench.ask(SMUGGLED[name])
        assert got.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 431 ", b"HTTP/1.1 505 "))
        assert b"connection: close" in got
        assert [each for each in bench.upstream.requests if each] == []
        assert bench.lines("note")[0]["what"] == "request refused"

    play(wire, journal_file, wire.says(wire.answer()), scenario)


def test_a_streamed_body_that_turns_bad_stops_the_upstream_call(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        reader, writer = await bench.connect()
        writer.write(b"POST /v1/files HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        while not bench.upstream.connections:  # noqa: ASYNC110 - polled on purpose
            await asyncio.sleep(0.005)
        writer.write(b"0x3\r\nabc\r\n0\r\n\r\n")
        assert (await wire.read_answer(reader)).startswith(b"HTTP/1.1 400 ")
        await wire.closed(writer)
        assert bench.upstream.requests == []
        (record,), (note,) = bench.lines("wire"), bench.lines("note")
        assert (record["ended"], record["status"], record["upstream_status"]) == ("refused", 400, None)
        assert (note["what"], note["provider"], note["reason"]) == ("request refused", "openai", record["note"])

    play(wire, journal_file, wire.says(wire.answer()), scenario)


def test_pipelined_requests_are_answered_in_their_order(wire: Any, journal_file: Path) -> None:
    async def script(request: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.02 if b"/call1 " in request else 0)
        writer.write(wire.answer(request.split(b" ")[1]))

    async def scenario(bench: Any) -> None:
        reader, writer = await bench.connect()
        writer.write(b"".join(b"GET /call%d HTTP/1.1\r\nHost: a\r\n\r\n" % n for n in range(1, 6)))
        for number in range(1, 6):
            assert await reader.readuntil(b"/call%d" % number) == wire.answer(b"/call%d" % number)
        await wire.closed(writer)
        assert bench.upstream.connections == 1

    play(wire, journal_file, script, scenario)


async def attack(bench: Any, rng: random.Random, valid: bytes) -> None:
    """One hostile or half a request: a valid one cut, with bytes changed, or noise; then often simply gone."""
    data = bytearray(valid)
    for _ in range(rng.choice([0, 1, 1, 2, 8])):
        at = rng.randrange(len(data))
        data[at : at + rng.choice([0, 1, 1, 4])] = rng.choice(
            [b"\n", b"\r", b"\0", b" ", b":", b"\r\n\r\n", b"9", rng.randbytes(3)]
        )
    cut = rng.choice([len(data), rng.randrange(len(data) + 1)])
    try:
        reader, writer = await bench.connect()
    except OSError:
        return
    try:
        writer.write(bytes(data[:cut]) if rng.random() < 0.95 else rng.randbytes(300))
        if rng.random() < 0.5:
            async with asyncio.timeout(0.01):
                await reader.read(4096)
        if rng.random() < 0.3:
            writer.transport.abort()
    except (OSError, TimeoutError):
        pass
    finally:
        writer.close()


def test_ten_thousand_hostile_requests_leave_nothing_behind(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        valid = [
            wire.chat_request("hello"),
            HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
            b"POST /v1/files HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
            b"GET /v1/ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        ]
        problems: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: problems.append(context))
        assert await bench.ask(wire.chat_request()) == wire.answer()
        before_tasks, before_files = len(asyncio.all_tasks()), len(os.listdir("/dev/fd"))  # noqa: PTH208 - a folder of descriptors

        async def attacker(seed: int) -> None:
            rng = random.Random(seed)
            for _ in range(250):
                await attack(bench, rng, rng.choice(valid))

        await asyncio.gather(*(attacker(seed) for seed in range(40)))
        assert await bench.ask(wire.chat_request()) == wire.answer()
        for _ in range(400):
            leaked = len(os.listdir("/dev/fd")) - before_files  # noqa: PTH208 - a folder of descriptors
            connections = bench.proxy.providers["openai"].connections
            if leaked <= 2 and len(asyncio.all_tasks()) <= before_tasks + 2 and not connections:
                break
            bench.proxy.providers["openai"].sweep(float("inf"))  # the sweep would do it after half a minute
            await asyncio.sleep(0.02)
        assert leaked <= 2, "descriptors"
        assert len(asyncio.all_tasks()) <= before_tasks + 2
        assert connections == set()
        assert problems == []

    play(wire, journal_file, wire.says(wire.answer()), scenario)


def test_half_a_request_is_closed_in_time(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        for half in (b"GET /v1/mod", wire.chat_request()[:-5]):
            reader, writer = await bench.connect()
            writer.write(half)
            await asyncio.sleep(0.02)
            bench.proxy.providers["openai"].sweep(float("inf"))
            assert (await wire.read_answer(reader)).startswith(b"HTTP/1.1 408 ")
            await wire.closed(writer)

    play(wire, journal_file, wire.says(wire.answer()), scenario)
