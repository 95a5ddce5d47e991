"""`llmops chaos proxy`: what cannot apply is refused or said, never skipped in silence; each fault, each dialect."""

import asyncio
import json
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.faults.base import Answers, Edits, faults

COMMAND = [sys.executable, "-m", "llmops", "chaos", "proxy", "--control", "127.0.0.1:0", "--journal", "proxy.jsonl"]
ANSWERS = Path(__file__).parents[1] / "answers"
HURRIED: dict[str, dict[str, Any]] = {
    "delayed_answer": {"delay_s": 0.01},
    "slow_fin": {"delay_s": 0.01},
    "slow_first_token": {"delay_s": 0.01},
    "stall_after_tokens": {"for_s": 0.01},
    "throttled_answer": {"bytes_per_second": 1e6},
    "trickle": {"step_bytes": 1000, "every_s": 0.001},
    "keep_alive_flood": {"comments": 3},
    "rate_limiter": {"requests_per_minute": 1000},
}
"""So that no fault of this test takes seconds."""


def parameters(name: str) -> dict[str, Any]:
    return HURRIED.get(name, dict(getattr(faults.get(name), "example", {})))


ON_REQUESTS = [name for name in faults.names() if isinstance(faults.get(name)(**parameters(name)), Answers | Edits)]

MESSAGES = [{"role": "user", "content": "hello"}]
ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "openai_chat": ("/v1/chat/completions", {"model": "m", "messages": MESSAGES}),
    "openai_responses": ("/v1/responses", {"model": "m", "input": "hello"}),
    "openai_embeddings": ("/v1/embeddings", {"model": "m", "input": ["a", "b", "c"]}),
    "anthropic_messages": ("/v1/messages", {"model": "m", "max_tokens": 9, "messages": MESSAGES}),
    "gemini": ("/v1beta/models/m:generateContent", {"contents": [{"parts": [{"text": "hello"}]}]}),
    "bedrock": ("/model/m/converse", {"messages": [{"role": "user", "content": [{"text": "hello"}]}]}),
    "opaque": ("/v1/files", {"a": 1}),
}
STREAMED = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
CASES = [(dialect, stream) for dialect in ASKED for stream in (False, True) if not stream or dialect in STREAMED]


def request(dialect: str, *, stream: bool) -> tuple[bytes, bytes]:
    """Path and body of a request."""
    path, body = ASKED[dialect]
    if stream and dialect == "gemini":
        path = path.replace(":generateContent", ":streamGenerateContent?alt=sse")
    return path.encode(), json.dumps({**body, "stream": True} if stream and dialect != "gemini" else body).encode()


def upstream_answer(dialect: str, *, stream: bool) -> bytes:
    file = ANSWERS / f"{dialect}_text.{'sse' if stream else 'json'}"
    return file.read_bytes() if file.exists() else b'{"hello": "from an unknown route"}'


