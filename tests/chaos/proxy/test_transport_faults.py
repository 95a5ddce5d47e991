"""Each transport fault on a real socket: first the healthy answer, then the damage at the client, and its receipt."""

import asyncio
import contextlib
import gzip
import json
import ssl
import time
import zlib
from pathlib import Path
from typing import Any

import pytest
import uvloop

from llmops.chaos.proxy.schedule import Schedule, Scope
from llmops.errors import BadInput

GZIP = b"Accept-Encoding: gzip\r\n"


def play(wire: Any, journal: Path, script: Any, scenario: Any, *, run: Any = asyncio.run, **plan: Any) -> Any:
    async def main() -> Any:
        async with wire.bench(script, journal, **plan) as bench:
            return await scenario(bench)

    return run(main())


def receipts(bench: Any, *, applied: bool = True) -> list[dict[str, Any]]:
    return [line for line in bench.lines("receipt") if line["applied"] is applied]


async def ask_until_reset(bench: Any, request: bytes) -> tuple[bytes, bool]:
    """What came, and whether a RST ended it."""
    reader, writer = await bench.connect()
    writer.write(request)
    data = b""
    try:
        async with asyncio.timeout(5):
            while more := await reader.read(65536):
                data += more
    except ConnectionResetError:
        return data, True
    finally:
        await wire_closed(writer)
    return data, False


async def wire_closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


def unchunked(sent: bytes) -> tuple[bytes, bool]:
    """The body, and whether its last chunk was begun and is not whole."""
    body = b""
    while sent:
        size, _, sent = sent.partition(b"\r\n")
        body += sent[: int(size, 16)]
        if len(sent) < int(size, 16) + 2:
            return body, True
        sent = sent[int(size, 16) + 2 :]
    return body, False


