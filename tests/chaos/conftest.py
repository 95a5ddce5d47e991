"""One answer through the pipeline under one fault: what the client decodes, and what the receipts say."""

import contextlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest

from llmops.chaos.faults.base import Fault, FaultContext, Request
from llmops.chaos.proxy.coding import CannotDecodeError, decoder, encoder
from llmops.chaos.proxy.pipeline import Exchange, Matched
from llmops.chaos.wire import sse
from llmops.chaos.wire.dialects import dialect_of
from llmops.chaos.wire.http1 import head_bytes, header, is_chunked
from llmops.chaos.wire.parts import Action, AnswerHead, Frame, RequestHead, Wait

ANSWERS = Path(__file__).parent / "answers"
TARGETS = {
    "openai_chat": b"/v1/chat/completions",
    "openai_responses": b"/v1/responses",
    "openai_embeddings": b"/v1/embeddings",
    "anthropic_messages": b"/v1/messages",
    "gemini": b"/v1beta/models/gemini-3-pro:generateContent",
    "bedrock": b"/model/m/converse",
    "opaque": b"/v1/files",
}
TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city", "people"]}
ASKED: dict[str, dict[str, Any]] = {
    "openai_chat": {"messages": [{"role": "user", "content": "Who are you?"}], "model": "gpt-4o"},
    "openai_responses": {"input": "Who are you?", "model": "gpt-4o"},
    "openai_embeddings": {"input": ["a", "b", "c"], "model": "text-embedding-3-small"},
    "anthropic_messages": {"messages": [{"role": "user", "content": "Who are you?"}], "model": "claude"},
    "gemini": {"contents": [{"role": "user", "parts": [{"text": "Who are you?"}]}]},
    "bedrock": {"messages": [{"role": "user", "content": [{"text": "Who are you?"}]}]},
    "opaque": {},
}
WITH_SCHEMA: dict[str, dict[str, Any]] = {
    "openai_chat": {"response_format": {"type": "json_schema", "json_schema": {"schema": SCHEMA}}},
    "openai_responses": {"text": {"format": {"type": "json_schema", "schema": SCHEMA}}},
    "anthropic_messages": {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}},
    "gemini": {"generationConfig": {"responseJsonSchema": SCHEMA}},
}


@dataclass
class Seen:
    """What the client got."""

    raw: bytes  # all frames
    head: AnswerHead
    body: bytes  # de-chunked and decoded
    actions: list[Action]
    receipts: list[dict[str, Any]]
    upstream: bytes  # the decoded body that the upstream sent
    ended: bool = True  # the framing says so
    order: list[str] = field(default_factory=list)  # receipts and frames as they came

    @property
    def events(self) -> list[bytes]:
        return sse.split_all(self.body)

    @property
    def payloads(self) -> list[Any]:
        return _payloads(self.body)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def applied(self) -> list[dict[str, Any]]:
        return [receipt for receipt in self.receipts if receipt["applied"]]

    @property
    def reasons(self) -> list[str]:
        return [receipt["reason"] for receipt in self.receipts if not receipt["applied"]]

    def said(self, dialect: str, *, tool: bool = False) -> str:
        """The text (or the tools' arguments) that a client puts together."""
        return _said(dialect, self.body, tool=tool)

    def sent_unconfessed(self) -> bytes:
        """The body that had left when the first receipt was written; uncoded answers only."""
        raw, frames = b"", iter(action for action in self.actions if isinstance(action, Frame))
        for step in self.order:
            if step == "receipt":
                break
            raw += next(frames).data if step == "Frame" else b""
        rest = raw.partition(b"\r\n\r\n")[2]
        return _dechunked(rest)[0] if is_chunked(self.head.headers) else rest

    @property
    def waits_s(self) -> list[float]:
        return [action.seconds for action in self.actions if isinstance(action, Wait)]


def _at(value: Any, *path: str | int) -> Any:
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _chat_text(payload: Any) -> str:
    return _at(payload, "choices", 0, "message", "content") or _at(payload, "choices", 0, "delta", "content") or ""


def _chat_tool(payload: Any) -> str:
    said = _at(payload, "choices", 0, "message") or _at(payload, "choices", 0, "delta")
    return _at(said, "tool_calls", 0, "function", "arguments") or ""


def _responses_text(payload: Any) -> str:
    if payload.get("type") == "response.output_text.delta":
        return str(payload["delta"])
    return _at(payload, "output", 0, "content", 0, "text") or ""


def _responses_tool(payload: Any) -> str:
    if payload.get("type") == "response.function_call_arguments.delta":
        return str(payload["delta"])
    return _at(payload, "output", 0, "arguments") or ""


def _anthropic_text(payload: Any) -> str:
    return _at(payload, "content", 0, "text") or _at(payload, "delta", "text") or ""


def _anthropic_tool(payload: Any) -> str:
    whole = _at(payload, "content", 0, "input")
    return json.dumps(whole) if whole else _at(payload, "delta", "partial_json") or ""


def _gemini_text(payload: Any) -> str:
    return "".join(part.get("text", "") for part in _at(payload, "candidates", 0, "content", "parts") or [])


def _gemini_tool(payload: Any) -> str:
    whole = _at(payload, "candidates", 0, "content", "parts", 0, "functionCall", "args")
    return json.dumps(whole) if whole else ""


TEXT_OF: dict[str, Callable[[Any], str]] = {
    "openai_chat": _chat_text,
    "openai_responses": _responses_text,
    "anthropic_messages": _anthropic_text,
    "gemini": _gemini_text,
}
TOOL_OF: dict[str, Callable[[Any], str]] = {
    "openai_chat": _chat_tool,
    "openai_responses": _responses_tool,
    "anthropic_messages": _anthropic_tool,
    "gemini": _gemini_tool,
}


