"""The load client: in simulated time exactly, and on sockets."""

import asyncio
import contextlib
import random
import shutil
import socket
import ssl
import struct
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import uvloop

from llmops.chaos.load.client import epoch_clock, run_load
from llmops.chaos.load.plan import LoadPlan, PlannedCall
from llmops.chaos.load.record import CallRecord
from llmops.chaos.providers.base import providers
from llmops.chaos.providers.serving.desk import Settings
from llmops.chaos.providers.serving.pacing import Delay, Pacing
from llmops.chaos.providers.serving.server import Running, serve
from llmops.chaos.proxy.certificates import Authority
from llmops.errors import BadInput

Call = Callable[..., PlannedCall]
CHAT_BODY = b'{"model":"m","choices":[{"message":{"content":"yes"},"finish_reason":"stop"}]}'
KEY = {"authorization": "Bearer any", "x-api-key": "any", "x-goog-api-key": "any"}


def plan(calls: Any, base_url: str = "http://127.0.0.1:9", **given: Any) -> LoadPlan:
    return LoadPlan(base_url=base_url, calls=calls, headers=KEY, **given)


# --- in simulated time


def test_one_connection_and_slow_service_show_what_coordinated_omission_hides(
    simulated: Any, servers: Any, planned: Call
) -> None:
    calls = [planned(n / 10) for n in range(8)]  # 10 a second
    records = simulated(lambda clock: run_load(plan(calls, connections=1), clock=clock, connect=servers(0.5)))
    # Call n is due at n/10 s, and the one connection serves it from n/2 to (n+1)/2 s: it waits 0.5 + 0.4 n.
    latencies = [record.scheduled_latency_s for record in records]
    assert latencies == pytest.approx([0.5, 0.9, 1.3, 1.7, 2.1, 2.5, 2.9, 3.3], abs=1e-9)
    assert sum(latencies) / 8 == pytest.approx(1.90, abs=1e-9)
    assert max(latencies) == pytest.approx(3.30, abs=1e-9)
    assert [record.e2e_s for record in records] == pytest.approx([0.5] * 8, abs=1e-9)  # what a closed loop would say
    assert all(record.succeeded for record in records)


def test_without_a_limit_nobody_waits_for_anybody(simulated: Any, servers: Any, planned: Call) -> None:
    server = servers(0.45)
    calls = [planned(n / 10) for n in range(8)]
    records = simulated(lambda clock: run_load(plan(calls), clock=clock, connect=server))
    assert [record.scheduled_latency_s for record in records] == pytest.approx([0.45] * 8, abs=1e-9)
    assert len(server.opened) == 5  # the call at 0.5 s finds the first connection free since 0.45 s, and so on


def test_calls_wait_for_a_connection_in_the_order_in_which_they_were_due(
    simulated: Any, servers: Any, planned: Call
) -> None:
    calls = [planned(0.0, request_id=f"r{n}") for n in range(20)]
    records = simulated(lambda clock: run_load(plan(calls, connections=2), clock=clock, connect=servers(1.0)))
    by_sent = sorted(records, key=lambda record: (record.sent_at, int(record.request_id[1:])))
    assert [record.request_id for record in by_sent] == [f"r{n}" for n in range(20)]
    assert by_sent[-1].sent_at == pytest.approx(9.0)  # two a second


def test_opening_a_connection_is_part_of_the_time_from_the_send(simulated: Any, servers: Any, planned: Call) -> None:
    connect = servers(0.5, connect_s=0.2)
    calls = [planned(0.0), planned(1.0)]
    first, second = simulated(lambda clock: run_load(plan(calls), clock=clock, connect=connect))
    assert (first.e2e_s, first.connected_at - first.sent_at) == pytest.approx((0.7, 0.2))
    assert (second.e2e_s, second.connected_at) == (pytest.approx(0.5), None)  # reused


