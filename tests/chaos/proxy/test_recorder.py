import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.proxy import recorder as module
from llmops.chaos.proxy.call import Call
from llmops.chaos.proxy.http1 import scan_head
from llmops.chaos.proxy.journal import Journal
from llmops.chaos.proxy.recorder import Recorder, packed, unpacked
from llmops.chaos.proxy.records import RecordsHere
from llmops.chaos.wire.dialects import dialect_of

ANSWER = (
    b'{"model":"gpt-4o-2024-08-06","choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}],'
    b'"usage":{"prompt_tokens":9,"completion_tokens":4}}'
)
EVENTS = [
    b'data: {"model":"m","choices":[{"delta":{"role":"assistant"},"finish_reason":null}]}\n\n',
    b'data: {"model":"m","choices":[{"delta":{"content":"Hi"},"finish_reason":null}]}\n\ndata: [DO',
    b"NE]\n\n",
]


def call(number: int, *, path: bytes = b"/v1/chat/completions", stream: bool = False) -> Call:
    body = b'{"model":"gpt-4o","messages":[{"role":"user","content":"question %d"}]}' % (number // 2)
    head = b"POST %s HTTP/1.1\r\nHost: p\r\nContent-Length: %d\r\n\r\n" % (path, len(body))
    made = Call(scan_head(head, b"up"), dialect_of(b"POST", path), 100.0, 1_790_000_000.25)
    made.number, made.body, made.request_bytes = number, body, len(head) + len(body)
    made.status, made.ended, made.first_byte_at, made.answer_bytes = 200, "complete", 100.5, 300
    kind = b"text/event-stream" if stream else b"application/json"
    made.answer_head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nX-Request-Id: req_%d\r\n\r\n" % (kind, number)
    made.pieces = EVENTS if stream else [ANSWER]
    made.stamps = [(1, 100.5), (2, 101.0), (3, 101.5)] if stream else [(1, 100.5)]
    if number % 3 == 0:
        made.faults, made.client_status, made.client_bytes, made.note, made.retried = ("f",), 500, 12, "a note", True
    return made


def calls(count: int = 30) -> list[Call]:
    paths = (b"/v1/chat/completions", b"/v1/files", b"/openai/deployments/my-gpt/chat/completions")
    return [call(number, path=paths[number % 3], stream=number % 2 == 1) for number in range(count)]


def lines_of(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]


def recorded(path: Path, work: Callable[[Recorder], Awaitable[None]], *, bodies: bool = False) -> list[Any]:
    """What is in the file after the work and a clean end."""
    journal = Journal(path, run="r")

    async def main() -> None:
        recorder = Recorder(journal, path, bodies=bodies)
        recorder.start()
        try:
            await work(recorder)
        finally:
            await recorder.close()

    asyncio.run(main())
    journal.close()
    return lines_of(path)


async def all_of(recorder: Recorder) -> None:
    for each in calls():
        recorder.add(each, "openai", 102.0)


@pytest.mark.parametrize("bodies", [False, True])
def test_a_process_apart_makes_the_records_that_the_proxy_would_make(tmp_path: Path, bodies: bool) -> None:
    apart = recorded(tmp_path / "apart.jsonl", all_of, bodies=bodies)
    journal = Journal(tmp_path / "here.jsonl", run="r")
    here = RecordsHere(journal, bodies=bodies)
    here.soon = lambda _work: None
    for each in calls():
        here.add(each, "openai", 102.0)
    here.flush()
    journal.close()
    assert apart == lines_of(tmp_path / "here.jsonl")
    assert len(apart) == 30
    assert {line["run"] for line in apart} == {"r"}
    assert [line["attempt"] for line in apart if line["dialect"] == "openai_chat"][:2] == [1, 1]
    assert {line["ttft_s"] for line in apart if line.get("stream") is False} >= {None}


def test_a_call_comes_out_of_its_parcel_as_it_went_in() -> None:
    for each in calls(6):
        again, provider, ended_s = unpacked(packed(each, "openai", 3.5))
        assert (provider, ended_s) == ("openai", 3.5)
        gone = {"exchange", "outgoing", "head", "asked", "client", "sent_interim", "faults"}
        for name in set(Call.__slots__) - gone:
            assert getattr(again, name) == getattr(each, name), name
        assert list(again.faults) == list(each.faults)
        assert (again.head.raw, again.head.lower) == (each.head.raw, each.head.lower)


def test_records_waiting_for_a_recorder_that_is_behind_are_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH_CALLS", 1)

    async def stopped_for_a_while(recorder: Recorder) -> None:
        os.kill(recorder._process.pid, signal.SIGSTOP)
        for number in range(3000):
            recorder.add(call(2 * number), "openai", 102.0)
        assert recorder._behind_bytes > 0
        os.kill(recorder._process.pid, signal.SIGCONT)

    found = recorded(tmp_path / "p.jsonl", stopped_for_a_while)
    assert [line["call"] for line in found] == [2 * number for number in range(3000)]


def test_far_behind_the_proxy_waits_instead_of_filling_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH_CALLS", 1)
    monkeypatch.setattr(module, "BEHIND_BYTES", 10_000)

    async def more_than_that(recorder: Recorder) -> None:
        for number in range(3000):
            recorder.add(call(2 * number), "openai", 102.0)
            assert recorder._behind_bytes <= 10_000 + 2_000

    assert len(recorded(tmp_path / "p.jsonl", more_than_that)) == 3000


def test_when_the_recorder_dies_the_proxy_says_so_and_records_itself(tmp_path: Path) -> None:
    async def killed(recorder: Recorder) -> None:
        recorder._process.kill()
        recorder._process.wait()
        for number in range(200):
            recorder.add(call(2 * number), "openai", 102.0)
            recorder.flush()

    found = recorded(tmp_path / "p.jsonl", killed)
    (note,) = [line for line in found if line["kind"] == "note"]
    assert "some may be missing" in note["what"]
    assert {line["call"] for line in found if line["kind"] == "wire"} >= set(range(10, 400, 2))


HANDS_OVER_AND_DIES = """
import asyncio, os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_recorder import call
from llmops.chaos.proxy.journal import Journal
from llmops.chaos.proxy.recorder import Recorder

async def main():
    path = Path(sys.argv[1])
    recorder = Recorder(Journal(path), path, bodies=False)
    recorder.start()
    for number in range(100):
        recorder.add(call(number), "openai", 102.0)
    recorder.flush()
    while not path.stat().st_size:
        await asyncio.sleep(0.005)
    os.kill(recorder._process.pid, signal.SIGINT)
    os.kill(recorder._process.pid, signal.SIGTERM)
    recorder.add(call(100), "openai", 102.0)
    recorder.flush()
    print(recorder._process.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


def test_a_killed_proxy_leaves_the_records_it_handed_over_and_no_process(tmp_path: Path) -> None:
    journal = tmp_path / "p.jsonl"
    command = [sys.executable, "-c", HANDS_OVER_AND_DIES, str(journal), str(Path(__file__).parent)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    pid = int(done.stdout)
    limit = time.monotonic() + 30
    while is_alive(pid) and time.monotonic() < limit:
        time.sleep(0.01)  # it is nobody's child any more: there is nothing to wait on
    assert not is_alive(pid)
    assert len(lines_of(journal)) == 101


def is_alive(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