class Upstream(BaseHTTPRequestHandler):
    """Answers each case with its own file."""

    protocol_version = "HTTP/1.1"
    known = {request(dialect, stream=stream): (dialect, stream) for dialect, stream in CASES}  # noqa: RUF012 - of all

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        dialect, stream = self.known[self.path.encode(), body]
        answer = upstream_answer(dialect, stream=stream)
        self.send_response(200)
        self.send_header("content-type", "text/event-stream" if stream else "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def upstream() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(10)


@contextmanager
def running(folder: Path, chaos: dict[str, Any]) -> Iterator[dict[str, str]]:
    """The command with this configuration, until the block ends: its places by name."""
    (folder / "llmops.yaml").write_text(json.dumps({"chaos": chaos}))  # JSON is YAML
    with subprocess.Popen(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder) as process:
        assert process.stdout is not None
        yield dict(process.stdout.readline().split() for _ in range(len(chaos["providers"]) + 1))
        process.terminate()
        assert process.wait(timeout=30) == 0


def refused(folder: Path, chaos: dict[str, Any]) -> tuple[int, str]:
    """The command with a configuration that it refuses: its exit code and what it says."""
    (folder / "llmops.yaml").write_text(json.dumps({"chaos": chaos}))
    done = subprocess.run(COMMAND, capture_output=True, text=True, timeout=60, check=False, cwd=folder)
    assert done.stdout == ""
    return done.returncode, done.stderr


async def ask(url: str, dialect: str, *, stream: bool) -> bytes:
    """The body that a client gets, de-chunked; empty where the connection broke."""
    host, _, port = url.removeprefix("http://").partition(":")
    path, body = request(dialect, stream=stream)
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        head = b"POST %s HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % (path, len(body))
        writer.write(head + body)
        async with asyncio.timeout(20):
            raw = await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()
    head, _, answer = raw.partition(b"\r\n\r\n")
    return _dechunked(answer) if b"transfer-encoding: chunked" in head.lower() else answer


def _dechunked(data: bytes) -> bytes:
    body = b""
    while data:
        size, _, data = data.partition(b"\r\n")
        body, data = body + data[: int(size, 16)], data[int(size, 16) + 2 :]
    return body


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "proxy.jsonl").read_text().splitlines()]


def test_no_fault_is_skipped_in_silence_whatever_the_dialect(tmp_path: Path, upstream: str) -> None:
    """Each fault alone on a provider of its own, each dialect, streamed and not: a receipt, or two, for each call."""
    providers = {
        name: {"upstream": upstream, "injections": [{"fault": name, "parameters": parameters(name)}]}
        for name in ON_REQUESTS
    }

    async def ask_all(places: dict[str, str]) -> dict[tuple[str, int], tuple[str, bool, bytes]]:
        got = {}
        for name in ON_REQUESTS:  # calls of a provider are numbered in their order
            for number, (dialect, stream) in enumerate(CASES, 1):
                got[name, number] = (dialect, stream, await ask(places[name], dialect, stream=stream))
        return got

    with running(tmp_path, {"providers": providers}) as places:
        got = asyncio.run(ask_all(places))
    receipts: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    for line in lines(tmp_path):
        if line["kind"] == "receipt":
            receipts[line["provider"], line["call"]].append(line)
    assert len(got) == len(ON_REQUESTS) * len(CASES)
    for (name, number), (dialect, stream, body) in got.items():
        case = f"{name} on {dialect}{', streamed' if stream else ''}"
        assert (name, number) in receipts, f"{case}: no receipt"
        said = receipts[name, number]
        assert len({line["applied"] for line in said}) == 1, f"{case}: {said}"
        if not said[0]["applied"]:
            assert said[0]["reason"], case
            assert body == upstream_answer(dialect, stream=stream), f"{case}: not applied, and the answer differs"


@pytest.mark.parametrize(
    ("fault", "dialect", "stream", "reason"),
    [
        ("empty_content", "opaque", False, "no dialect knows this route"),
        ("empty_content", "openai_embeddings", False, "openai_embeddings has no such thing in its answers"),
        ("nan_vector", "openai_chat", False, "openai_chat has no such thing in its answers"),
        ("empty_choices", "anthropic_messages", False, "anthropic_messages has no such thing in its answers"),
        ("wrong_model", "bedrock", False, "Bedrock's answers are opaque"),
        ("error_event", "openai_chat", False, "the answer is no stream"),
        ("null_content", "openai_responses", True, "the answer is a stream"),
        ("unknown_tool", "openai_chat", False, "the answer ended before the fault found anything to change"),
    ],
)
def test_the_receipt_says_why_a_fault_does_not_apply(
    tmp_path: Path, upstream: str, fault: str, dialect: str, stream: bool, reason: str
) -> None:
    chaos = {"providers": {"it": {"upstream": upstream, "injections": [{"fault": fault}]}}}
    with running(tmp_path, chaos) as places:
        assert asyncio.run(ask(places["it"], dialect, stream=stream)) == upstream_answer(dialect, stream=stream)
    (receipt,) = (line for line in lines(tmp_path) if line["kind"] == "receipt")
    assert (receipt["applied"], receipt["reason"], receipt["fault"]) == (False, reason, fault)


