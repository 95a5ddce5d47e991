import asyncio
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.proxy.client_body import client_body

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


@pytest.mark.parametrize(
    ("sent", "body"),
    [
        (HEAD + b"Content-Length: 5\r\n\r\nhello", b"hello"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", b"hello"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n5\r\nlo", b"hello"),  # cut in a chunk
        (HEAD + b"Content-Length: 50\r\n\r\nhello", b"hello"),  # cut before its length
        (HEAD + b"Connection: close\r\n\r\nhello", b"hello"),  # to the end of the connection
        (HEAD + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n" + gzip.compress(b"hello", mtime=0), b"hello"),
        (HEAD + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\nnot gzip at all", None),
        (HEAD + b"Content-Encoding: x-mine\r\nContent-Length: 2\r\n\r\nab", None),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\nZZ\r\nlo", b"hel"),  # damaged framing
        (b"", b""),
        (b"no HTTP at all", b""),
    ],
)
def test_the_body_is_read_as_far_as_a_client_could(sent: bytes, body: bytes | None) -> None:
    assert client_body(sent) == body


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("fault", ["refusal_field", "html_as_200"])
def test_with_bodies_recorded_the_journal_has_what_the_client_got_beside_what_the_provider_said(
    wire: Any, journal_file: Path, fault: str, stream: bool
) -> None:
    said = wire.streamed() if stream else wire.answer()

    async def main() -> None:
        async with wire.bench(wire.says(said), journal_file, record_bodies=True) as bench:
            await bench.ask(wire.chat_request(stream=stream))
            bench.inject(fault)
            got = await bench.ask(wire.chat_request(stream=stream))
            healthy, broken = bench.lines("wire")
        assert "client_body" not in healthy
        assert broken["faults"] == [fault]
        assert broken["client_body"].encode() == client_body(got)
        assert broken["client_body"] != broken["answer_body"]
        if fault == "refusal_field":
            assert broken["answer_body"] == healthy["answer_body"]
            assert '"refusal":' in broken["client_body"]

    asyncio.run(main())


def test_check_judges_what_the_client_got(wire: Any, journal_file: Path) -> None:
    from llmops.chaos.reliability.exchange import Checked
    from llmops.chaos.reliability.lines import read_line

    async def main() -> None:
        async with wire.bench(wire.says(wire.answer()), journal_file, record_bodies=True) as bench:
            await bench.ask(wire.chat_request())
            bench.inject("empty_content")
            await bench.ask(wire.chat_request())
            lines = bench.lines("wire")
        healthy, broken = (read_line(json.dumps(line).encode()) for line in lines)
        assert isinstance(healthy, Checked)
        assert isinstance(broken, Checked)
        assert (healthy.answer.text, broken.answer.text) == ("Hello, world.", "")

    asyncio.run(main())