def test_the_deadline_runs_from_when_a_call_was_due(simulated: Any, servers: Any, planned: Call) -> None:
    calls = [planned(0.0), planned(0.1), planned(0.2)]
    records = simulated(
        lambda clock: run_load(plan(calls, connections=1, deadline_s=0.75), clock=clock, connect=servers(0.5))
    )
    first, second, third = records
    assert (first.transport_error, first.ended_at) == ("", pytest.approx(0.5))
    assert (second.transport_error, second.ended_at) == ("timeout", pytest.approx(0.85))  # sent at 0.5, 0.35 s are left
    assert (third.transport_error, third.ended_at) == ("timeout", pytest.approx(0.95))  # sent at 0.85, when it was free
    assert third.sent_at == pytest.approx(0.85)
    assert [record.succeeded for record in records] == [True, False, False]


def test_a_call_that_never_got_a_connection_was_never_sent(simulated: Any, servers: Any, planned: Call) -> None:
    calls = [planned(0.0), planned(0.0, request_id="late")]
    records = simulated(
        lambda clock: run_load(plan(calls, connections=1, deadline_s=3.0), clock=clock, connect=servers(None))
    )
    late = next(record for record in records if record.request_id == "late")
    assert (late.sent_at, late.e2e_s, late.transport_error) == (None, None, "timeout")
    assert late.scheduled_latency_s == pytest.approx(3.0)


def test_each_record_is_told_as_soon_as_its_call_is_over(simulated: Any, servers: Any, planned: Call) -> None:
    seen: list[tuple[str, float]] = []

    async def main(clock: Callable[[], float]) -> list[CallRecord]:
        tell = lambda record: seen.append((record.request_id, clock()))  # noqa: E731 - with this clock
        return await run_load(plan([planned(0.0), planned(2.0)]), clock=clock, connect=servers(0.5), on_record=tell)

    simulated(main)
    assert seen == [("r0", pytest.approx(0.5)), ("r2", pytest.approx(2.5))]


def test_calls_may_be_made_while_the_run_goes_on_and_need_not_end(simulated: Any, servers: Any, planned: Call) -> None:
    made: list[float] = []

    def endless() -> Any:
        while True:
            made.append(len(made) / 2)
            yield planned(made[-1])

    async def main(clock: Callable[[], float]) -> list[CallRecord]:
        records: list[CallRecord] = []
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2.9):
                await run_load(plan(endless()), clock=clock, connect=servers(0.5), on_record=records.append)
        return records

    records = simulated(main)
    assert [(record.request_id, record.transport_error) for record in records] == [
        ("r0", ""), ("r0.5", ""), ("r1", ""), ("r1.5", ""), ("r2", ""), ("r2.5", "cancelled"),
    ]  # fmt: skip
    assert made[-1] == 3.0  # one ahead, no more


def test_the_request_carries_its_id_and_the_headers_of_plan_and_call(
    simulated: Any, servers: Any, planned: Call
) -> None:
    server = servers(0.1)
    call = planned(0.0, request_id="run-7", headers=(("x-tenant", "Zoë"),), body=b"{}")
    simulated(lambda clock: run_load(plan([call], "https://h.test:8443/v1/"), clock=clock, connect=server))
    (request,) = server.opened[0].requests
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    assert (first, body) == (b"POST /v1/chat/completions HTTP/1.1", b"{}")
    assert {b"host: h.test:8443", b"x-llmops-request-id: run-7", "x-tenant: Zoë".encode()} <= {*lines}
    assert {b"content-length: 2", b"content-type: application/json", b"authorization: Bearer any"} <= {*lines}


@pytest.mark.parametrize("value", ["a\r\nx-evil: 1", "a\nb", "a\0b"])
def test_a_header_that_would_be_two_is_refused(simulated: Any, servers: Any, value: str) -> None:
    with pytest.raises(BadInput, match="cannot be sent"):
        simulated(lambda clock: run_load(replace(plan([]), headers={"x": value}), clock=clock, connect=servers(0.1)))