def test_reset_before_headers_gives_no_byte_and_asks_nobody(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        assert await bench.ask(wire.chat_request()) == wire.answer()
        bench.inject("reset_before_headers")
        assert await ask_until_reset(bench, wire.chat_request()) == (b"", True)
        assert len(bench.upstream.requests) == 1
        (receipt,) = receipts(bench)
        assert receipt["fault"] == "reset_before_headers"
        wire_record = bench.lines("wire")[-1]
        assert wire_record["call"] == receipt["call"]
        assert wire_record["ended"] == "fault"

    play(wire, journal_file, wire.says(wire.answer()), scenario)


def test_reset_mid_body_cuts_to_the_byte(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject("reset_mid_body", after_bytes=25)
        data, was_reset = await ask_until_reset(bench, wire.chat_request())
        assert was_reset
        assert data.partition(b"\r\n\r\n")[2] == wire.CHAT[:25]
        assert receipts(bench)[0]["after_bytes"] == 25

    play(wire, journal_file, wire.says(wire.answer()), scenario)


def test_a_short_answer_is_not_cut_and_the_receipt_says_so(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject("reset_mid_body", after_bytes=len(wire.CHAT))
        assert await bench.ask(wire.chat_request()) == wire.answer()
        assert len(receipts(bench, applied=False)) == 1

    play(wire, journal_file, wire.says(wire.answer()), scenario)


@pytest.mark.parametrize(("stream", "after_bytes"), [(False, 0), (False, 100), (True, 0), (True, 100), (True, 700)])
def test_fin_mid_chunk_ends_without_an_end(wire: Any, journal_file: Path, stream: bool, after_bytes: int) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject("fin_mid_chunk", after_bytes=after_bytes)
        data, was_reset = await ask_until_reset(bench, wire.chat_request(stream=stream))
        assert not was_reset
        assert not data.endswith(b"0\r\n\r\n")
        body = data.partition(b"\r\n\r\n")[2]
        if stream:
            body, cut_chunk = unchunked(body)
            assert cut_chunk
        assert body == (b"".join(wire.events()) if stream else wire.CHAT)[:after_bytes]
        (receipt,) = receipts(bench)
        assert (receipt["after_bytes"], receipt["in_a_chunk"]) == (after_bytes, stream)

    play(wire, journal_file, wire.says(wire.streamed() if stream else wire.answer()), scenario)


@pytest.mark.parametrize("stream", [False, True])
def test_clean_end_mid_answer_looks_complete(wire: Any, journal_file: Path, stream: bool) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject("clean_end_mid_answer", after_bytes=100)
        data = await bench.ask(wire.chat_request(stream=stream))
        assert data.endswith(b"\r\n0\r\n\r\n")
        assert b"content-length" not in data.lower()
        assert receipts(bench)
        assert await bench.ask(wire.chat_request(stream=stream)) == data

    play(wire, journal_file, wire.says(wire.streamed() if stream else wire.answer()), scenario)


def test_delayed_answer_is_never_early(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject("delayed_answer", delay_s=0.06, jitter_s=0.02)
        for _ in range(5):
            began = time.monotonic()
            assert await bench.ask(wire.chat_request()) == wire.answer()
            took, receipt = time.monotonic() - began, receipts(bench)[-1]
            assert 0.04 <= receipt["seconds"] <= 0.08
            assert took >= receipt["seconds"]
        assert len({receipt["seconds"] for receipt in receipts(bench)}) == 5

    play(wire, journal_file, wire.says(wire.answer()), scenario)


def test_slow_first_token_lets_the_role_pass_and_holds_the_text(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject("slow_first_token", delay_s=0.15)
        reader, writer = await bench.connect()
        writer.write(wire.chat_request(stream=True))
        await reader.readuntil(b'"role":"assistant"')
        role_at = time.monotonic()
        await reader.readuntil(b"word0")
        assert time.monotonic() - role_at >= 0.14
        await reader.readuntil(b"0\r\n\r\n")
        await wire.closed(writer)
        assert receipts(bench)[0]["seconds"] == 0.15

    play(wire, journal_file, wire.says(wire.streamed()), scenario)


def test_stall_after_tokens_counts_text_and_goes_on(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject("stall_after_tokens", tokens=3, for_s=0.15)
        reader, writer = await bench.connect()
        writer.write(wire.chat_request(stream=True))
        await reader.readuntil(b"word2")
        before = time.monotonic()
        await reader.readuntil(b"word3")
        assert time.monotonic() - before >= 0.14
        await reader.readuntil(b"[DONE]\n\n\r\n0\r\n\r\n")
        await wire.closed(writer)
        assert receipts(bench)[0]["after_tokens"] == 3

    play(wire, journal_file, wire.says(wire.streamed()), scenario)


def test_trickle_and_throttle_take_their_time_and_lose_nothing(wire: Any, journal_file: Path) -> None:
    body = b"x" * 100

    async def scenario(bench: Any) -> None:
        for fault, parameters in [
            ("trickle", {"step_bytes": 10, "every_s": 0.02}),
            ("throttled_answer", {"bytes_per_second": 500}),
        ]:
            bench.inject(fault, **parameters)  # type: ignore[arg-type]
            began = time.monotonic()
            assert await bench.ask(wire.chat_request()) == wire.answer(body)
            assert time.monotonic() - began >= 0.2
            bench.injections.clear()

    play(wire, journal_file, wire.says(wire.answer(body)), scenario)


def test_a_body_of_one_step_is_not_trickled_and_not_said_to_be(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject("trickle", step_bytes=1_000_000_000, every_s=5.0)
        began = time.monotonic()
        assert await bench.ask(wire.chat_request()) == wire.answer()
        assert time.monotonic() - began < 4

    play(wire, journal_file, wire.says(wire.answer()), scenario)
    lines = [json.loads(line) for line in journal_file.read_text().splitlines()]
    assert [line["applied"] for line in lines if line["kind"] == "receipt"] == [False]


def test_slow_fin_gives_all_and_closes_late(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject("slow_fin", delay_s=0.15)
        began = time.monotonic()
        data, was_reset = await ask_until_reset(bench, wire.chat_request())
        assert time.monotonic() - began >= 0.15
        assert not was_reset
        head, _, body = data.partition(b"\r\n\r\n")
        assert body == wire.CHAT
        assert b"content-length" not in head.lower()
        assert receipts(bench)

    play(wire, journal_file, wire.says(wire.answer()), scenario)


def test_half_open_keep_alive_resets_the_second_request(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject("half_open_keep_alive")
        reader, writer = await bench.connect()
        writer.write(wire.chat_request())
        assert await wire.read_answer(reader) == wire.answer()
        writer.write(wire.chat_request())
        with pytest.raises(ConnectionResetError):
            await wire.read_answer(reader)
        await wire.closed(writer)
        assert len(bench.upstream.requests) == 1
        assert [(receipt["call"], receipt["what"]) for receipt in receipts(bench)] == [
            (1, "the next request on this connection is reset"),
            (2, "reset: the connection was used again"),
        ]
        assert receipts(bench)[1]["left_by_call"] == 1
        first, second = bench.lines("wire")
        assert (first["ended"], first["client_ended"]) == ("complete", "complete")
        assert (second["ended"], second["client_ended"], second["status"]) == ("fault", "reset", None)
        assert (second["faults"], second["upstream_status"]) == (["half_open_keep_alive"], None)

    play(wire, journal_file, wire.says(wire.answer()), scenario)


@pytest.mark.parametrize("by_client", [False, True])
def test_half_open_keep_alive_has_nothing_to_reset_where_the_connection_ends(
    wire: Any, journal_file: Path, by_client: bool
) -> None:
    said = wire.answer(headers=b"" if by_client else b"Connection: close\r\n")

    async def scenario(bench: Any) -> None:
        bench.inject("half_open_keep_alive")
        assert await bench.ask(wire.chat_request(headers=b"Connection: close\r\n" if by_client else b"")) == said
        (receipt,) = receipts(bench, applied=False)
        assert receipt["reason"] == "the connection ends with this answer: there is no next request"

    play(wire, journal_file, wire.says(said), scenario)


def test_half_open_keep_alive_that_ends_during_the_answer_resets_nothing(wire: Any, journal_file: Path) -> None:
    go_on = asyncio.Event()

    async def script(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(wire.answer()[:-10])
        await go_on.wait()
        writer.write(wire.answer()[-10:])

    async def scenario(bench: Any) -> None:
        bench.inject("half_open_keep_alive")
        reader, writer = await bench.connect()
        writer.write(wire.chat_request())
        await reader.readuntil(b"\r\n\r\n")
        bench.injections.remove("half_open_keep_alive")
        go_on.set()
        await reader.readexactly(len(wire.CHAT))
        writer.write(wire.chat_request())
        assert await wire.read_answer(reader) == wire.answer()
        await wire.closed(writer)

    play(wire, journal_file, script, scenario)


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
@pytest.mark.parametrize("lapses", [False, True])
def test_half_open_keep_alive_resets_nothing_once_it_has_ended(
    wire: Any, journal_file: Path, lapses: bool, run: Any
) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject("half_open_keep_alive", lease_s=0.2 if lapses else 60)
        reader, writer = await bench.connect()
        writer.write(wire.chat_request())
        assert await wire.read_answer(reader) == wire.answer()
        if lapses:
            async with asyncio.timeout(5):
                while bench.injections.active:  # noqa: ASYNC110 - polled on purpose
                    await asyncio.sleep(0.01)
        else:
            bench.injections.remove("half_open_keep_alive")
        writer.write(wire.chat_request())
        assert await wire.read_answer(reader) == wire.answer()
        await wire.closed(writer)

    play(wire, journal_file, wire.says(wire.answer()), scenario, run=run)


def test_half_open_keep_alive_still_resets_when_another_injection_ends(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject("half_open_keep_alive")
        bench.inject("wrong_model")
        reader, writer = await bench.connect()
        writer.write(wire.chat_request())
        assert b"200 OK" in await wire.read_answer(reader)
        bench.injections.remove("wrong_model")
        writer.write(wire.chat_request())
        with pytest.raises(ConnectionResetError):
            await wire.read_answer(reader)
        await wire.closed(writer)

    play(wire, journal_file, wire.says(wire.answer()), scenario)


def test_the_record_says_how_the_client_was_left_and_only_what_did_something(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        await ask_until_reset(bench, wire.chat_request())
        bench.inject("reset_mid_body", after_bytes=20)
        bench.inject("missing_terminator")  # of a stream: it cannot apply to this answer
        assert (await ask_until_reset(bench, wire.chat_request()))[1]
        healthy, broken = bench.lines("wire")
        assert "client_ended" not in healthy
        assert (broken["client_ended"], broken["faults"]) == ("reset", ["reset_mid_body"])
        assert [line["injection"] for line in receipts(bench, applied=False)] == ["missing_terminator"]

    play(wire, journal_file, wire.says(wire.answer(headers=b"Connection: close\r\n")), scenario)


@pytest.mark.parametrize("by_bytes", [10, -10])
def test_wrong_content_length_then_close(wire: Any, journal_file: Path, by_bytes: int) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject("wrong_content_length", by_bytes=by_bytes)
        data, was_reset = await ask_until_reset(bench, wire.chat_request())
        assert not was_reset
        head, _, body = data.partition(b"\r\n\r\n")
        assert b"Content-Length: %d" % (len(wire.CHAT) + by_bytes) in head
        assert body == wire.CHAT
        assert receipts(bench)[0]["was"] == len(wire.CHAT)

    play(wire, journal_file, wire.says(wire.answer()), scenario)


@pytest.mark.parametrize("coded", [True, False])
def test_corrupt_gzip_cannot_be_decoded(wire: Any, journal_file: Path, coded: bool) -> None:
    headers = b"Content-Encoding: gzip\r\n" if coded else b""
    said = wire.answer(gzip.compress(wire.CHAT) if coded else wire.CHAT, headers=headers)

    async def scenario(bench: Any) -> None:
        bench.inject("corrupt_gzip")
        data = await bench.ask(wire.chat_request(headers=GZIP))
        head, _, body = data.partition(b"\r\n\r\n")
        assert b"content-encoding: gzip" in head.lower()
        if b"chunked" in head:
            body = b"".join(body.split(b"\r\n")[1::2])
        with pytest.raises((zlib.error, EOFError, gzip.BadGzipFile)):
            assert gzip.decompress(body) != wire.CHAT or pytest.fail("not damaged")
        assert receipts(bench)
        if not coded:
            assert await bench.ask(wire.chat_request()) == said  # a client that takes no gzip
            assert receipts(bench, applied=False)

    play(wire, journal_file, wire.says(said), scenario)


def test_refused_is_refused_by_the_system_and_the_port_stays_ours(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject("refused")
        await asyncio.sleep(0.02)
        with pytest.raises(ConnectionRefusedError):
            await bench.connect()
        bench.injections.remove("refused")
        await asyncio.sleep(0.02)
        assert await bench.ask(wire.chat_request()) == wire.answer()
        on, off = receipts(bench)
        assert (on["state"], on["connections_seen"]) == ("on", "not observable")
        assert (off["state"], off["connections_seen"]) == ("off", "not observable")
        assert off["at_from"] == on["at_from"] < off["at_to"]

    play(wire, journal_file, wire.says(wire.answer()), scenario)


def test_the_first_two_connections_are_reset_and_counted(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject("refused", schedule=Schedule(first=2))
        for _ in range(2):
            assert await ask_until_reset(bench, wire.chat_request()) == (b"", True)
        assert await bench.ask(wire.chat_request()) == wire.answer()
        bench.injections.remove("refused")
        assert receipts(bench)[-1]["connections_seen"] == 2

    play(wire, journal_file, wire.says(wire.answer()), scenario)


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
@pytest.mark.parametrize("ends", ["removed", "lapsed", "by itself"])
def test_accept_then_silence_is_served_when_it_ends(wire: Any, journal_file: Path, run: Any, ends: str) -> None:
    """Also what the client sent during the silence, on both loops: uvloop reads on though it was told to pause."""

    async def scenario(bench: Any) -> None:
        bench.inject(
            "accept_then_silence", for_s=0.3 if ends == "by itself" else 60, lease_s=0.3 if ends == "lapsed" else 60
        )
        reader, writer = await bench.connect()
        writer.write(wire.chat_request())
        with pytest.raises(TimeoutError):
            await wire.read_answer(reader, limit_s=0.1)
        assert bench.upstream.requests == []
        if ends == "removed":
            bench.injections.remove("accept_then_silence")
        if ends == "by itself":
            assert await wire.read_answer(reader) == b""  # its own end is a FIN
        else:
            assert await wire.read_answer(reader) == wire.answer()
        await wire.closed(writer)

    play(wire, journal_file, wire.says(wire.answer()), scenario, run=run)


def test_accept_then_silence_has_its_state_receipts(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject("accept_then_silence")
        reader, writer = await bench.connect()
        writer.write(wire.chat_request())
        with pytest.raises(TimeoutError):
            await wire.read_answer(reader, limit_s=0.1)
        assert bench.upstream.requests == []
        bench.injections.remove("accept_then_silence")
        assert await wire.read_answer(reader) == wire.answer()
        await wire.closed(writer)
        assert [receipt["state"] for receipt in receipts(bench)] == ["on", "hit", "off"]

    play(wire, journal_file, wire.says(wire.answer()), scenario)


def test_a_wait_ends_with_its_lease(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject("delayed_answer", delay_s=30, lease_s=0.1)
        began = time.monotonic()
        assert await bench.ask(wire.chat_request()) == wire.answer()
        assert time.monotonic() - began < 5
        assert [line["what"] for line in bench.lines("lease")] == ["granted", "expired"]

    play(wire, journal_file, wire.says(wire.answer()), scenario)


def test_scopes_on_faults_of_connections_are_refused(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        for scope, schedule in [(Scope(models=("gpt-*",)), None), (None, Schedule(sticky="client"))]:
            with pytest.raises(BadInput, match="acts on connections"):
                bench.inject("refused", scope=scope, schedule=schedule)
        with pytest.raises(BadInput, match="needs a TLS listener"):
            bench.inject("expired_certificate")

    play(wire, journal_file, wire.says(wire.answer()), scenario)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("expired_certificate", "certificate has expired"),
        ("wrong_host", "not valid for '127.0.0.1'"),
        ("unknown_authority", "unable to get local issuer|self.signed"),
    ],
)
def test_a_wrong_certificate_fails_for_its_own_reason(wire: Any, journal_file: Path, fault: str, reason: str) -> None:
    async def scenario(bench: Any) -> None:
        trusts = ssl.create_default_context(cafile=bench.proxy.authority_file)

        async def ask() -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", bench.port, ssl=trusts)
            writer.write(wire.chat_request())
            data: bytes = await wire.read_answer(reader)
            await wire.closed(writer)
            return data

        assert await ask() == wire.answer()
        bench.inject(fault)
        with pytest.raises(ssl.SSLCertVerificationError, match=reason):
            await ask()
        bench.injections.clear()
        assert await ask() == wire.answer()
        assert "hit" in [receipt["state"] for receipt in receipts(bench)]

    play(wire, journal_file, wire.says(wire.answer()), scenario, tls=True)


def test_a_stalled_handshake_never_ends(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        trusts = ssl.create_default_context(cafile=bench.proxy.authority_file)
        bench.inject("handshake_stall")
        with pytest.raises((TimeoutError, ConnectionError)):
            async with asyncio.timeout(0.2):
                await asyncio.open_connection("127.0.0.1", bench.port, ssl=trusts)

    play(wire, journal_file, wire.says(wire.answer()), scenario, tls=True)


# --- a fault that was chosen and could do nothing says so


async def not_applied(bench: Any) -> dict[str, Any]:
    """The one receipt, waited for."""
    async with asyncio.timeout(5):
        while not (found := bench.lines("receipt")):  # noqa: ASYNC110 - polled on purpose
            await asyncio.sleep(0.005)
    (receipt,) = found
    assert not receipt["applied"]
    return dict(receipt)


def test_a_switch_of_protocols_leaves_nothing_to_change(wire: Any, journal_file: Path) -> None:
    switched = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"

    async def scenario(bench: Any) -> None:
        bench.inject("reset_mid_body", after_bytes=1)
        reader, writer = await bench.connect()
        writer.write(b"GET /v1/realtime HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        assert await reader.readexactly(len(switched)) == switched
        await wire.closed(writer)
        assert (await not_applied(bench))["reason"] == "the connection switched protocols"

    play(wire, journal_file, wire.says(switched), scenario)


def test_an_answer_that_is_no_strict_http_cannot_be_changed(wire: Any, journal_file: Path) -> None:
    said = b"HTTP/1.1 200 OK\nServer: old\n\nbare line feeds"

    async def script(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        writer.close()

    async def scenario(bench: Any) -> None:
        bench.inject("empty_content")
        data, _ = await ask_until_reset(bench, wire.chat_request())
        assert data == said
        assert (await not_applied(bench))["reason"].startswith("the answer is not strict HTTP/1.1: ")

    play(wire, journal_file, script, scenario)


def test_a_client_that_goes_before_the_answer_was_not_hurt(wire: Any, journal_file: Path) -> None:
    asked, gone = asyncio.Event(), asyncio.Event()

    async def script(_request: bytes, _writer: asyncio.StreamWriter) -> None:
        asked.set()
        await gone.wait()

    async def scenario(bench: Any) -> None:
        bench.inject("empty_content")
        _, writer = await bench.connect()
        writer.write(wire.chat_request())
        await asked.wait()
        await wire.closed(writer)
        receipt = await not_applied(bench)
        assert receipt["reason"] == "the client left before the fault had done anything"
        gone.set()

    play(wire, journal_file, script, scenario)
