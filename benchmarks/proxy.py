"""What the fault proxy costs without faults, against a bare relay on the same loop, in the same run.

    python benchmarks/proxy.py [--seconds 3] [--rounds 3] [--only json1k]

Each round drives every server in turn with the same load, so that a busy moment of the machine falls on each of
them; medians are printed. The server stands on one core; wrk (C) and the origin on another. CPU is the process's
own (and that of its children), from /proc. Wire records are on. Needs Linux and wrk (Debian package `wrk`).

Aims, of the relay's figures: CPU per 1 KB request at most 2.5, requests/s at 32 connections at least 0.45, CPU per
SSE chunk at most 1.4, 99th percentile at most 1 ms above.
"""

import argparse
import asyncio
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

SERVER_CORE, LOAD_CORE = 0, 1
TICKS = os.sysconf("SC_CLK_TCK")
CHUNKS = 100  # of one streamed answer
CHUNK_EVERY_S = 0.01
DELAY_S = 0.1

ANSWER = json.dumps(
    {
        "id": "chatcmpl-9mZK2bXk1",
        "object": "chat.completion",
        "created": 1760000000,
        "model": "gpt-4o-2024-08-06",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "All is well. " * 50, "refusal": None},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 211, "completion_tokens": 150, "total_tokens": 361},
        "system_fingerprint": "fp_44709d6fcb",
    }
).encode()
PLAIN = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: req_1\r\ncontent-length: %d\r\n\r\n%s" % (
    len(ANSWER),
    ANSWER,
)
STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def chunk_of(text: str | None) -> bytes:
    """One event of a streamed answer, framed; the last one has no text."""
    delta = {"content": text} if text else {}
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": None if text else "stop"}
    event = {
        "id": "chatcmpl-9mZK2bXk1",
        "object": "chat.completion.chunk",
        "created": 1760000000,
        "model": "gpt-4o-2024-08-06",
        "system_fingerprint": "fp_44709d6fcb",
        "choices": [choice],
    }
    data = b"data: %s\n\n" % json.dumps(event, separators=(",", ":")).encode()
    return b"%x\r\n%s\r\n" % (len(data), data)


WORD = chunk_of(" well")
LAST = chunk_of(None)
END = b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n"


# --- servers, each a process of its own: `python benchmarks/proxy.py serve NAME ORIGIN_PORT`


class Origin(asyncio.Protocol):
    """Answers each request at once, or streams CHUNKS chunks at a pace."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.data = b""
        self.missing = 0

    def data_received(self, data: bytes) -> None:
        if self.missing:
            self.missing -= len(data)
            if self.missing <= 0:
                self.answer(self.data)
            return
        self.data += data
        end = self.data.find(b"\r\n\r\n")
        if end < 0:
            return
        match = re.search(rb"(?i)content-length: (\d+)", self.data)
        self.missing = int(match[1]) + end + 4 - len(self.data) if match else 0
        if self.missing <= 0:
            self.answer(self.data)

    def answer(self, request: bytes) -> None:
        self.data, self.missing = b"", 0
        if b'"stream":true' in request:
            self.transport.write(STREAM_HEAD)
            self.say(CHUNKS)
        else:
            self.transport.write(PLAIN)

    def say(self, left: int) -> None:
        if self.transport.is_closing():
            return
        if left == 0:
            self.transport.write(LAST + END)
            return
        self.transport.write(WORD)
        asyncio.get_running_loop().call_later(CHUNK_EVERY_S, self.say, left - 1)

    def connection_lost(self, exc: Exception | None) -> None:
        pass


class RelayUp(asyncio.Protocol):
    """The relay's side towards the origin."""

    def __init__(self, down: "Relay") -> None:
        self.down = down

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self.down.transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        self.down.transport.close()


class Relay(asyncio.Protocol):
    """Bytes to the origin and back, and nothing else: the baseline."""

    port = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.up: RelayUp | None = None
        self.early = b""
        self.task = asyncio.get_running_loop().create_task(self.connect())

    async def connect(self) -> None:
        _, up = await asyncio.get_running_loop().create_connection(lambda: RelayUp(self), "127.0.0.1", self.port)
        self.up = up
        if self.early:
            up.transport.write(self.early)

    def data_received(self, data: bytes) -> None:
        if self.up is None:
            self.early += data
        else:
            self.up.transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        if self.up is not None:
            self.up.transport.close()