def test_calls_out_of_order_are_refused(simulated: Any, servers: Any, planned: Call) -> None:
    with pytest.raises(ValueError, match="stands after"):
        simulated(lambda clock: run_load(plan([planned(1.0), planned(0.5)]), clock=clock, connect=servers(0.1)))


def test_what_is_raised_while_the_run_goes_on_ends_it_as_it_is(simulated: Any, servers: Any, planned: Call) -> None:
    def broken() -> Any:
        yield planned(0.0)
        raise BadInput("no model is named")

    def refuse(record: CallRecord) -> None:
        raise BadInput(f"{record.request_id} cannot be written")

    with pytest.raises(BadInput, match="no model is named"):
        simulated(lambda clock: run_load(plan(broken()), clock=clock, connect=servers(0.1)))
    with pytest.raises(BadInput, match="r0 cannot be written"):
        simulated(lambda clock: run_load(plan([planned(0.0)]), clock=clock, connect=servers(0.1), on_record=refuse))


def test_a_name_is_looked_up_once_however_many_calls_wait_for_it(
    planned: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def main() -> list[CallRecord]:
        async with provider("openai") as running:
            loop = asyncio.get_running_loop()
            found = await loop.getaddrinfo("127.0.0.1", running.port, type=socket.SOCK_STREAM)

            async def look_up(host: str, *_: object, **__: object) -> object:
                asked.append(host)
                await asyncio.sleep(0.01)
                return found

            monkeypatch.setattr(loop, "getaddrinfo", look_up)
            calls = [planned(0.0, request_id=f"r{n}") for n in range(20)]
            return await run_load(plan(calls, running.base_url.replace("127.0.0.1", "some.name")))

    assert all(record.succeeded for record in asyncio.run(main()))
    assert asked.count("some.name") == 1


def test_the_clock_is_the_time_of_day_and_never_steps_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 1_795_000_000.0)
    clock = epoch_clock()
    first = clock()
    monkeypatch.setattr("time.time", lambda: 0.0)  # somebody sets the clock
    assert 1_795_000_000.0 <= first <= clock() < 1_795_000_060.0


# --- on sockets

ROUTES: dict[tuple[str, str, bool], tuple[str, dict[str, object] | None]] = {
    ("openai", "openai_chat", False): ("/chat/completions", {}),
    ("openai", "openai_chat", True): ("/chat/completions", {"stream_options": {"include_usage": True}}),
    ("openai", "openai_responses", False): ("/responses", {"input": "Who are you?"}),
    ("openai", "openai_responses", True): ("/responses", {"input": "Who are you?"}),
    ("anthropic", "anthropic_messages", False): ("/v1/messages", {"max_tokens": 200}),
    ("anthropic", "anthropic_messages", True): ("/v1/messages", {"max_tokens": 200}),
    ("gemini", "gemini", False): ("/v1beta/models/m:generateContent", None),
    ("gemini", "gemini", True): ("/v1beta/models/m:streamGenerateContent?alt=sse", None),
}
MESSAGES = [{"role": "user", "content": "Who are you?"}]


@asynccontextmanager
async def provider(name: str, ttft_s: float = 0.0, itl_s: float = 0.0) -> AsyncIterator[Running]:
    async with serve(providers.get(name)(), Settings(pacing=Pacing(Delay(ttft_s), Delay(itl_s)))) as running:
        yield running


