"""How calls end that a fault had a hand in: what the record says, and what becomes of them when the injection ends."""

import asyncio
import gzip
import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.proxy.injection import Injection
from llmops.chaos.proxy.schedule import Scope
from llmops.chaos.wire.parts import Action, AnswerHead, End, Part, Piece

GET = b"GET /v1/models HTTP/1.1\r\nHost: a\r\n"


def play(wire: Any, journal: Path, script: Any, scenario: Any, **plan: Any) -> None:
    async def main() -> None:
        async with wire.bench(script, journal, **plan) as bench:
            await scenario(bench)

    asyncio.run(main())


async def until(condition: Any) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - polled on purpose
            await asyncio.sleep(0.002)


async def rest_of(reader: asyncio.StreamReader) -> bytes:
    """All that still comes, also before a RST."""
    data = b""
    try:
        async with asyncio.timeout(5):
            while more := await reader.read(65536):
                data += more
    except ConnectionResetError:
        pass
    return data


class Steps:
    """An upstream that says one part of its answer each time it is let."""

    def __init__(self, head: bytes, parts: Iterable[bytes]) -> None:
        self.head, self.parts = head, list(parts)
        self._may = asyncio.Semaphore(0)

    async def __call__(self, _request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(self.head)
        for part in self.parts:
            await self._may.acquire()
            writer.write(part)
            await writer.drain()

    def let(self, count: int) -> None:
        for _ in range(count):
            self._may.release()


def stepped(wire: Any, words: int = 10) -> Steps:
    head, _, _ = wire.streamed([b"x"]).partition(b"\r\n\r\n")
    chunks = [b"%x\r\n%s\r\n" % (len(part), part) for part in wire.events(words)]
    return Steps(head + b"\r\n\r\n", [*chunks, b"0\r\n\r\n"])


def body_of(answer: bytes) -> bytes:
    """Chunks undone, as far as they go."""
    rest, body = answer.partition(b"\r\n\r\n")[2], b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        body, rest = body + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    return body


def told_after_its_end(bench: Any) -> list[dict[str, Any]]:
    lines = bench.lines()
    ends = [at for at, line in enumerate(lines) if line.get("what") == "injection off"]
    return [line for line in lines[ends[0] :] if line["kind"] == "receipt"]


# --- the record's words


@pytest.mark.parametrize(
    ("fault", "parameters", "client_ended"),
    [
        ("reset_mid_body", {"after_bytes": 300}, "reset"),
        ("fin_mid_chunk", {"after_bytes": 300}, "closed"),
        ("clean_end_mid_answer", {"after_bytes": 300}, "complete"),
        ("error_event", {"after_pieces": 2}, "complete"),
    ],
)
@pytest.mark.parametrize("closes", [False, True])
def test_a_stream_that_a_fault_cut_ended_by_the_fault(  # noqa: PLR0917 - drawn by name
    wire: Any, journal_file: Path, fault: str, parameters: dict[str, Any], client_ended: str, closes: bool
) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject(fault, **parameters)
        reader, writer = await bench.connect()
        writer.write(wire.chat_request(stream=True, headers=b"Connection: close\r\n" if closes else b""))
        await until(lambda: bench.lines("wire"))
        await wire.closed(writer)
        del reader
        (record,) = bench.lines("wire")
        assert (record["ended"], record["client_ended"]) == ("fault", client_ended)
        assert (record["status"], record["upstream_status"]) == (200, 200)

    play(wire, journal_file, wire.says(wire.streamed()), scenario)


def test_a_route_without_dialect_that_a_fault_cut_ended_by_the_fault(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject("reset_mid_body", after_bytes=5)
        reader, writer = await bench.connect()
        writer.write(GET + b"\r\n")
        await rest_of(reader)
        await wire.closed(writer)
        (record,) = bench.lines("wire")
        assert (record["ended"], record["client_ended"]) == ("fault", "reset")

    play(wire, journal_file, wire.says(wire.answer()), scenario)


@pytest.mark.parametrize("closes", [False, True])
@pytest.mark.parametrize(
    ("fault", "parameters"),
    [("duplicate_chunks", {"every": 2}), ("soft_refusal", {}), ("slow_fin", {"delay_s": 0}), ("delayed_answer", {})],
)
def test_an_answer_whose_end_has_passed_is_complete_also_where_its_connection_is_closed(
    wire: Any, journal_file: Path, fault: str, parameters: dict[str, Any], closes: bool
) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject(fault, **{"delay_s": 0.0} if fault == "delayed_answer" else parameters)
        await bench.ask(wire.chat_request(stream=True, headers=b"Connection: close\r\n" if closes else b""))
        await until(lambda: bench.lines("wire"))
        (record,) = bench.lines("wire")
        assert (record["ended"], record["client_ended"]) == ("complete", "complete")

    play(wire, journal_file, wire.says(wire.streamed()), scenario)


# --- a client that leaves, and a fault that fails


def test_a_client_that_left_before_the_reset_was_not_reset(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject("reset_before_headers", after_s=30.0)
        _, writer = await bench.connect()
        writer.write(wire.chat_request())
        await until(lambda: bench.injections.counts("reset_before_headers") == (1, 1))
        await wire.closed(writer)
        await until(lambda: bench.lines("wire"))
        (record,), (receipt,) = bench.lines("wire"), bench.lines("receipt")
        assert (record["ended"], record["status"], record.get("faults")) == ("client_gone", None, None)
        assert (receipt["applied"], receipt["reason"]) == (False, "the client left before the fault had done anything")

    play(wire, journal_file, wire.says(wire.answer()), scenario)


@dataclass(frozen=True)
class Broken:
    """A fault with a mistake in it."""

    where: str
    family: ClassVar[Family] = "transport"
    reads: ClassVar[Reads] = "pieces"

    def answer(self, _context: FaultContext) -> Iterator[Part | Action] | None:
        return self._answer() if self.where == "answer" else None

    def _answer(self) -> Iterator[Part | Action]:
        yield from [] if self.where else [End()]
        raise ZeroDivisionError

    def stage(self, context: FaultContext) -> Stage:
        if self.where == "stage":
            raise ZeroDivisionError
        return _BrokenStage(context, self.where)


@dataclass
class _BrokenStage:
    context: FaultContext
    where: str

    def feed(self, part: Part) -> Iterator[Part | Action]:
        if isinstance(part, AnswerHead if self.where == "head" else Piece):
            raise ZeroDivisionError
        yield part


@pytest.mark.parametrize("where", ["answer", "stage", "head", "data"])
def test_a_fault_that_fails_has_broken_the_call_and_says_so(
    wire: Any, journal_file: Path, caplog: pytest.LogCaptureFixture, where: str
) -> None:
    async def scenario(bench: Any) -> None:
        bench.injections.add(Injection("mine", Broken(where)), lease_s=60)
        reader, writer = await bench.connect()
        writer.write(wire.chat_request())
        await rest_of(reader)
        await wire.closed(writer)
        (record,), (receipt,) = bench.lines("wire"), bench.lines("receipt")
        assert (record["ended"], record["client_ended"], record["faults"]) == ("fault", "reset", ["mine"])
        assert record["note"] == "the fault itself failed: ZeroDivisionError: "
        assert (receipt["applied"], receipt["injection"], receipt["call"]) == (True, "mine", record["call"])
        assert receipt["what"] == "the fault itself failed: the call was broken"

    with caplog.at_level(logging.WARNING):
        play(wire, journal_file, wire.says(wire.answer()), scenario)
    assert not caplog.records


# --- the injection ends while the answer is under way


@pytest.mark.parametrize("end", ["removed", "lease expired", "the proxy ended"])
def test_a_stream_under_way_goes_on_as_it_is_when_its_injection_ends(wire: Any, journal_file: Path, end: str) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject("duplicate_chunks", every=1, lease_s=0.3 if end == "lease expired" else 60)
        reader, writer = await bench.connect()
        writer.write(wire.chat_request(stream=True))
        steps.let(3)
        await reader.readuntil(b"word1")
        closing = None
        if end == "removed":
            bench.injections.remove("duplicate_chunks")
        elif end == "the proxy ended":
            closing = asyncio.create_task(bench.proxy.close(drain_s=5))
        await until(lambda: any(line.get("what") == "injection off" for line in bench.lines()))
        steps.let(100)
        rest = await reader.readuntil(b"\r\n0\r\n\r\n")
        assert [rest.count(b"word%d" % word) for word in range(2, 10)] == [1] * 8
        await wire.closed(writer)
        if closing is not None:
            await closing
        assert [line["why"] for line in bench.lines() if line.get("what") == "injection off"] == [end]
        assert told_after_its_end(bench) == []
        assert len(bench.lines("receipt")) == 2
        (record,) = bench.lines("wire")
        assert (record["ended"], record["faults"]) == ("complete", ["duplicate_chunks"])

    steps = stepped(wire)
    play(wire, journal_file, steps, scenario)


def test_a_text_that_was_being_replaced_goes_on_as_the_upstream_says_it(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject("soft_refusal")
        reader, writer = await bench.connect()
        writer.write(wire.chat_request(stream=True))
        steps.let(4)
        await reader.readuntil(b"sorry")
        bench.injections.remove("soft_refusal")
        await reader.readuntil(b"word2")  # was held one behind: it comes at once, nothing further was said
        steps.let(100)
        rest = await reader.readuntil(b"\r\n0\r\n\r\n")
        assert all(b"word%d" % word in rest for word in range(3, 10))
        await wire.closed(writer)
        assert len(bench.lines("receipt")) == 1

    steps = stepped(wire)
    play(wire, journal_file, steps, scenario)


def test_a_fault_that_had_done_nothing_says_so_before_its_end(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject("length_cutoff")  # holds the text to its end
        reader, writer = await bench.connect()
        writer.write(wire.chat_request(stream=True))
        steps.let(4)
        await reader.readuntil(b"assistant")
        await asyncio.sleep(0.05)
        bench.injections.remove("length_cutoff")
        await reader.readuntil(b"word2")  # what was held comes at once
        steps.let(100)
        await reader.readuntil(b"\r\n0\r\n\r\n")
        await wire.closed(writer)
        (receipt,) = bench.lines("receipt")
        assert (receipt["applied"], receipt["reason"]) == (
            False,
            "the injection ended before the fault found anything to change",
        )
        assert told_after_its_end(bench) == []
        assert "faults" not in bench.lines("wire")[0]

    steps = stepped(wire)
    play(wire, journal_file, steps, scenario)


@pytest.mark.parametrize("also", [False, True])
def test_of_a_held_answer_only_the_edits_still_on_are_made(wire: Any, journal_file: Path, also: bool) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject("soft_refusal")
        if also:
            bench.inject("wrong_model", model="other")
        reader, writer = await bench.connect()
        writer.write(wire.chat_request())
        steps.let(1)
        await until(lambda: bench.injections.counts("soft_refusal") == (1, 1))
        await asyncio.sleep(0.05)
        bench.injections.remove("soft_refusal")
        steps.let(1)
        got = await wire.read_answer(reader)
        await wire.closed(writer)
        assert b"Hello, world." in got
        assert (b'"model":"other"' in got, got == whole) == (also, not also)
        receipts = {receipt["injection"]: receipt["applied"] for receipt in bench.lines("receipt")}
        assert receipts == {"soft_refusal": False, **({"wrong_model": True} if also else {})}

    whole = wire.answer()
    steps = Steps(whole[:150], [whole[150:200], whole[200:]])
    play(wire, journal_file, steps, scenario)


def test_a_body_put_into_gzip_stays_in_gzip_and_is_whole(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject("corrupt_gzip", at_byte=60)
        reader, writer = await bench.connect()
        writer.write(wire.chat_request(stream=True, headers=b"Accept-Encoding: gzip\r\n"))
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"content-encoding: gzip" in head
        bench.injections.remove("corrupt_gzip")
        steps.let(100)
        rest = await reader.readuntil(b"\r\n0\r\n\r\n")
        await wire.closed(writer)
        assert gzip.decompress(body_of(head + rest)) == b"".join(wire.events())

    steps = stepped(wire)
    play(wire, journal_file, steps, scenario)


@pytest.mark.parametrize(
    ("fault", "parameters"),
    [("slow_fin", {"delay_s": 30.0}), ("wrong_content_length", {"by_bytes": 10}), ("throttled_answer", {})],
)
def test_a_framing_that_was_changed_is_ended_lawfully_and_no_wait_outlives_its_injection(
    wire: Any, journal_file: Path, fault: str, parameters: dict[str, Any]
) -> None:
    body = b"x" * 30_000  # at 1,000 bytes a second half a minute

    async def scenario(bench: Any) -> None:
        bench.inject(fault, **parameters)
        reader, writer = await bench.connect()
        writer.write(GET + b"Connection: close\r\n\r\n")
        began = time.monotonic()
        steps.let(1)
        await reader.readuntil(b"xx")
        bench.injections.remove(fault)
        steps.let(1)
        rest = await rest_of(reader)
        await wire.closed(writer)
        assert time.monotonic() - began < 5
        assert len(rest) in {len(body) - 2, len(body) - len(b"xx")}
        assert told_after_its_end(bench) == []

    whole = wire.answer(body)
    steps = Steps(whole[:-20_000], [whole[-20_000:-10], whole[-10:]])
    play(wire, journal_file, steps, scenario)


def test_one_that_ends_takes_no_wait_of_another_away(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject("delayed_answer", delay_s=0.3)
        bench.inject("duplicate_chunks", every=1)
        reader, writer = await bench.connect()
        began = time.monotonic()
        writer.write(wire.chat_request(stream=True))
        await until(lambda: bench.lines("receipt"))
        bench.injections.remove("duplicate_chunks")
        got = await wire.read_answer(reader)
        await wire.closed(writer)
        assert time.monotonic() - began >= 0.29
        assert got == wire.streamed()

    play(wire, journal_file, wire.says(wire.streamed()), scenario)


@pytest.mark.parametrize("path", [b"/v1/chat/completions", b"/v1/files"])
def test_a_reset_that_was_still_to_come_comes_no_more_and_the_upstream_is_asked(
    wire: Any, journal_file: Path, path: bytes
) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject("reset_before_headers", after_s=30.0)
        reader, writer = await bench.connect()
        request = wire.chat_request().replace(b"/v1/chat/completions", path)
        writer.write(request)
        await until(lambda: bench.injections.counts("reset_before_headers") == (1, 1))
        bench.injections.remove("reset_before_headers")
        assert await wire.read_answer(reader) == wire.answer()
        await wire.closed(writer)
        assert bench.upstream.requests[0].partition(b"\r\n\r\n")[2] == request.partition(b"\r\n\r\n")[2]
        record = bench.lines("wire")[0]
        assert (record["ended"], record["status"], record.get("faults")) == ("complete", 200, None)
        assert [receipt["applied"] for receipt in bench.lines("receipt")] == [False]

    play(wire, journal_file, wire.says(wire.answer()), scenario)


def test_after_a_reset_that_comes_no_more_another_fault_that_is_on_answers(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject("reset_before_headers", after_s=30.0)
        bench.inject("rate_limit_requests")
        reader, writer = await bench.connect()
        writer.write(wire.chat_request())
        await until(lambda: bench.injections.counts("reset_before_headers") == (1, 1))
        bench.injections.remove("reset_before_headers")
        assert (await wire.read_answer(reader)).startswith(b"HTTP/1.1 429 ")
        await wire.closed(writer)
        assert (bench.lines("wire")[0]["ended"], bench.upstream.requests) == ("fault", [])
        receipts = {receipt["injection"]: receipt["applied"] for receipt in bench.lines("receipt")}
        assert receipts == {"reset_before_headers": False, "rate_limit_requests": True}

    play(wire, journal_file, wire.says(wire.answer()), scenario)


# --- an answer before the body has come


UPLOAD = b"POST /v1/files HTTP/1.1\r\nHost: a\r\n%b\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


@pytest.mark.parametrize("pieces", [1, 3])
@pytest.mark.parametrize("framing", [b"Content-Length: 6\r\n", CHUNKED])
def test_behind_a_body_that_a_fault_did_not_wait_for_the_next_request_is_served(
    wire: Any, journal_file: Path, framing: bytes, pieces: int
) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject("bad_gateway", scope=Scope(routes=("/v1/files",)))
        body = b"6\r\nabcdef\r\n0\r\n\r\n" if framing == CHUNKED else b"abcdef"
        sent = UPLOAD % framing + body + wire.chat_request()
        reader, writer = await bench.connect()
        size = len(sent) // pieces + 1
        for at in range(0, len(sent), size):
            writer.write(sent[at : at + size])
            await asyncio.sleep(0.02)
        refusal = await reader.readuntil(b"\r\n\r\n")
        assert refusal.startswith(b"HTTP/1.1 502 ")
        assert b"connection: close" not in refusal.lower()
        at = refusal.lower().find(b"content-length:") + 15
        await reader.readexactly(int(refusal[at:].partition(b"\r")[0]))
        assert await wire.read_answer(reader) == wire.answer()
        await wire.closed(writer)
        assert [(line["route"], line["ended"], line["status"]) for line in bench.lines("wire")] == [
            ("/v1/files", "fault", 502),
            ("/v1/chat/completions", "complete", 200),
        ]

    play(wire, journal_file, wire.says(wire.answer()), scenario)


def test_who_waits_for_100_continue_and_is_refused_is_told_that_the_connection_ends(
    wire: Any, journal_file: Path
) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject("bad_gateway")
        reader, writer = await bench.connect()
        writer.write(UPLOAD % b"Content-Length: 6\r\nExpect: 100-continue\r\n")
        got = await rest_of(reader)
        await wire.closed(writer)
        assert got.startswith(b"HTTP/1.1 502 ")
        assert b"\r\nconnection: close\r\n" in got

    play(wire, journal_file, wire.says(wire.answer()), scenario)


def test_a_body_that_turns_bad_behind_the_answer_closes_the_connection(wire: Any, journal_file: Path) -> None:
    async def scenario(bench: Any) -> None:
        bench.inject("bad_gateway")
        reader, writer = await bench.connect()
        writer.write(UPLOAD % CHUNKED + b"0x3\r\nabc\r\n0\r\n\r\n" + wire.chat_request())
        await rest_of(reader)
        await wire.closed(writer)
        assert [line["ended"] for line in bench.lines("wire")] == ["fault"]
        assert bench.lines("note")[-1]["what"] == "request refused"

    play(wire, journal_file, wire.says(wire.answer()), scenario)