async def serve_protocol(factory: Callable[[], asyncio.Protocol]) -> None:
    server = await asyncio.get_running_loop().create_server(factory, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def serve_aiohttp(origin: int) -> None:
    """A plain proxy as most would write it: aiohttp on both sides, bodies as streams."""
    from aiohttp import ClientSession, TCPConnector, web

    session = ClientSession(connector=TCPConnector(limit=0), auto_decompress=False)

    async def passed(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = {key: value for key, value in request.headers.items() if key.lower() != "host"}
        url = f"http://127.0.0.1:{origin}{request.path_qs}"
        async with session.request(request.method, url, data=body, headers=headers) as answer:
            response = web.StreamResponse(status=answer.status)
            for key, value in answer.headers.items():
                if key.lower() != "transfer-encoding":
                    response.headers[key] = value
            await response.prepare(request)
            async for piece in answer.content.iter_any():
                await response.write(piece)
            await response.write_eof()
            return response

    app = web.Application(client_max_size=1 << 26)
    app.router.add_route("*", "/{path:.*}", passed)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


def serve(name: str, origin: int) -> None:
    import uvloop

    if name == "origin":
        uvloop.run(serve_protocol(Origin))
    elif name == "relay":
        Relay.port = origin
        uvloop.run(serve_protocol(Relay))
    else:
        uvloop.run(serve_aiohttp(origin))


# --- starting them


@dataclass(frozen=True)
class Server:
    """A running process that listens."""

    name: str
    port: int
    pid: int

    def cpu_s(self) -> tuple[float, float]:
        """User and system time of the process itself, and with its children."""
        return cpu_of(self.pid), sum(map(cpu_of, descendants(self.pid)))


def cpu_of(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return sum(map(int, fields[11:13])) / TICKS  # utime, stime: proc(5)


def descendants(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return
    for child in children:
        yield from descendants(int(child))


@contextmanager
def started(name: str, command: list[str], core: int, port_of: Callable[[str], int | None]) -> Iterator[Server]:
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # aiohttp complains of each client that wrk ends
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {core % (os.cpu_count() or 1)}),  # noqa: PLW1509 - single-threaded
    )
    try:
        assert process.stdout is not None
        port = next((port for line in process.stdout if (port := port_of(line)) is not None), None)
        if port is None:
            sys.exit(f"{name} did not start")
        for child in list(descendants(process.pid))[1:]:
            os.sched_setaffinity(child, range(os.cpu_count() or 1))  # where there is room, as anywhere
        yield Server(name, port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def own_server(name: str, core: int, origin: int = 0) -> AbstractContextManager[Server]:
    command = [sys.executable, __file__, "serve", name, str(origin)]
    return started(name, command, core, lambda line: int(line) if line.strip().isdigit() else None)


def our_proxy(origin: int, folder: Path) -> AbstractContextManager[Server]:
    journal = folder / "proxy.jsonl"
    upstream = f"openai=http://127.0.0.1:{origin}"
    command = [sys.executable, "-m", "llmops", "chaos", "proxy", "--upstream", upstream, "--control", "127.0.0.1:0"]
    ports: list[int] = []

    def port_of(line: str) -> int | None:
        found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        ports.extend([int(found[1])] if found else [])
        return ports[0] if len(ports) == 2 else None  # noqa: PLR2004 - the provider's and the control API's

    return started("llmops", [*command, "--journal", str(journal)], SERVER_CORE, port_of)


@contextmanager
def mitmproxy(origin: int) -> Iterator[Server | None]:
    """Its own reverse mode, silent; None where it is not installed."""
    if shutil.which("mitmdump") is None:
        yield None
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--quiet", "--listen-host", "127.0.0.1", "--listen-port", str(port)]
    announced = [
        "sh",
        "-c",
        'echo started && exec "$@"',
        "sh",
        "mitmdump",
        "--mode",
        f"reverse:http://127.0.0.1:{origin}",
    ]
    with started("mitmproxy", [*announced, *options], SERVER_CORE, lambda _line: port) as server:
        until_listening(port)
        yield server


def until_listening(port: int) -> None:
    for _ in range(600):
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    sys.exit(f"nothing listens on port {port} after 30 s")


# --- the load


@dataclass(frozen=True)
class Load:
    """What wrk sends."""

    name: str
    title: str
    connections: int
    request_bytes: int
    stream: bool = False

    def script(self) -> str:
        """Bodies of 16 lengths around the size, and an id that is new in every request."""
        stream = "true" if self.stream else "false"
        return f"""
local sizes = {{}}
local head = '{{"model":"gpt-4o","stream":{stream},"user":"u%06d","messages":[{{"role":"user","content":"'
for i = 1, 16 do sizes[i] = string.rep("a word ", math.floor(({self.request_bytes} - 100) / 7) + i - 8) end
local n = 0
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer sk-bench"
wrk.headers["User-Agent"] = "OpenAI/Python 3.54.0"
request = function()
  n = n + 1
  local body = string.format(head, n % 1000000) .. sizes[n % 16 + 1] .. n .. '"}}]}}'
  wrk.headers["X-Llmops-Request-Id"] = "r" .. n
  return wrk.format("POST", "/v1/chat/completions", wrk.headers, body)
end
done = function(summary, latency, requests)
  io.write(string.format("RESULT %d %f %f %f %d\\n", summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status))
end
"""


LOADS = (
    Load("json1k1", "1 KB requests, 1 connection", 1, 1024),
    Load("json1k", "1 KB requests, 32 connections", 32, 1024),
    Load("json1k256", "1 KB requests, 256 connections", 256, 1024),
    Load("json100k", "100 KB requests, 32 connections", 32, 100_000),
    Load("stream", f"100 streams of {CHUNKS} chunks, one each {CHUNK_EVERY_S * 1e3:g} ms", 100, 1024, stream=True),
)


@dataclass(frozen=True)
class Figures:
    """What one run gave."""

    requests: int
    requests_per_second: float
    cpu_us_per_request: float
    all_cpu_us_per_request: float  # with the process that makes the wire records
    p50_ms: float
    p99_ms: float


def driven(server: Server, load: Load, seconds: float, folder: Path) -> Figures:
    script = folder / f"{load.name}.lua"
    script.write_text(load.script())
    url = f"http://127.0.0.1:{server.port}/v1/chat/completions"
    command = ["wrk", "-t1", f"-c{load.connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(script), url]
    before = server.cpu_s()
    pinned = ["taskset", "-c", str(LOAD_CORE % (os.cpu_count() or 1)), *command]
    result = subprocess.run(pinned, capture_output=True, text=True, check=True)
    time.sleep(0.5)  # what is recorded after the answer belongs to it
    cpu_s, all_cpu_s = (after - then for after, then in zip(server.cpu_s(), before, strict=True))
    line = next(line for line in result.stdout.splitlines() if line.startswith("RESULT"))
    requests, duration_s, p50_ms, p99_ms, errors = map(float, line.split()[1:])
    if errors or not requests:
        sys.exit(f"{server.name}, {load.name}: {int(errors)} errors in {int(requests)} requests")
    cpu_us, all_cpu_us = (each / requests * 1e6 for each in (cpu_s, all_cpu_s))
    return Figures(int(requests), requests / duration_s, cpu_us, all_cpu_us, p50_ms, p99_ms)


def shown(load: Load, runs: dict[str, list[Figures]]) -> None:
    print(f"\n{load.title}")
    per = CHUNKS + 2 if load.stream else 1  # the head and the end are pieces as well
    what = "CPU us per chunk" if load.stream else "CPU us per request"
    print(f"  {'':<10} {'requests/s':>11} {what:>19} {'with records':>13} {'p50 ms':>8} {'p99 ms':>8}   of the relay's")
    base = columns(runs["relay"])
    for name, figures in runs.items():
        rate, cpu, all_cpu, p50, p99 = map(statistics.median, columns(figures))
        rates, cpus, all_cpus, *_ = (
            statistics.median(one / other for one, other in zip(column, baseline, strict=True))
            for column, baseline in zip(columns(figures), base, strict=True)
        )
        print(
            f"  {name:<10} {rate:>11.0f} {cpu / per:>19.1f} {all_cpu / per:>13.1f} {p50:>8.2f} {p99:>8.2f}"
            f"   CPU {cpus:.2f} (with records {all_cpus:.2f}), requests/s {rates:.2f}"
        )


def columns(runs: list[Figures]) -> list[tuple[float, ...]]:
    """Each figure over all runs."""
    measured = (
        (run.requests_per_second, run.cpu_us_per_request, run.all_cpu_us_per_request, run.p50_ms, run.p99_ms)
        for run in runs
    )
    return list(zip(*measured, strict=True))


# --- how exact an injected delay is


async def delays(port: int, count: int) -> list[float]:
    """Seconds from a request to its answer's first byte, one connection, one request at a time."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = b'{"model":"gpt-4o","messages":[{"role":"user","content":"hello"}]}'
    request = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)
    found = []
    for _ in range(count):
        start = time.perf_counter()
        writer.write(request)
        await reader.readexactly(1)
        found.append(time.perf_counter() - start)
        await reader.readexactly(len(PLAIN) - 1)
    writer.close()
    return found


def delay_accuracy(origin: int, folder: Path, count: int = 200) -> None:
    config = folder / "llmops.yaml"
    injection = f"{{fault: delayed_answer, parameters: {{delay_s: {DELAY_S}}}}}"
    config.write_text(
        f"chaos:\n  control: 127.0.0.1:0\n  journal: {folder / 'delay.jsonl'}\n"
        f"  providers:\n    openai: {{upstream: 'http://127.0.0.1:{origin}', injections: [{injection}]}}\n"
    )
    ports: list[int] = []

    def port_of(line: str) -> int | None:
        found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        ports.extend([int(found[1])] if found else [])
        return ports[0] if len(ports) == 2 else None  # noqa: PLR2004 - the provider's and the control API's

    command = [sys.executable, "-m", "llmops", "chaos", "proxy", "--config", str(config)]
    with started("llmops", command, SERVER_CORE, port_of) as server:
        errors = sorted((waited - DELAY_S) * 1e3 for waited in asyncio.run(delays(server.port, count)))
    print(f"\nAn injected delay of {DELAY_S * 1e3:g} ms, {count} times: error from the asked time, with the round trip")
    print(f"  least {errors[0]:.2f} ms, p50 {errors[count // 2]:.2f} ms, p99 {errors[int(count * 0.99) - 1]:.2f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=[load.name for load in LOADS], action="append")
    parser.add_argument("--servers", default="relay,llmops,aiohttp,mitmproxy")
    asked = parser.parse_args()
    if shutil.which("wrk") is None or not Path("/proc/self/stat").exists():
        sys.exit("this benchmark needs Linux and wrk (Debian package wrk)")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="llmops-bench-")))
        origin = stack.enter_context(own_server("origin", LOAD_CORE)).port
        made: dict[str, Callable[[], AbstractContextManager[Server | None]]] = {
            "relay": lambda: own_server("relay", SERVER_CORE, origin),
            "llmops": lambda: our_proxy(origin, folder),
            "aiohttp": lambda: own_server("aiohttp", SERVER_CORE, origin),
            "mitmproxy": lambda: mitmproxy(origin),
        }
        servers = [
            server
            for name in dict.fromkeys(["relay", *asked.servers.split(",")])
            if (server := stack.enter_context(made[name]())) is not None
        ]
        for load in LOADS:
            if asked.only and load.name not in asked.only:
                continue
            runs: dict[str, list[Figures]] = {server.name: [] for server in servers}
            for server in servers:
                driven(server, load, 2, folder)  # warm
            for _ in range(asked.rounds):
                for server in servers:
                    runs[server.name].append(driven(server, load, asked.seconds, folder))
            shown(load, runs)
        if not asked.only:
            delay_accuracy(origin, folder)
    if shutil.which("mitmdump") is None:
        print("\nmitmproxy is not installed: not measured")


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(sys.argv[2], int(sys.argv[3]))
    else:
        main()
