import asyncio
import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.proxy import upstream
from llmops.chaos.proxy.call import Call
from llmops.chaos.proxy.http1 import scan_head
from llmops.chaos.proxy.journal import Journal
from llmops.chaos.proxy.records import RecordsHere
from llmops.chaos.wire.openai_chat import OpenaiChat


def test_records_are_made_after_what_is_being_sent_has_left_and_not_before(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "p.jsonl")
    records = RecordsHere(journal, bodies=False)
    later: list[Any] = []
    records.soon = later.append
    call = Call(scan_head(b"GET /v1/models HTTP/1.1\r\nHost: p\r\n\r\n", b"up"), None, 1.0, 1_790_000_000.0)
    records.add(call, "openai", 2.0)
    records.add(call, "openai", 2.5)
    assert (tmp_path / "p.jsonl").read_bytes() == b""
    assert len(later) == 1  # once for both
    later[0]()
    journal.close()
    lines = [json.loads(line) for line in (tmp_path / "p.jsonl").read_text().splitlines()]
    assert [line["duration_s"] for line in lines] == [1.0, 1.5]


@pytest.mark.parametrize("pieces", [1, 3, 40])
def test_the_record_of_a_request_under_a_fault_reads_its_whole_answer(
    wire: Any, journal_file: Path, pieces: int
) -> None:
    """slow_fin changes no content: tokens, finish reason and TTFT are those of the answer, however it came."""
    usage = b'data: {"model":"gpt-4o-mini","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":10}}\n\n'
    raw = wire.streamed([*wire.events()[:-1], usage, wire.events()[-1]])
    head, _, body = raw.partition(b"\r\n\r\n")
    size = -(-len(body) // pieces)

    async def script(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(head + b"\r\n\r\n")
        for at in range(0, len(body), size):
            writer.write(body[at : at + size])
            await writer.drain()
            await asyncio.sleep(0.002)

    async def scenario() -> None:
        async with wire.bench(script, journal_file) as bench:
            bench.inject("slow_fin", delay_s=0.01)
            await bench.ask(wire.chat_request(stream=True))
            (record,) = bench.lines("wire")
        assert record["faults"] == ["slow_fin"]
        assert (record["input_tokens"], record["output_tokens"]) == (9, 10)
        assert (record["finish_reason"], record["complete"]) == ("stop", True)
        assert record["text_characters"] == 60  # ten times "word0 "
        text = "word0 word1 word2 word3 word4 word5 word6 word7 word8 word9"  # without the space at its end
        assert record["text_hash"] == hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
        assert record["text_head_hashes"] == [
            hashlib.blake2b(text[:length].encode(), digest_size=8).hexdigest() for length in (16, 32)
        ]
        assert 0 < record["ttft_s"] < record["duration_s"]

    asyncio.run(scenario())


@pytest.mark.parametrize(("status", "told"), [(429, ("20", "20000")), (200, (None, None))])
def test_the_record_of_a_refusal_tells_when_to_come_back(
    tmp_path: Path, status: int, told: tuple[str | None, ...]
) -> None:
    journal = Journal(tmp_path / "p.jsonl")
    records = RecordsHere(journal, bodies=False)
    later: list[Any] = []
    records.soon = later.append
    head = scan_head(b"POST /v1/chat/completions HTTP/1.1\r\nHost: p\r\n\r\n", b"up")
    call = Call(head, OpenaiChat(), 1.0, 1_790_000_000.0)
    call.status = status
    call.answer_head = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 20\r\nretry-after-ms: 20000\r\n\r\n"
    records.add(call, "openai", 2.0)
    later[0]()
    journal.close()
    line = json.loads((tmp_path / "p.jsonl").read_text())
    assert (line.get("retry_after"), line.get("retry_after_ms")) == told


def test_recorded_bodies_can_be_read_whatever_their_coding_and_one_that_cannot_is_unknown(
    wire: Any, journal_file: Path
) -> None:
    coded = {
        b"gzip": gzip.compress(wire.CHAT),
        b"identity": wire.CHAT,
        b"x-mine": b"\x00\x01\x02",
    }

    async def script(request: bytes, writer: asyncio.StreamWriter) -> None:
        coding = next(coding for coding in coded if b"X-Coding: " + coding in request)
        writer.write(wire.answer(coded[coding], headers=b"Content-Encoding: " + coding + b"\r\n"))

    async def scenario() -> None:
        async with wire.bench(script, journal_file, record_bodies=True) as bench:
            for coding in coded:
                await bench.ask(wire.chat_request("a question", headers=b"X-Coding: " + coding + b"\r\n"))
            packed, plain, unknown = bench.lines("wire")
        assert json.loads(packed["answer_body"]) == json.loads(plain["answer_body"]) == json.loads(wire.CHAT)
        assert unknown["answer_body"] is None
        assert "answer_not_read" in unknown
        assert json.loads(packed["request_body"])["messages"] == [{"role": "user", "content": "a question"}]

    asyncio.run(scenario())


@pytest.mark.parametrize("fault", ["", "delayed_answer", "soft_refusal"])
@pytest.mark.parametrize("kept_bytes", [8 * 1024 * 1024, 100])
def test_the_bytes_of_an_answer_are_those_of_its_body_without_head_and_framing(
    wire: Any, journal_file: Path, monkeypatch: pytest.MonkeyPatch, fault: str, kept_bytes: int
) -> None:
    monkeypatch.setattr(upstream, "KEPT_ANSWER_BYTES", kept_bytes)
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    packed = gzip.compress(b"".join(wire.events()))
    coded = wire.streamed([packed[:20], packed[20:]], headers=b"Content-Encoding: gzip\r\n")
    said = [hints + wire.answer(), wire.streamed(), coded]

    async def script(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(said[len(asked)])
        asked.append(1)

    async def scenario() -> None:
        async with wire.bench(script, journal_file) as bench:
            if fault:
                bench.inject(fault, **{"delay_s": 0.0} if fault == "delayed_answer" else {})
            for at in range(len(said)):
                reader, writer = await bench.connect()
                writer.write(wire.chat_request(stream=at > 0))
                if at == 0:
                    await reader.readexactly(len(hints))
                await wire.read_answer(reader)
                await wire.closed(writer)
            records = bench.lines("wire")
        assert [record["answer_bytes"] for record in records] == [
            len(wire.CHAT), len(b"".join(wire.events())), len(packed)
        ]  # fmt: skip
        told = [record.get("text_characters") for record in records]
        assert told == ([None] * 3 if kept_bytes == 100 else [13, 60, 60])

    asked: list[int] = []
    asyncio.run(scenario())


def test_of_an_answer_that_is_no_http_the_bytes_of_the_body_are_unknown(wire: Any, journal_file: Path) -> None:
    async def script(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\nServer: old\n\nbare line feeds")
        writer.close()

    async def scenario() -> None:
        async with wire.bench(script, journal_file) as bench:
            reader, writer = await bench.connect()
            writer.write(wire.chat_request())
            await reader.read(-1)
            await wire.closed(writer)
            assert bench.lines("wire")[0]["answer_bytes"] is None

    asyncio.run(scenario())
