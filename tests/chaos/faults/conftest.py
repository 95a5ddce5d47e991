"""One HTTP fault against one request, through the pipeline: what the client got, and what the receipts say."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest

from llmops.chaos.faults.base import Fault, FaultContext, Request
from llmops.chaos.proxy.pipeline import Exchange, Matched
from llmops.chaos.wire.dialects import dialect_of
from llmops.chaos.wire.parts import Action, AnswerHead, Frame, RequestHead

NOW_S = 1_764_066_600.0  # 2025-11-25T10:30:00Z
TARGETS = {
    "openai": b"/v1/chat/completions",
    "azure": b"/openai/deployments/d/chat/completions?api-version=2024-10-21",
    "anthropic": b"/v1/messages",
    "gemini": b"/v1beta/models/gemini-2.5-flash:generateContent",
    "bedrock": b"/model/anthropic.claude-sonnet-5/converse",
    "opaque": b"/v1/files",
}
BODY = b'{"model": "gpt-4o", "max_tokens": 100, "messages": [{"role": "user", "content": "hello"}]}'
GEMINI_BODY = b'{"contents": [{"parts": [{"text": "hello"}]}]}'
GOOD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n"


@dataclass(frozen=True)
class Got:
    """What reached the client, and the receipts."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    receipts: list[dict[str, Any]]
    asked_upstream: bool
    raw: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@pytest.fixture
def http_fault() -> Callable[..., Got]:
    """Ask once: `http_fault(fault, provider, state=, now_s=, headers=)`; the upstream, where asked, says `{}`."""

    def ask(
        fault: Fault,
        provider: str = "openai",
        *,
        state: object = None,
        now_s: float = NOW_S,
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> Got:
        target = TARGETS[provider]
        raw = b"POST " + target + b" HTTP/1.1\r\nhost: x\r\n\r\n"
        dialect = dialect_of(b"POST", target)
        body = (GEMINI_BODY if provider == "gemini" else BODY) if dialect else b""
        asked = dialect.asked(target, body) if dialect else None
        request = Request(RequestHead(b"POST", target, headers, raw), body, dialect, asked)
        context = FaultContext(request, Random(0), state=state, clock=lambda: now_s)
        receipts: list[dict[str, Any]] = []
        exchange = Exchange(request, [Matched("it", fault, context)], lambda _, d: receipts.append(d), keep_alive=True)
        begun = exchange.begin()
        actions: list[Action] = list(begun) if begun is not None else []
        if begun is None:
            pairs = ((b"content-type", b"application/json"), (b"content-length", b"2"))
            for said in (exchange.head(AnswerHead(200, b"OK", pairs, GOOD)), exchange.data(b"{}"), exchange.end()):
                actions += said
        wire = b"".join(action.data for action in actions if isinstance(action, Frame))
        return parsed(wire, receipts, asked_upstream=begun is None)

    return ask


def parsed(wire: bytes, receipts: list[dict[str, Any]], *, asked_upstream: bool) -> Got:
    head, _, body = wire.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(": ") for line in lines)
    headers = {name.lower(): value for name, _, value in pairs}
    assert int(headers.get("content-length", len(body))) == len(body)
    return Got(int(first.split()[1]), headers, body, receipts, asked_upstream, wire)