@pytest.mark.parametrize(("name", "dialect", "stream"), ROUTES)
def test_every_dialect_is_understood(planned: Call, name: str, dialect: str, stream: bool) -> None:
    path, more = ROUTES[name, dialect, stream]
    body = {"model": "m", "messages": MESSAGES, "stream": stream, **(more or {})}
    if more is None:
        body = {"contents": [{"role": "user", "parts": [{"text": "Who are you?"}]}]}

    async def main() -> CallRecord:
        import orjson

        async with provider(name, ttft_s=0.05, itl_s=0.001) as running:
            call = planned(0.0, dialect=dialect, path=path, stream=stream, body=orjson.dumps(body))
            (record,) = await run_load(plan([call], running.base_url))
            return record

    record = asyncio.run(main())
    assert (record.succeeded, record.status, record.complete, record.model_answered) == (True, 200, True, "m")
    assert record.text.startswith("Report ")
    assert record.text.endswith(".")
    assert record.text_characters == len(record.text)
    # 5 sentences of 8 tokens (7 words and a full stop), "Report NAME:" and "End of report NAME." of 3 and 5 tokens
    assert (record.output_tokens, len(record.piece_times)) == (48, 48 if stream else 0)
    assert (record.first_token_at is not None) is stream
    assert record.e2e_s is not None
    assert record.e2e_s >= 0.05 + 47 * 0.001
    if stream:
        assert 0.05 <= (record.ttft_s or 0) <= record.e2e_s
        assert list(record.piece_times) == sorted(record.piece_times)


def test_one_connection_and_slow_service_on_sockets(planned: Call) -> None:
    async def main() -> list[CallRecord]:
        async with provider("openai", ttft_s=0.1) as running:  # a fifth of the times of the simulation
            calls = [planned(n / 50) for n in range(8)]
            return await run_load(plan(calls, running.base_url, connections=1))

    records = asyncio.run(main())
    latencies = [record.scheduled_latency_s for record in records]
    assert all(latency > 0.1 + 0.08 * n - 0.001 for n, latency in enumerate(latencies))  # never sooner
    assert 1.90 / 5 - 0.001 < sum(latencies) / 8 < 1.5 * 1.90 / 5  # later only by what a busy machine adds
    assert all((record.e2e_s or 0) > 0.099 for record in records)
    assert sum(record.e2e_s or 0 for record in records) / 8 < sum(latencies) / 16


def test_nobody_there_is_a_failed_connect(planned: Call) -> None:
    async def main() -> list[CallRecord]:
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        return await run_load(plan([planned(0.0)], f"http://127.0.0.1:{port}"))

    (record,) = asyncio.run(main())
    assert (record.transport_error, record.transport_detail) == ("connect", "Connection refused")
    assert (record.status, record.succeeded, record.connected_at) == (None, False, None)


def test_a_name_that_nobody_has_is_a_failed_connect(planned: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", nobody)  # no resolver is asked
    (record,) = asyncio.run(run_load(plan([planned(0.0)], "http://nobody.invalid")))
    assert (record.transport_error, record.transport_detail) == ("connect", "Name or service not known")


def test_speaking_tls_to_one_who_does_not_is_a_tls_error(planned: Call) -> None:
    async def main() -> list[CallRecord]:
        async with provider("openai") as running:
            return await run_load(plan([planned(0.0)], running.base_url.replace("http:", "https:")))

    (record,) = asyncio.run(main())
    assert record.transport_error == "tls"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="certificates are made by the command openssl")
@pytest.mark.parametrize(
    ("kind", "trusted", "error"),
    [
        ("good", True, ""),
        ("good", False, "tls"),
        ("expired", True, "tls"),
        ("wrong_host", True, "tls"),
    ],
)
@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_certificates_are_checked(planned: Call, kind: Any, trusted: bool, error: str, loop: Any) -> None:
    authority = Authority("127.0.0.1")

    async def main() -> list[CallRecord]:
        async with cut_server(JSON_ANSWER, reset=False, tls=authority.context(kind)) as url:
            ca_file = str(authority.file) if trusted else None
            return await run_load(plan([planned(0.0)], url, ca_file=ca_file))

    try:
        with asyncio.Runner(loop_factory=loop) as runner:
            (record,) = runner.run(main())
    finally:
        authority.close()
    assert (record.transport_error, record.succeeded) == (error, not error)
    assert ("certificate" in record.transport_detail.lower() or "mismatch" in record.transport_detail) is bool(error)