def _payloads(body: bytes) -> list[Any]:
    datas = [sse.data_of(raw) for raw in sse.split_all(body)]
    return [json.loads(data) for data in datas if data and data != b"[DONE]"]


def _said(dialect: str, body: bytes, *, tool: bool = False) -> str:
    payloads = _payloads(body) if b"data:" in body[:200] else [json.loads(body)]
    return "".join(map(TOOL_OF[dialect] if tool else TEXT_OF[dialect], payloads))


@pytest.fixture
def said() -> Callable[[str, bytes], str]:
    """`said(dialect, body)`: the text that a client puts together from an answer, whole or streamed."""
    return _said


@pytest.fixture
def through() -> Callable[..., Seen]:
    """`through(faults, dialect, what, stream=, coding=, chunked=, …)`: one exchange, decoded as a client decodes."""
    return _through


@pytest.fixture
def answer_bytes() -> Callable[..., bytes]:
    return _answer_bytes


def _answer_bytes(dialect: str, what: str = "text", *, stream: bool = False) -> bytes:
    return (ANSWERS / f"{dialect}_{what}.{'sse' if stream else 'json'}").read_bytes()


def _request(dialect: str, *, stream: bool, schema: bool) -> Request:
    target = TARGETS[dialect]
    body = {**ASKED[dialect], **({"stream": True} if stream else {}), **(WITH_SCHEMA[dialect] if schema else {})}
    head = RequestHead(b"POST", target, (), b"POST " + target + b" HTTP/1.1\r\nhost: x\r\n\r\n")
    found = dialect_of(b"POST", target)
    data = json.dumps(body).encode()
    return Request(head, data, found, found.asked(target, data) if found else None)


def _coding(name: str) -> list[tuple[bytes, bytes]]:
    return [(b"Content-Encoding", name.encode())] if name else []


def _coded(coding: str, data: bytes) -> bytes:
    pack = encoder(coding.encode())
    return pack.feed(data) + pack.finish()


def _through(
    faults: Fault | Sequence[Fault],
    dialect: str = "openai_chat",
    what: str = "text",
    *,
    stream: bool = False,
    coding: str = "",
    chunked: bool | None = None,
    status: int = 200,
    body: bytes | None = None,
    schema: bool = False,
    earlier: Sequence[bytes] = (),
    size: int = 50,
    keep_alive: bool = True,
    lose_after: int | None = None,
    seed: int = 0,
    claims: str | None = None,  # a Content-Encoding that is not the true one
) -> Seen:
    request = _request(dialect, stream=stream, schema=schema)
    upstream = _answer_bytes(dialect, what, stream=stream) if body is None else body
    wire = _coded(coding, upstream)
    content_type = b"text/event-stream" if stream else b"application/json"
    headers = [(b"Content-Type", content_type), *_coding(coding if claims is None else claims)]
    framed = (b"Transfer-Encoding", b"chunked") if chunked or (chunked is None and stream) else None
    headers.append(framed or (b"Content-Length", b"%d" % len(wire)))
    head = AnswerHead(status, b"OK", tuple(headers))
    head = AnswerHead(status, b"OK", head.headers, head_bytes(head))
    listed = list(faults) if isinstance(faults, Sequence) else [faults]
    actions: list[Action] = []
    receipts: list[dict[str, Any]] = []
    order: list[str] = []

    def receipt(_: Matched, said: dict[str, Any]) -> None:
        receipts.append(said)
        order.append("receipt")

    def take(emitted: Any) -> None:
        for action in emitted or ():
            actions.append(action)
            order.append(type(action).__name__)

    matched = [
        Matched(f"f{n}", one, FaultContext(request, Random(seed), earlier, clock=lambda: 1e9))
        for n, one in enumerate(listed)
    ]
    exchange = Exchange(request, matched, receipt, keep_alive=keep_alive)
    begun = exchange.begin()
    take(begun)
    if begun is None:
        take(exchange.head(head))
        pieces = [wire[at : at + size] for at in range(0, len(wire), size)]
        for piece in pieces[:lose_after]:
            if not exchange.over:
                take(exchange.data(piece))
        if not exchange.over:
            take(exchange.lost("reset") if lose_after is not None else exchange.end())
    return _decoded(actions, receipts, upstream, order)


def _decoded(actions: list[Action], receipts: list[dict[str, Any]], upstream: bytes, order: list[str]) -> Seen:
    raw = b"".join(action.data for action in actions if isinstance(action, Frame))
    top, _, rest = raw.partition(b"\r\n\r\n")
    first, *lines = top.split(b"\r\n")
    pairs = tuple((name, value) for name, _, value in (line.partition(b": ") for line in lines))
    head = AnswerHead(int(first.split()[1]) if first else 0, b"", pairs)
    body, ended = _dechunked(rest) if is_chunked(pairs) else (rest, True)
    length = header(pairs, b"content-length")
    if length is not None:
        ended = int(length) == len(body)
    with contextlib.suppress(CannotDecodeError):  # then the client has what it cannot decode
        body = decoder(header(pairs, b"content-encoding")).feed(body)
    return Seen(raw, head, body, actions, receipts, upstream, ended, order)


def _dechunked(data: bytes) -> tuple[bytes, bool]:
    body = b""
    while data:
        size, _, data = data.partition(b"\r\n")
        if int(size, 16) == 0:
            return body, data == b"\r\n"
        body, data = body + data[: int(size, 16)], data[int(size, 16) + 2 :]
    return body, False