# --- refused before anything listens

Change = Callable[[dict[str, Any]], None]


def injection(**fields: Any) -> dict[str, Any]:
    provider = {"upstream": "http://127.0.0.1:9", "models": ["gpt-4o", "gpt-4o-mini"]}
    return {"providers": {"it": {**provider, "injections": [{"fault": "empty_content", **fields}]}}}


@pytest.mark.parametrize(
    ("chaos", "said"),
    [
        (
            injection(scope={"models": ["gpt-4p"]}),
            "error: the scope of empty_content: its provider has no model 'gpt-4p'\nhint:  did you mean 'gpt-4o'?\n",
        ),
        (
            injection(scope={"models": ["gtp-*"]}),
            "error: the scope of empty_content: its provider has no model 'gtp-*'\nhint:  known: gpt-4o, gpt-4o-mini\n",
        ),
        (
            injection(scope={"routes": ["openai_chta"]}),
            "error: the scope of empty_content: no route is named 'openai_chta'\n\
hint:  did you mean 'openai_chat'? or a path such as /v1/chat/*\n",
        ),
        (
            injection(scope={"tenants": ["acme"]}),
            "error: the scope of empty_content names tenants, and no header does\nhint:  set chaos.tenant_header\n",
        ),
        (
            injection(fault="refused", scope={"routes": ["openai_chat"]}),
            "error: refused acts on connections, before there is a request to look at\n\
hint:  give it time, count and probability only: no models, routes, tenants, stream, size or sticky\n",
        ),
        (
            injection(fault="wrong_host"),
            "error: wrong_host needs a TLS listener\nhint:  give its provider a TLS listener: `tls: true`, or --tls\n",
        ),
        (
            injection(schedule={"frist": 3}),
            "error: unknown key 'chaos.providers.it.injections.0.schedule.frist'\nhint:  did you mean 'first'?\n",
        ),
        (
            injection(schedule={"probability": 16}),
            "error: a probability of 16.0\nhint:  it is a ratio from 0 to 1: 5 percent is 0.05\n",
        ),
        (
            injection(fault="empty_contnet"),
            "error: no fault is named 'empty_contnet'\nhint:  did you mean 'empty_content'?\n",
        ),
        (
            injection(fault="delayed_answer", parameters={"dely_s": 1}),
            "error: delayed_answer has no parameter 'dely_s'\nhint:  did you mean 'delay_s'?\n",
        ),
    ],
    ids=lambda value: value[7:60] if isinstance(value, str) else "",
)
def test_what_could_never_fire_is_a_sentence_a_hint_and_exit_code_2(
    tmp_path: Path, chaos: dict[str, Any], said: str
) -> None:
    assert refused(tmp_path, chaos) == (2, said)
    assert not (tmp_path / "proxy.jsonl").exists()


def test_the_control_api_refuses_the_same(tmp_path: Path) -> None:
    async def post(url: str, toxic: dict[str, Any]) -> tuple[int, str]:
        import aiohttp

        async with aiohttp.ClientSession() as client, client.post(f"{url}/proxies/it/toxics", json=toxic) as answer:
            return answer.status, (await answer.json())["error"]

    toxics = [{"type": "empty_content", "scope": {part: ["gpt-4p"]}} for part in ("models", "routes", "tenants")]
    with running(tmp_path, injection()) as places:
        got = [asyncio.run(post(places["control"], toxic)) for toxic in toxics]
    assert [status for status, _ in got] == [400, 400, 400]
    assert "has no model 'gpt-4p'; did you mean 'gpt-4o'?" in got[0][1]
    assert "no route is named 'gpt-4p'" in got[1][1]
    assert "names tenants, and no header does" in got[2][1]