@pytest.mark.parametrize("status", [401, 404])
def test_a_refusal_is_an_answer_and_no_success(planned: Call, status: int) -> None:
    async def main() -> list[CallRecord]:
        async with provider("openai") as running:
            call = planned(0.0, path="/nothing" if status == 404 else "/chat/completions")
            return await run_load(replace(plan([call], running.base_url), headers={} if status == 401 else KEY))

    (record,) = asyncio.run(main())
    assert (record.status, record.transport_error, record.succeeded) == (status, "", False)
    assert record.error_type == "invalid_request_error"


@asynccontextmanager
async def cut_server(answer: bytes, *, reset: bool, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Says this to whoever asks, and hangs up; its URL."""
    handlers: list[asyncio.Task[None] | None] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handlers.append(asyncio.current_task())
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await asyncio.sleep(0.05)  # the client reads it before it sees the end
        if reset:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async with await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls) as server:
        yield f"http{'s' * (tls is not None)}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        if handlers:  # none comes through a failed handshake
            await asyncio.wait([handler for handler in handlers if handler])


JSON_ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (
    len(CHAT_BODY),
    CHAT_BODY,
)
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
TEXT = b'data: {"model":"m","choices":[{"index":0,"delta":{"content":"half"}}]}\n\n'
DONE = b"data: [DONE]\n\n"


@pytest.mark.parametrize(
    ("cut", "error", "complete"),
    [
        ((HEAD + b"content-length: 500\r\n\r\n" + TEXT, False), "closed_early", False),
        ((HEAD + b"content-length: 500\r\n\r\n" + TEXT, True), "reset", False),
        ((HEAD + b"\r\n" + TEXT, False), "", False),  # a clean end, and no terminal mark: half an answer
        ((HEAD + b"\r\n" + TEXT + DONE, False), "", True),
        ((HEAD + b"content-length: 500\r\n\r\n" + TEXT + DONE, True), "", True),  # its caller has all of it
        ((b"SSH-2.0-OpenSSH_9.6\r\n", False), "protocol", False),
    ],
)
@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_how_an_answer_was_cut_is_told(
    planned: Call, cut: tuple[bytes, bool], error: str, complete: bool, loop: Any
) -> None:
    answer, reset = cut

    async def main() -> list[CallRecord]:
        async with cut_server(answer, reset=reset) as url:
            return await run_load(plan([planned(0.0, stream=True)], url))

    with asyncio.Runner(loop_factory=loop) as runner:
        (record,) = runner.run(main())
    assert (record.transport_error, record.complete, record.succeeded) == (error, complete, complete)
    assert record.text == ("" if error == "protocol" else "half")


@pytest.fixture(scope="module")
def other_process() -> Iterator[str]:
    """The base URL of a simulated provider whose sockets are not ours."""
    command = [sys.executable, "-m", "llmops", "chaos", "provider", "openai", "--ttft", "0.005", "--itl", "0.0002"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def open_sockets() -> int:
    """How many sockets this process has."""
    found = 0
    for entry in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):  # the descriptor of the folder itself
            found += entry.readlink().name.startswith("socket:")
    return found


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts open sockets in /proc")
@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_cancelling_at_any_moment_leaves_no_socket_and_no_task(planned: Call, other_process: str, loop: Any) -> None:
    dice, records = random.Random(7), list[CallRecord]()

    async def main() -> None:
        before, most = open_sockets(), 0
        for _ in range(40):
            calls = [planned(n / 1000, stream=True) for n in range(60)]
            run = asyncio.create_task(run_load(plan(calls, other_process, connections=20), on_record=records.append))
            await asyncio.sleep(dice.uniform(0, 0.06))
            most = max(most, open_sockets())
            run.cancel()
            with pytest.raises(asyncio.CancelledError):
                await run
            assert asyncio.all_tasks() == {asyncio.current_task()}
            assert open_sockets() == before
        assert most > before  # there was something to leave behind

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(main())
    assert {"cancelled"} < {record.transport_error for record in records} | {""}
    assert sum(record.transport_error == "cancelled" for record in records) > 100
    assert any(record.succeeded for record in records)
