import asyncio
import random
import zlib
from pathlib import Path
from typing import Any

import pytest
import uvloop

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
            data = encode(b"".join(wire.events(rng.randrange(12))))
            size = rng.choice([7, 60, 4000])
            raw = wire.streamed([data[at : at + size] for at in range(0, len(data), size)], headers=headers)
        else:
            body = wire.CHAT if rng.random() < 0.5 else rng.randbytes(rng.choice([0, 1, 2000, 70_000]))
            raw = wire.answer(encode(body), headers=headers + b"X-Odd:  two  spaces \r\n")
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
