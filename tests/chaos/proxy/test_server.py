import asyncio
import dataclasses
import random
import socket
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
import uvloop

from llmops.chaos.proxy.schedule import Scope

EXCHANGES = 10_000
CONNECTIONS = 40


class Exchanges:
    """Random requests and answers; what the upstream got and the client got is compared byte for byte."""

    def __init__(self, wire: Any, seed: int) -> None:
        self._wire = wire
        self._rng = random.Random(seed)
        self.answers: dict[bytes, list[bytes]] = {}
        self.requests: dict[bytes, bytes] = {}

    def make(self, number: int) -> tuple[bytes, bytes]:
        """A request and the number that names it."""
        rng, name = self._rng, b"%d" % number
        self.answers[name] = self._answer()
        headers = b"x-case: %s\r\n" % name
        text = "".join(rng.choices("abc éü\n\"'", k=rng.choice([0, 5, 300, 3000])))
        if rng.random() < 0.15:
            request = b"GET /v1/models?n=%s HTTP/1.1\r\nhOsT: proxy.test\r\n%s\r\n" % (name, headers)
        elif rng.random() < 0.15:
            body = rng.randbytes(rng.choice([0, 1, 700, 9000]))
            chunks = [body[at : at + 512] for at in range(0, len(body), 512)]
            raw = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
            path = rng.choice([b"/v1/files", b"/v1/chat/completions"])
            request = b"POST %s HTTP/1.1\r\n%sHost: proxy.test\r\n" % (path, headers)
            request += b"Transfer-Encoding: chunked\r\n\r\n" + raw
        else:
            request = self._wire.chat_request(text, stream=rng.random() < 0.5, headers=headers)
        self.requests[name] = request
        return request, name

    def _answer(self) -> list[bytes]:
        rng, wire = self._rng, self._wire
        coding = rng.choice([b"", b"gzip", b"deflate"])
        encode = {b"": bytes, b"gzip": lambda d: zlib.compress(d, wbits=31), b"deflate": zlib.compress}[coding]
        headers = b"" if not coding else b"Content-Encoding: %s\r\n" % coding
        if rng.random() < 0.5:
            data = encode(b"".join(wire.events(rng.randrange(12))))  # type: ignore[no-untyped-call]
            size = rng.choice([7, 60, 4000])
            raw = wire.streamed([data[at : at + size] for at in range(0, len(data), size)], headers=headers)
        else:
            body = wire.CHAT if rng.random() < 0.5 else rng.randbytes(rng.choice([0, 1, 2000, 70_000]))
            raw = wire.answer(encode(body), headers=headers + b"X-Odd:  two  spaces \r\n")  # type: ignore[no-untyped-call]
        cuts = sorted(rng.randrange(len(raw)) for _ in range(rng.choice([0, 0, 1, 4])))
        return [raw[a:b] for a, b in zip([0, *cuts], [*cuts, len(raw)], strict=True)]

    async def script(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        head = request.lower()
        at = head.find(b"x-case: ") + 8
        name = head[at : head.find(b"\r\n", at)]
        assert request == self.expected_upstream(name, request)
        for part in self.answers[name]:
            writer.write(part)
            if len(self.answers[name]) > 1:
                await asyncio.sleep(0)

    def expected_upstream(self, name: bytes, got: bytes) -> bytes:
        host = got[got.lower().find(b"\r\nhost: ") + 8 :].split(b"\r\n")[0]
        assert host.startswith(b"127.0.0.1:")
        return self.requests[name].replace(b": proxy.test\r\n", b": %s\r\n" % host)


@pytest.mark.parametrize("runner", [uvloop.run, asyncio.run], ids=["uvloop", "asyncio"])
def test_without_faults_exchanges_pass_byte_for_byte(wire: Any, journal_file: Path, runner: Any) -> None:
    exchanges = Exchanges(wire, seed=4)
    count = EXCHANGES if runner is uvloop.run else EXCHANGES // 10

    async def client(bench: Any, first: int) -> None:
        reader, writer = await bench.connect()
        for number in range(first, count, CONNECTIONS):
            request, name = exchanges.make(number)
            if number % 7 == 0:  # in two pieces
                writer.write(request[: number % len(request)])
                await asyncio.sleep(0)
                writer.write(request[number % len(request) :])
            else:
                writer.write(request)
            expected = b"".join(exchanges.answers[name])
            got = await reader.readexactly(len(expected))
            assert got == expected
            del exchanges.answers[name], exchanges.requests[name]
        await wire.closed(writer)

    async def main() -> None:
        async with wire.bench(exchanges.script, journal_file) as bench:
            async with asyncio.TaskGroup() as group:
                for first in range(CONNECTIONS):
                    group.create_task(client(bench, first))
            records = bench.lines("wire")
            assert len(records) == count
            assert {record["ended"] for record in records} == {"complete"}

    runner(main())


def play(wire: Any, journal: Path, script: Any, scenario: Any, **plan: Any) -> None:
    async def main() -> None:
        async with wire.bench(script, journal, **plan) as bench:
            await scenario(bench)

    asyncio.run(main())


async def until(condition: Any) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - polled on purpose
            await asyncio.sleep(0.002)


def test_only_host_changes_in_the_request(wire: Any, journal_file: Path) -> None:
    request = b"POST /v1/x?y=%20 HTTP/1.1\r\nX-A:1\r\nhost:   proxy.test\t\r\nx-a:  2 \r\nContent-Length: 2\r\n\r\nok"

    async def scenario(bench: Any) -> None:
        await bench.ask(request)
        host = b"127.0.0.1:%d" % bench.upstream.port
        assert bench.upstream.requests == [request.replace(b"host:   proxy.test\t", b"host: " + host)]

    play(wire, journal_file, wire.says(wire.answer()), scenario)


def test_the_record_says_what_was_asked_and_answered_and_no_prompt(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        keyed = b"Authorization: Bearer sk-secret\r\n"
        for stream in (False, True):
            await bench.ask(wire.chat_request("a very private prompt", stream=stream, headers=keyed))
        first, second = bench.lines("wire")
        assert (first["model_asked"], first["model_answered"]) == ("gpt-4o-mini", "gpt-4o-mini-2024-07-18")
        assert (first["input_tokens"], first["output_tokens"], first["finish_reason"]) == (9, 4, "stop")
        assert (first["status"], first["ended"], first["complete"]) == (200, "complete", True)
        assert (first["attempt"], second["attempt"]) == (1, 2)  # the same messages: the second try
        assert first["followed_by"] == "messages_hash"
        text = journal_file.read_text()  # noqa: ASYNC240 - a small file of the test
        assert "private" not in text
        assert "sk-secret" not in text

    play(wire, journal_file, wire.says(wire.answer()), scenario)


def test_ttft_is_the_first_visible_token_not_the_first_byte(wire: Any, journal_file: Path) -> None:
    async def script(_request: bytes, writer: asyncio.StreamWriter) -> None:
        raw = wire.streamed()
        at = raw.find(b"word0") - 80
        writer.write(raw[:at])
        await writer.drain()
        await asyncio.sleep(0.06)
        writer.write(raw[at:])

    async def scenario(bench: Any) -> None:
        await bench.ask(wire.chat_request(stream=True))
        (record,) = bench.lines("wire")
        assert record["ttfb_s"] < 0.05
        assert record["ttft_s"] >= 0.05

    play(wire, journal_file, script, scenario)


def test_a_request_is_followed_by_its_header_first(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        headers = b"X-LLMOps-Request-Id: job-7\r\n"
        await bench.ask(wire.chat_request("one [llmops:other]", headers=headers))
        await bench.ask(wire.chat_request("two", headers=headers))
        await bench.ask(wire.chat_request("three [llmops:other]"))
        found = [(line["followed_by"], line["request_id"], line["attempt"]) for line in bench.lines("wire")]
        assert found == [("header", "job-7", 1), ("header", "job-7", 2), ("marker", "other", 1)]

    play(wire, journal_file, wire.says(wire.answer()), scenario)


async def redirect(bench: Any, serve: Any) -> asyncio.Server:
    """Let the proxy connect to this server instead of the scripted one."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    pool = bench.proxy.providers["openai"].pool
    pool.address = dataclasses.replace(pool.address, port=server.sockets[0].getsockname()[1])
    return server


def test_a_client_that_goes_stops_the_upstream_call(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        gone = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await wire.read_request(reader)
            writer.write(wire.streamed()[:200])
            assert await reader.read(1) == b""  # it ends while the answer is being written
            gone.set()
            writer.close()

        server = await redirect(bench, serve)
        reader, writer = await bench.connect()
        writer.write(wire.chat_request(stream=True))
        await reader.readuntil(b"\r\n\r\n")
        assert not gone.is_set()
        await wire.closed(writer)
        async with asyncio.timeout(5):
            await gone.wait()
        assert bench.lines("wire")[0]["ended"] == "client_gone"
        server.close()

    play(wire, journal_file, wire.says(b""), scenario)


def test_the_record_of_a_client_that_went_tells_what_it_had_got(wire: Any, journal_file: Path) -> None:
    async def script(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(wire.streamed()[: -len(b"0\r\n\r\n")])  # all but the last chunk: whole for who stops at [DONE]
        await writer.drain()
        await asyncio.sleep(5)

    async def scenario(bench: Any) -> None:
        reader, writer = await bench.connect()
        writer.write(wire.chat_request(stream=True))
        await reader.readuntil(b"[DONE]")
        await wire.closed(writer)
        async with asyncio.timeout(5):
            while not bench.lines("wire"):  # noqa: ASYNC110 - the journal tells nobody
                await asyncio.sleep(0.01)
        record = bench.lines("wire")[0]
        assert (record["ended"], record["complete"], record["finish_reason"]) == ("client_gone", True, "stop")
        assert record["model_answered"]
        assert record["text_characters"] > 0

    play(wire, journal_file, script, scenario)


@pytest.mark.parametrize("how", ["reset", "closed"])
def test_an_upstream_that_breaks_off_is_told_as_it_was(wire: Any, journal_file: Path, how: str) -> None:
    async def script(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(wire.answer()[:-20])
        await writer.drain()
        await asyncio.sleep(0.02)
        if how == "reset":
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        writer.close()

    async def scenario(bench: Any) -> None:
        reader, writer = await bench.connect()
        writer.write(wire.chat_request())
        data = b""
        try:
            while more := await reader.read(4096):
                data += more
            seen = "closed"
        except ConnectionResetError:
            seen = "reset"
        await wire.closed(writer)
        assert (data, seen) == (wire.answer()[:-20], how)
        assert bench.lines("wire")[0]["ended"] == f"upstream_{how}"

    play(wire, journal_file, script, scenario)


def test_an_upstream_that_is_not_there_is_a_reset_not_an_invented_answer(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        bench.upstream.server.close()
        await asyncio.sleep(0)
        with pytest.raises(ConnectionResetError):
            await bench.ask(wire.chat_request())
        (record,) = bench.lines("wire")
        assert record["ended"] == "upstream_unreachable"
        assert "ConnectionRefusedError" in record["note"]

    play(wire, journal_file, wire.says(wire.answer()), scenario)


def test_a_stale_connection_of_the_pool_is_replaced_unseen(wire: Any, journal_file: Path) -> None:
    async def script(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(wire.answer())
        await writer.drain()
        asyncio.get_running_loop().call_later(0.03, writer.close)

    async def scenario(bench: Any) -> None:
        reader, writer = await bench.connect()
        for _ in range(3):
            writer.write(wire.chat_request())
            assert await wire.read_answer(reader) == wire.answer()
            await asyncio.sleep(0.06)
        await wire.closed(writer)
        assert bench.upstream.connections == 3

    play(wire, journal_file, script, scenario)


def test_expect_100_is_answered_once_and_the_body_follows(wire: Any, journal_file: Path) -> None:
    async def script(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n" + wire.answer())

    async def scenario(bench: Any) -> None:
        head, _, body = wire.chat_request(headers=b"Expect: 100-continue\r\n").partition(b"\r\n\r\n")
        reader, writer = await bench.connect()
        writer.write(head + b"\r\n\r\n")
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(body)
        assert await wire.read_answer(reader) == wire.answer()
        await wire.closed(writer)
        assert bench.upstream.requests[0].endswith(body)

    play(wire, journal_file, script, scenario)


def test_early_hints_pass_before_the_answer(wire: Any, journal_file: Path) -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"

    async def scenario(bench: Any) -> None:
        reader, writer = await bench.connect()
        writer.write(b"GET /v1/models HTTP/1.1\r\nHost: a\r\n\r\n")
        assert await reader.readexactly(len(hints)) == hints
        assert await wire.read_answer(reader) == wire.answer()
        await wire.closed(writer)

    play(wire, journal_file, wire.says(hints + wire.answer()), scenario)


def test_head_and_304_have_no_body_and_the_connection_lives(wire: Any, journal_file: Path) -> None:
    head_only = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"
    unchanged = b"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n"

    async def script(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(head_only if request.startswith(b"HEAD") else unchanged if b"/304" in request else wire.answer())

    async def scenario(bench: Any) -> None:
        reader, writer = await bench.connect()
        for request, expected in [(b"HEAD /a", head_only), (b"GET /304", unchanged), (b"GET /a", wire.answer())]:
            writer.write(request + b" HTTP/1.1\r\nHost: a\r\n\r\n")
            assert await reader.readexactly(len(expected)) == expected
        await wire.closed(writer)
        assert bench.upstream.connections == 1

    play(wire, journal_file, script, scenario)


def test_after_a_head_in_scope_of_a_fault_the_kept_upstream_connection_serves_the_next(
    wire: Any, journal_file: Path
) -> None:
    head_only = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"

    async def script(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(head_only if request.startswith(b"HEAD") else wire.answer())

    async def scenario(bench: Any) -> None:
        bench.inject("soft_refusal")
        reader, writer = await bench.connect()
        for _ in range(2):
            writer.write(b"HEAD /v1/models HTTP/1.1\r\nHost: a\r\n\r\n")
            assert await reader.readexactly(len(head_only)) == head_only
            writer.write(wire.chat_request())
            assert b"Hello, world." not in await wire.read_answer(reader)
        await wire.closed(writer)
        assert bench.upstream.connections == 1
        records = bench.lines("wire")
        assert [(record["method"], record["ended"], record.get("faults")) for record in records] == [
            ("HEAD", "complete", None),
            ("POST", "complete", ["soft_refusal"]),
        ] * 2
        assert [record.get("finish_reason") for record in records] == [None, "stop"] * 2

    play(wire, journal_file, script, scenario)


def test_an_answer_until_close_ends_with_its_connection(wire: Any, journal_file: Path) -> None:
    said = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nall there is"

    async def script(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        writer.close()

    async def scenario(bench: Any) -> None:
        assert await bench.ask(wire.chat_request()) == said
        assert bench.lines("wire")[0]["ended"] == "complete"

    play(wire, journal_file, script, scenario)


def test_what_is_no_strict_http_passes_as_it_came_and_is_noted(wire: Any, journal_file: Path) -> None:
    said = b"HTTP/1.1 200 OK\nServer: old\n\nbare line feeds"

    async def script(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        writer.close()

    async def scenario(bench: Any) -> None:
        reader, writer = await bench.connect()
        writer.write(wire.chat_request())
        assert await reader.read(-1) == said
        await wire.closed(writer)
        assert "not strict HTTP" in bench.lines("wire")[0]["note"]

    play(wire, journal_file, script, scenario)


def test_a_websocket_passes_opaquely_with_a_record(wire: Any, journal_file: Path) -> None:
    switch = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(switch + b"\x81\x02hi")
        while data := await reader.read(100):
            writer.write(data[::-1])
        writer.close()

    async def scenario(bench: Any) -> None:
        server = await redirect(bench, serve)
        reader, writer = await bench.connect()
        writer.write(b"GET /v1/realtime HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        assert await reader.readexactly(len(switch) + 4) == switch + b"\x81\x02hi"
        writer.write(b"\x00\r\nabc")
        assert await reader.readexactly(6) == b"cba\n\r\x00"
        await wire.closed(writer)
        await until(lambda: bench.lines("wire"))
        (record,) = bench.lines("wire")
        assert (record["status"], record["route"], record["dialect"]) == (101, "/v1/realtime", None)
        server.close()

    play(wire, journal_file, wire.says(b""), scenario)


def test_a_slow_reader_slows_the_upstream_down(wire: Any, journal_file: Path) -> None:
    sent = 0

    async def script(_request: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
        for _ in range(1000):
            writer.write(b"x" * 100_000)
            await writer.drain()
            sent += 100_000

    async def scenario(bench: Any) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", bench.port, limit=1024)
        writer.write(b"GET /v1/files/1 HTTP/1.1\r\nHost: a\r\n\r\n")
        await asyncio.sleep(0.5)
        assert sent < 40_000_000  # the buffers of three systems, not the whole answer
        writer.transport.abort()
        await asyncio.sleep(0.05)

    play(wire, journal_file, script, scenario)


def test_a_body_too_long_to_hold_streams_through(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        request = wire.chat_request("x" * 5000)
        bench.inject("reset_mid_body", scope=Scope(models=("gpt-4o-mini",)))
        assert await bench.ask(request) == wire.answer()
        assert bench.upstream.requests[0].endswith(request[-5000:])
        assert "longer than what is held" in bench.lines("wire")[0]["note"]

    play(wire, journal_file, wire.says(wire.answer()), scenario, held_bytes=1000)


def test_drain_lets_the_answer_finish_and_takes_no_more(wire: Any, journal_file: Path) -> None:
    async def script(_request: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.1)
        writer.write(wire.answer())

    async def scenario(bench: Any) -> None:
        reader, writer = await bench.connect()
        writer.write(wire.chat_request())
        await until(lambda: bench.upstream.requests)
        closing = asyncio.create_task(bench.proxy.close(drain_s=5))
        await asyncio.sleep(0.01)
        with pytest.raises(ConnectionRefusedError):
            await bench.connect()
        assert await wire.read_answer(reader) == wire.answer()
        await closing
        await wire.closed(writer)

    play(wire, journal_file, script, scenario)
