"""What alike faults promise alike; one HTTP fault against one request: what the client got, what the receipts say."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest

from llmops.chaos.faults.base import Fault, FaultContext, Request
from llmops.chaos.proxy.pipeline import Exchange, Matched
from llmops.chaos.wire import sse
from llmops.chaos.wire.dialects import dialect_of
from llmops.chaos.wire.parts import Action, AnswerHead, Frame, RequestHead

NOW_S = 1_764_066_600.0  # 2025-11-25T10:30:00Z
TARGETS = {
    "openai": b"/v1/chat/completions",
    "azure": b"/openai/deployments/d/chat/completions?api-version=2024-10-21",
    "anthropic": b"/v1/messages",
    "gemini": b"/v1beta/models/gemini-2.5-flash:generateContent",
    "bedrock": b"/model/anthropic.claude-sonnet-5/converse",
    "opaque": b"/a/route/of/nobody",
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


# --- faults that edit the text

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
CODINGS = ("", "gzip", "deflate", "br", "zstd")
Seen = Any  # of tests/chaos/conftest.py


def in_words(case: tuple[Any, ...]) -> str:
    dialect, stream, *coding = case
    return "-".join(filter(None, [dialect, "stream" if stream else "body", *coding]))


@pytest.fixture(
    params=[(dialect, stream, coding) for dialect in TEXT_DIALECTS for stream in (False, True) for coding in CODINGS],
    ids=in_words,
)
def constant_text(request: pytest.FixtureRequest, through: Callable[..., Seen]) -> Callable[[Fault, str], None]:
    """`constant_text(fault, expected)`: the client reads this text, in as many events; the receipt tells its length."""
    dialect, stream, coding = request.param

    def check(fault: Fault, expected: str) -> None:
        seen = through(fault, dialect, stream=stream, coding=coding)
        assert seen.said(dialect) == expected
        assert seen.applied[0]["characters_after"] == len(expected)
        assert seen.ended
        assert len(seen.events) == len(sse.split_all(seen.upstream)) or not stream

    return check


@pytest.fixture
def repeated_text(through: Callable[..., Seen]) -> Callable[[Fault, str], None]:
    """`repeated_text(fault, expected)`: the events of a response that say the whole text once more say this one."""

    def check(fault: Fault, expected: str) -> None:
        seen = through(fault, "openai_responses", stream=True)
        done = {one["type"]: one for one in seen.payloads}
        assert done["response.output_text.done"]["text"] == expected
        assert done["response.content_part.done"]["part"]["text"] == expected
        assert done["response.output_item.done"]["item"]["content"][0]["text"] == expected
        assert done["response.completed"]["response"]["output"][0]["content"][0]["text"] == expected

    return check


@pytest.fixture
def no_text_in_tools(through: Callable[..., Seen]) -> Callable[[Fault], None]:
    """`no_text_in_tools(fault)`: an answer of tools passes as it came, and the receipt says so."""

    def check(fault: Fault) -> None:
        seen = through(fault, "openai_chat", "tool", stream=True)
        assert (seen.body, seen.applied, len(seen.reasons)) == (seen.upstream, [], 1)

    return check


@pytest.fixture(
    params=[(dialect, stream) for dialect in TEXT_DIALECTS for stream in (False, True)],
    ids=in_words,
)
def text_and_finish(
    request: pytest.FixtureRequest, through: Callable[..., Seen]
) -> Callable[[Fault, Callable[[str], str], Mapping[str, object], str], None]:
    """`text_and_finish(fault, text of the healthy one, finish by dialect, what)`: both are said, and confessed."""
    dialect, stream = request.param

    def check(fault: Fault, text: Callable[[str], str], finishes: Mapping[str, object], what: str) -> None:
        healthy = through([], dialect, stream=stream).said(dialect)
        seen = through(fault, dialect, stream=stream, coding="br")
        assert seen.said(dialect) == text(healthy)
        assert (last_finish(dialect, seen.payloads) if stream else finish(dialect, seen.json)) == finishes[dialect]
        assert seen.applied[0]["what"] == what

    return check


def finish(dialect: str, payload: dict[str, Any]) -> object:
    """The finish reason of a body."""
    if dialect == "openai_responses":
        return payload["status"], payload["incomplete_details"]
    if dialect == "openai_chat":
        return payload["choices"][0]["finish_reason"]
    return payload["stop_reason"] if dialect[0] == "a" else payload["candidates"][0]["finishReason"]


def last_finish(dialect: str, payloads: list[Any]) -> object:
    if dialect == "openai_responses":
        return finish(dialect, payloads[-1]["response"])
    if dialect == "openai_chat":
        return finish(dialect, payloads[-2])  # the last one has the usage
    return payloads[-2]["delta"]["stop_reason"] if dialect[0] == "a" else finish(dialect, payloads[-1])


@pytest.fixture
def finishes() -> Callable[[str, Seen], set[Any]]:
    """`finishes(dialect, seen)`: every finish reason that an answer says, at any place."""

    def found(dialect: str, seen: Seen) -> set[Any]:
        payloads = seen.payloads if b"data:" in seen.body[:200] else [seen.json]
        reasons = [
            *(choice.get("finish_reason") for one in payloads for choice in one.get("choices", [])),
            *(candidate.get("finishReason") for one in payloads for candidate in one.get("candidates", [])),
            *(
                one.get("stop_reason") or one.get("delta", {}).get("stop_reason")
                for one in payloads
                if dialect[0] == "a"
            ),
            *(_status(one.get("response", one)) for one in payloads if dialect == "openai_responses"),
        ]
        return {reason for reason in reasons if reason not in (None, "in_progress")}

    return found


def _status(response: dict[str, Any]) -> object:
    return response.get("status") if response.get("object") == "response" else None


# --- faults that answer with a provider's own error


@pytest.fixture
def own_words(http_fault: Callable[..., Got]) -> Callable[[Fault, str, int, str], None]:
    """`own_words(fault, provider, status, word)`: this status, this word in the body; the upstream is not asked."""

    def check(fault: Fault, provider: str, status: int, word: str) -> None:
        got = http_fault(fault, provider)
        assert (got.status, word in got.body.decode()) == (status, True)
        assert not got.asked_upstream
        assert [receipt["status"] for receipt in got.receipts] == [status]
        assert got.receipts[0]["applied"] is True

    return check


@pytest.fixture
def plain_error(http_fault: Callable[..., Got]) -> Callable[[Fault, int], None]:
    """`plain_error(fault, status)`: a route that nobody knows gets this status with a message."""

    def check(fault: Fault, status: int) -> None:
        got = http_fault(fault, "opaque")
        assert got.status == status
        assert got.json()["error"]["message"]
        assert (got.receipts[0]["applied"], got.receipts[0]["error_of"]) == (True, "nobody: a plain error")

    return check


@pytest.fixture
def no_such_error(http_fault: Callable[..., Got]) -> Callable[[Fault, str], None]:
    """`no_such_error(fault, provider)`: the provider is asked and answers by itself; the receipt says so."""

    def check(fault: Fault, provider: str) -> None:
        got = http_fault(fault, provider)
        assert (got.asked_upstream, got.status, got.body) == (True, 200, b"{}")
        assert got.receipts[0]["applied"] is False
        assert provider in got.receipts[0]["reason"]

    return check
