"""Run by test_killing.py as a process of its own: forks proxies and drivers, and kills them at seeded moments.

Forked, not started afresh: fifty starts of Python would take longer than all the rest.
"""

import asyncio
import http.client
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvloop

from llmops.chaos.proxy.address import Address
from llmops.chaos.proxy.control import Control
from llmops.chaos.proxy.injection import Injection, make_fault
from llmops.chaos.proxy.journal import Journal
from llmops.chaos.proxy.proxy import ProviderPlan, Proxy, ProxyPlan
from llmops.chaos.proxy.schedule import Schedule

BODY = b"".join(b'data: {"choices":[{"delta":{"content":"word%d"}}]}\n\n' % n for n in range(20)) + b"data: [DONE]\n\n"
FAULTS = ("reset_mid_body", "fin_mid_chunk", "clean_end_mid_answer", "corrupt_gzip")
CLIENTS = 4
LEASE_S = 0.4


def forked(work: Callable[[int], None]) -> tuple[int, int]:
    """A child that says one number (a port) through a pipe when it is ready."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        try:
            work(write)
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as said:
        return pid, int(said.readline())


def upstream(ready: int) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                at = head.lower().find(b"content-length: ") + 16
                await reader.readexactly(int(head[at : head.find(b"\r\n", at)]))
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                )
                for at in range(0, len(BODY), 200):
                    part = BODY[at : at + 200]
                    writer.write(b"%x\r\n%s\r\n" % (len(part), part))
                writer.write(b"0\r\n\r\n")
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            writer.close()

    async def main() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        os.write(ready, b"%d\n" % server.sockets[0].getsockname()[1])
        await asyncio.Event().wait()

    uvloop.run(main())


def proxy(port: int, journal: Path, seed: int) -> Callable[[int], None]:
    def work(ready: int) -> None:
        async def main() -> None:
            running = Proxy(ProxyPlan((ProviderPlan("p", Address("127.0.0.1", port)),), seed=seed), Journal(journal))
            await running.start()
            parameters: dict[str, object] = {} if seed % 4 == 3 else {"after_bytes": 300}
            fault = make_fault(FAULTS[seed % 4], parameters)
            running.providers["p"].injections.add(Injection("broken", fault, Schedule(probability=0.5)), lease_s=60)
            os.write(ready, b"%d\n" % running.listeners["p"].port)
            await asyncio.Event().wait()

        uvloop.run(main())

    return work


async def client(port: int, name: str, damaged: set[str], whole: list[str]) -> None:
    """Asks until the proxy is gone; which answers were damaged while it lived."""
    for number in range(100_000):
        request_id = f"{name}-{number}"
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return
        body = b'{"model":"m","stream":true,"messages":[]}'
        writer.write(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nx-llmops-request-id: %s\r\nAccept-Encoding: gzip\r\n"
            b"Content-Length: %d\r\nConnection: close\r\n\r\n%s" % (request_id.encode(), len(body), body)
        )
        data, how = b"", "fin"
        try:
            while more := await reader.read(65536):
                data += more
        except ConnectionResetError:
            how = "reset"
        writer.close()
        seen = verdict(data, how)
        if seen == "whole":
            whole.append(request_id)
        elif seen == "damaged":
            damaged.add(request_id)


def verdict(data: bytes, how: str) -> str:
    """Whole, damaged by a fault, or cut by the kill itself, which no receipt can tell beforehand."""
    head, _, body = data.partition(b"\r\n\r\n")
    parts, rest = [], body  # type: ignore[var-annotated]
    while b"\r\n" in rest:
        line, _, rest = rest.partition(b"\r\n")
        size = int(line, 16) if line else -1
        if size == 0:
            decoded = b"".join(parts)
            return "whole" if decoded == BODY and b"content-encoding" not in head.lower() else "damaged"
        if size < 0 or len(rest) < size + 2:
            break
        parts.append(rest[:size])
        rest = rest[size + 2 :]
    received = len(b"".join(parts)) + len(rest)
    return "damaged" if b"content-encoding: gzip" in head.lower() or (how and received == 300) else "cut"


def kill_proxies(folder: Path, moments: int) -> dict[str, Any]:
    up_pid, up_port = forked(upstream)
    rng = random.Random(44)
    total = {"whole": 0, "damaged": 0, "without_receipt": [], "receipts": 0}
    for moment in range(moments):
        journal = folder / f"proxy-{moment}.jsonl"
        pid, port = forked(proxy(up_port, journal, moment))
        damaged: set[str] = set()
        whole: list[str] = []

        async def main(pid: int = pid, port: int = port, damaged: set[str] = damaged, whole: list[str] = whole) -> None:
            asyncio.get_running_loop().call_later(rng.uniform(0.02, 0.25), os.kill, pid, signal.SIGKILL)
            async with asyncio.timeout(20):
                await asyncio.gather(*(client(port, f"c{n}", damaged, whole) for n in range(CLIENTS)))

        uvloop.run(main())
        os.waitpid(pid, 0)
        lines = [json.loads(line) for line in journal.read_bytes().split(b"\n")[:-1]]
        receipts = {line["request_id"] for line in lines if line["kind"] == "receipt" and line["applied"]}
        total["whole"] += len(whole)  # type: ignore[operator]
        total["damaged"] += len(damaged)  # type: ignore[operator]
        total["receipts"] += len(receipts)  # type: ignore[operator]
        total["without_receipt"] += sorted(damaged - receipts)  # type: ignore[operator]
    os.kill(up_pid, signal.SIGKILL)
    os.waitpid(up_pid, 0)
    return total


def controlled_proxy(port: int, journal: Path) -> Callable[[int], None]:
    def work(ready: int) -> None:
        async def main() -> None:
            running = Proxy(ProxyPlan((ProviderPlan("p", Address("127.0.0.1", port)),)), Journal(journal))
            await running.start()
            control = Control(running)
            os.write(ready, b"%d\n" % await control.start("127.0.0.1", 0))
            await asyncio.Event().wait()

        uvloop.run(main())

    return work


def call(port: int, method: str, path: str, body: object = None) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, None if body is None else json.dumps(body))
        text = connection.getresponse().read()
        return json.loads(text) if text else None
    finally:
        connection.close()


def driver(control: int, number: int) -> Callable[[int], None]:
    """Injects with a short lease and renews it for as long as it lives."""

    def work(ready: int) -> None:
        path, kind = ("/proxies/tcp", "timeout") if number % 2 else ("/proxies/p", "reset_before_headers")
        name = f"d{number}"
        call(control, "POST", f"{path}/toxics", {"type": kind, "name": name, "toxicity": 0, "lease_s": LEASE_S})
        os.write(ready, b"1\n")
        while True:
            call(control, "POST", f"{path}/toxics/{name}/lease")
            time.sleep(LEASE_S / 4)

    return work


def kill_drivers(folder: Path, moments: int) -> dict[str, Any]:
    up_pid, up_port = forked(upstream)
    journal = folder / "control.jsonl"
    proxy_pid, control = forked(controlled_proxy(up_port, journal))
    call(control, "POST", "/proxies", {"name": "tcp", "upstream": f"127.0.0.1:{up_port}"})
    rng = random.Random(45)
    alive_at_kill, alive_after, number = 0, [], 0
    while number < moments:
        batch = range(number, min(number + 10, moments))
        number += 10
        pids = {each: forked(driver(control, each))[0] for each in batch}
        for each in batch:
            time.sleep(rng.uniform(0, 0.1))
            os.kill(pids[each], signal.SIGKILL)
            os.waitpid(pids[each], 0)
        alive_at_kill += len(active(control))
        time.sleep(LEASE_S + 0.05)
        alive_after += active(control)
    for pid in (proxy_pid, up_pid):
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    lines = [json.loads(line) for line in journal.read_bytes().split(b"\n")[:-1]]
    expired = {line["of"] for line in lines if line["kind"] == "lease" and line["what"] == "expired"}
    late_s = max(line["late_s"] for line in lines if line["kind"] == "lease" and line["what"] == "expired")
    return {"alive_at_kill": alive_at_kill, "alive_after": alive_after, "expired": len(expired), "late_s": late_s}


def active(control: int) -> list[str]:
    proxies = call(control, "GET", "/proxies")
    return [toxic["name"] for each in proxies.values() for toxic in each["toxics"]]


if __name__ == "__main__":
    what, folder, moments = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    sys.stdout.write(json.dumps((kill_proxies if what == "proxies" else kill_drivers)(folder, moments)))
