"""What the load client itself costs a call, against aiohttp, and up to which rate it keeps its schedule.

    python benchmarks/load.py [ROUNDS]

Baseline: an aiohttp client that sends the same bodies to the same server and parses the JSON of the same answers,
which is the least that finding a first token takes; no stamps, no records. The server is a process of its own that
answers canned bytes at once: a chat completion whole, and streamed in 48 pieces of text that leave one by one. Cost is
this process's CPU time a call, ten calls at once; rounds are interleaved.
"""

import asyncio
import contextlib
import statistics
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterator
from itertools import takewhile

import aiohttp
import orjson
import uvloop

from llmops.chaos.load.arrivals import poisson
from llmops.chaos.load.client import run_load
from llmops.chaos.load.percentiles import Sample
from llmops.chaos.load.plan import LoadPlan
from llmops.chaos.load.prompts import Due, Mix, planned_calls

AT_ONCE = 10
CALLS = {"whole": 2000, "streamed": 400}
RATES = (100, 300, 600, 1000, 2000, 4000, 8000)
SECONDS = 3.0
ON_TIME_S = 0.01
PIECE = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "usage": None}
CHOICE = {"index": 0, "logprobs": None, "finish_reason": None}
USAGE = {"prompt_tokens": 60, "completion_tokens": 48, "total_tokens": 108}
MESSAGE = {"role": "assistant", "content": "yes"}
PIECES = [*[{**PIECE, "choices": [{**CHOICE, "delta": {"content": " word"}}]}] * 48]
PIECES.append({**PIECE, "choices": [{**CHOICE, "delta": {}, "finish_reason": "stop"}]})
WHOLE = {"id": "c", "model": "m", "choices": [{"message": MESSAGE, "finish_reason": "stop"}], "usage": USAGE}
SERVER = """
import asyncio, sys
from base64 import b64decode
WHOLE, CHUNKS = b64decode(sys.argv[1]), [b64decode(chunk) for chunk in sys.argv[2:]]
HEAD = b"HTTP/1.1 200 OK\\r\\ncontent-type: text/event-stream\\r\\ntransfer-encoding: chunked\\r\\n\\r\\n"
class Server(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.data = transport, b""
    def data_received(self, data):
        self.data += data
        head, found, body = self.data.partition(b"\\r\\n\\r\\n")
        length = head.lower().partition(b"content-length:")[2].partition(b"\\r\\n")[0]
        if not found or len(body) < int(length):
            return
        streamed, self.data = b'"stream": true' in body, b""
        if streamed:
            asyncio.ensure_future(self.stream())
        else:
            self.transport.write(WHOLE)
    async def stream(self):
        self.transport.write(HEAD)
        for chunk in CHUNKS:
            self.transport.write(chunk)
            await asyncio.sleep(0)
async def main():
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.sleep(3600)
import uvloop
uvloop.run(main())
"""


def main() -> None:
    """Cost first, then the schedule."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with server() as url:
        for name in CALLS:
            show_cost(url, name, rounds)
        for name in CALLS:
            show_schedule(url, name)


@contextlib.contextmanager
def server() -> Iterator[str]:
    """The canned server; its base URL."""
    body = orjson.dumps(WHOLE)
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
    events = [*(b"data: %s\n\n" % orjson.dumps(piece) for piece in PIECES), b"data: [DONE]\n\n"]
    chunks = [*(b"%x\r\n%s\r\n" % (len(event), event) for event in events), b"0\r\n\r\n"]
    answers = [b64encode(answer).decode() for answer in (head + body, *chunks)]
    with subprocess.Popen([sys.executable, "-c", SERVER, *answers], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}/v1"
        finally:
            process.terminate()


def bodies(name: str, url: str, due: Iterator[float]) -> LoadPlan:
    """The plan of a load that is whole or streamed."""
    mix = Mix(models={"m": 1}, stream=name == "streamed")
    return LoadPlan(
        base_url=url, calls=planned_calls(map(Due, due), mix, base_url=url, run="b", seed=1), connections=AT_ONCE
    )


def show_cost(url: str, name: str, rounds: int) -> None:
    """CPU time a call, of both clients."""
    clients: dict[str, Callable[[str, str], Awaitable[None]]] = {"aiohttp (baseline)": by_aiohttp, "run_load": by_load}
    times: dict[str, list[float]] = {client: [] for client in clients}
    for _ in range(rounds + 1):  # the first round warms up
        for client, send in clients.items():
            times[client].append(cpu_of(send(url, name)) / CALLS[name])
    medians = {client: statistics.median(values[1:]) for client, values in times.items()}
    print(f"{name} answers, {CALLS[name]} calls, median of {rounds} interleaved rounds")
    for client, median in medians.items():
        print(f"  {client:20} {median * 1e6:7.0f} µs a call   ratio {median / medians['aiohttp (baseline)']:5.2f}")


async def by_aiohttp(url: str, name: str) -> None:
    """The same calls by aiohttp: each answer is read to its end, and its events are parsed."""
    plan = list(bodies(name, url, iter([0.0] * CALLS[name])).calls)
    todo = iter(plan)

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE)) as session:

        async def worker() -> None:
            for call in todo:
                async with session.post(url + call.path, data=call.body) as answer:
                    if not call.stream:
                        orjson.loads(await answer.read())
                        continue
                    rest = b""
                    async for data in answer.content.iter_any():
                        *events, rest = (rest + data).split(b"\n\n")
                        for event in events:
                            if event != b"data: [DONE]":
                                orjson.loads(event[6:])

        await asyncio.gather(*(worker() for _ in range(AT_ONCE)))


async def by_load(url: str, name: str) -> None:
    """All due at once over ten connections, every piece stamped and every answer read."""
    records = await run_load(bodies(name, url, iter([0.0] * CALLS[name])))
    assert all(record.succeeded for record in records)
    if name == "streamed":
        assert {len(record.piece_times) for record in records} == {48}


def cpu_of(sending: Awaitable[None]) -> float:
    """CPU seconds of this process."""

    async def run() -> None:
        await sending

    start = time.process_time()
    uvloop.run(run())
    return time.process_time() - start


def show_schedule(url: str, name: str) -> None:
    """How late the client turns to calls at rising rates (Poisson), and the highest at which it is still on time."""
    best = 0
    print(
        f"{name} answers, {SECONDS:g} s of Poisson arrivals; on time: 99 % within {ON_TIME_S * 1000:g} ms of when due"
    )
    for rate in RATES:
        plan = bodies(name, url, takewhile(lambda at_s: at_s < SECONDS, poisson(rate, seed=1)))
        start, cpu = time.perf_counter(), time.process_time()
        records = uvloop.run(run_load(LoadPlan(base_url=url, calls=plan.calls)))
        used = (time.process_time() - cpu) / (time.perf_counter() - start)
        lag = Sample(max(0.0, record.dispatched_at - record.scheduled_at) for record in records)
        failed = sum(not record.succeeded for record in records)
        p50, p99 = (lag.percentile(percent).value or 0.0 for percent in (50, 99))
        on_time = p99 <= ON_TIME_S and not failed
        best = rate if on_time else best
        print(
            f"  {rate:5} a second   lag p50 {p50 * 1e3:7.2f} ms  p99 {p99 * 1e3:7.2f} ms   CPU {used:4.0%}"
            f"   {failed} failed"
        )
        if not on_time:
            break
    print(f"  keeps its schedule up to {best} a second")


if __name__ == "__main__":
    main()
