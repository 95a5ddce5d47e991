"""Both ends of the proxy: an upstream that answers from a script, and a client that speaks raw bytes."""

import asyncio
import json
import selectors
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from llmops.chaos.proxy import player
from llmops.chaos.proxy.address import Address
from llmops.chaos.proxy.injection import Injection, make_fault
from llmops.chaos.proxy.injections import Injections
from llmops.chaos.proxy.journal import Journal
from llmops.chaos.proxy.proxy import ProviderPlan, Proxy, ProxyPlan
from llmops.chaos.proxy.schedule import Schedule, Scope

CHAT = (
    b'{"id":"chatcmpl-1","object":"chat.completion","model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"message":'
    b'{"role":"assistant","content":"Hello, world."},"finish_reason":"stop"}],'
    b'"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13}}'
)


def chat_request(text: str = "Hi", *, stream: bool = False, headers: bytes = b"", model: str = "gpt-4o-mini") -> bytes:
    body: dict[str, Any] = {"model": model, "messages": [{"role": "user", "content": text}]}
    if stream:
        body["stream"] = True
    data = json.dumps(body).encode()
    head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: proxy.test\r\nContent-Type: application/json\r\n"
    return head + headers + b"Content-Length: %d\r\n\r\n" % len(data) + data


def answer(body: bytes = CHAT, *, headers: bytes = b"Content-Type: application/json\r\n") -> bytes:
    return b"HTTP/1.1 200 OK\r\n" + headers + b"Content-Length: %d\r\n\r\n" % len(body) + body


def events(words: int = 10) -> list[bytes]:
    head = b'data: {"id":"c","model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":'
    parts = [head + b'{"role":"assistant","content":""},"finish_reason":null}]}\n\n']
    parts += [head + b'{"content":"word%d "},"finish_reason":null}]}\n\n' % n for n in range(words)]
    parts.append(head + b'{},"finish_reason":"stop"}]}\n\n')
    return [*parts, b"data: [DONE]\n\n"]


def streamed(parts: list[bytes] | None = None, *, headers: bytes = b"") -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" + headers + b"Transfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in parts or events()) + b"0\r\n\r\n"


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """One request, raw; empty at the end of the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    lower = head.lower()
    if b"transfer-encoding: chunked" in lower:
        body = b""
        while True:
            line = await reader.readuntil(b"\r\n")
            data = await reader.readexactly(int(line, 16) + 2)
            body += line + data
            if line == b"0\r\n":
                return head + body
    at = lower.find(b"content-length:")
    length = int(lower[at + 15 : lower.find(b"\r\n", at)]) if at >= 0 else 0
    return head + await reader.readexactly(length)


Script = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Upstream:
    """Answers each request with what the script writes."""

    script: Script
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    gone: int = 0  # connections that ended
    server: asyncio.Server | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while request := await read_request(reader):
                self.requests.append(request)
                await self.script(request, writer)
                await writer.drain()
                if writer.is_closing():
                    return
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.gone += 1
            writer.close()

    @property
    def port(self) -> int:
        assert self.server is not None
        return int(self.server.sockets[0].getsockname()[1])


def says(data: bytes) -> Script:
    async def script(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(data)

    return script


@dataclass
class Bench:
    """A running proxy before a scripted upstream."""

    proxy: Proxy
    upstream: Upstream
    journal: Path

    @property
    def port(self) -> int:
        return self.proxy.listeners["openai"].port

    @property
    def injections(self) -> Injections:
        return self.proxy.providers["openai"].injections

    def inject(
        self,
        fault: str,
        *,
        lease_s: float | None = 60,
        schedule: Schedule | None = None,
        scope: Scope | None = None,
        **p: object,
    ) -> None:
        injection = Injection(fault, make_fault(fault, p), schedule or Schedule(), scope or Scope())
        self.injections.add(injection, lease_s=lease_s)

    def lines(self, kind: str | None = None) -> list[dict[str, Any]]:
        self.proxy.records.flush()
        self.proxy.journal.flush()
        found = [json.loads(line) for line in self.journal.read_bytes().split(b"\n")[:-1]]
        return [line for line in found if kind in {None, line["kind"]}]

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def ask(self, request: bytes) -> bytes:
        """All that comes back on a connection of its own, until it ends or a whole answer is there."""
        reader, writer = await self.connect()
        writer.write(request)
        try:
            return await read_answer(reader)
        finally:
            await closed(writer)


async def closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


async def read_answer(reader: asyncio.StreamReader, *, limit_s: float = 10) -> bytes:
    """One answer, raw: by Content-Length, by chunks, or to the end. What is there when the connection is lost."""
    async with asyncio.timeout(limit_s):
        data = b""
        while b"\r\n\r\n" not in data:
            if not (more := await reader.read(65536)):
                return data
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        lower = head.lower()
        at = lower.find(b"content-length:")
        length = int(lower[at + 15 :].split(b"\r\n")[0]) if at >= 0 else None
        chunked = b"transfer-encoding: chunked" in lower
        while not (
            (length is not None and len(body) >= length)
            or (chunked and (body.endswith(b"\r\n0\r\n\r\n") or body == b"0\r\n\r\n"))
        ):
            if not (more := await reader.read(65536)):
                break
            body += more
        return head + b"\r\n\r\n" + body


@asynccontextmanager
async def bench(script: Script, journal: Path, *, tls: bool = False, **plan: Any) -> AsyncIterator[Bench]:
    upstream = Upstream(script)
    upstream.server = await asyncio.start_server(upstream.serve, "127.0.0.1", 0, limit=2**22)
    provider = ProviderPlan("openai", Address("127.0.0.1", upstream.port), tls=tls)
    proxy = Proxy(ProxyPlan((provider,), **plan), Journal(journal))
    try:
        await proxy.start()
        yield Bench(proxy, upstream, journal)
    finally:
        await proxy.close(drain_s=1)
        upstream.server.close()
        proxy.journal.close()
        for _ in range(5):
            await asyncio.sleep(0)


class LeapingSelector(selectors.DefaultSelector):
    """Waits for nothing: what it should have waited is added to the clock."""

    now_s = 1000.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready and timeout:
            self.now_s += timeout
        return ready


class LeapingLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.selector = LeapingSelector()
        super().__init__(self.selector)

    def time(self) -> float:
        return self.selector.now_s


@pytest.fixture
def wire() -> Any:
    return sys.modules[__name__]


@pytest.fixture
def journal_file(tmp_path: Path) -> Path:
    return tmp_path / "proxy.jsonl"


@pytest.fixture
def leaping(monkeypatch: pytest.MonkeyPatch) -> Iterator[asyncio.AbstractEventLoop]:
    """A loop in which waiting takes no time; the player goes by its clock too."""
    with closing(LeapingLoop()) as loop:
        monkeypatch.setattr(player, "time", SimpleNamespace(monotonic=loop.time))
        yield loop
