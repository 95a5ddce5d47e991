"""Lines of recorded traffic: the journal of a proxy that records bodies, or plain `{request, response}`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.wire import sse
from llmops.chaos.wire.dialect import Dialect
from llmops.chaos.wire.dialects import DIALECTS, dialect_of
from llmops.chaos.wire.json_scan import parsed, parsed_any
from llmops.chaos.wire.stages import TEXT_DIALECTS

FIRST_ERROR = 400
GARBLED_RATIO = 0.1  # of the first characters: a compressed body that was written as text
LOOKED_AT = 200  # characters
REPLACED = "\ufffd"
WITHOUT_BODIES = "recorded without bodies"
COMPRESSED = "a compressed body, which the journal cannot hold"


@dataclass(frozen=True, slots=True)
class SetAside:
    """A line with no answer to judge in it; it says nothing of quality."""

    reason: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line that may hold an exchange, and cannot be read."""

    reason: str


Line = Checked | SetAside | Rejected


def read_line(raw: bytes, *, dialect: Dialect | None = None) -> Line:
    """`dialect` is that of all plain lines which do not say theirs."""
    line = parsed(raw)
    if line is None:
        return Rejected("no JSON object")
    if "kind" in line and "schema_version" in line:
        return (
            exchange_of(line) if line["kind"] == "wire" else SetAside(f"a {line['kind']} of the journal, no exchange")
        )
    return _plain(line, dialect)


def exchange_of(record: Mapping[str, Any]) -> Line:
    """The exchange of a wire record: what the client got, which a fault may have made of what the provider said."""
    dialect = DIALECTS.get(str(record.get("dialect")))
    if dialect is None or dialect.name not in TEXT_DIALECTS:
        return SetAside("no request for text")
    if unfit := _not_an_answer(record):
        return SetAside(unfit)
    if unread := _unreadable(record):
        return Rejected(unread)
    body = parsed(record["request_body"].encode())
    if body is None:
        return Rejected("the request is no JSON object")
    return Checked(body, record[_answer_key(record)].encode(), dialect, str(record.get("route") or ""))


def _answer_key(record: Mapping[str, Any]) -> str:
    return "client_body" if "client_body" in record else "answer_body"


def _not_an_answer(record: Mapping[str, Any]) -> str:
    if record.get("request_body") is None or "answer_body" not in record:
        return WITHOUT_BODIES
    status = record.get("status" if "client_body" in record else "upstream_status")
    if status is None:
        return "the provider gave no answer"
    if status >= FIRST_ERROR:
        return "an HTTP error, which shows by itself"
    return "the client hung up" if record.get("ended") == "client_gone" else ""


def was_not_read(record: Mapping[str, Any]) -> str:
    """Why the proxy itself could not read an answer, so that its record tells nothing of it; else empty."""
    if "longer than" in str(record.get("note", "")):
        return "the answer is longer than the proxy keeps"
    return "a coding that the proxy could not undo" if record.get("answer_not_read") else ""


def _unreadable(record: Mapping[str, Any]) -> str:
    if unread := was_not_read(record):
        return unread
    answer = record[_answer_key(record)]
    if answer is None:
        return "an answer that the proxy could not keep or decode"
    garbled = _is_garbled(record["request_body"]) or _is_garbled(answer)
    return COMPRESSED if garbled else ""


def _plain(line: Mapping[str, Any], given: Dialect | None) -> Line:
    if "request" not in line or line.get("response") is None:
        return Rejected("no request or no response in it")
    request, status = line["request"], line.get("status")
    if isinstance(request, str):
        request = parsed(request.encode())
    if not isinstance(request, dict):
        return Rejected("the request is no JSON object")
    if isinstance(status, int) and status >= FIRST_ERROR:
        return SetAside("an HTTP error, which shows by itself")
    response = line["response"]
    answer = response.encode() if isinstance(response, str) else orjson.dumps(response)
    route = str(line.get("route") or line.get("path") or "")
    dialect = DIALECTS.get(str(line.get("dialect"))) or dialect_of(b"POST", route.encode()) or given
    dialect = dialect or guessed(request, answer)
    if dialect is None:
        return Rejected("no dialect that is known: give the line a `dialect` or a `route`")
    if dialect.name not in TEXT_DIALECTS:
        return SetAside("no request for text")
    return Checked(request, answer, dialect, route)


def guessed(request: Mapping[str, Any], answer: bytes) -> Dialect | None:
    """The dialect by the shape of the answer, else by that of the request."""
    payload = _first_payload(answer)
    kind = str(payload.get("type", ""))
    if "candidates" in payload or "promptFeedback" in payload or "contents" in request:
        return DIALECTS["gemini"]
    if payload.get("object") == "list" or ("input" in request and "embed" in str(request.get("model"))):
        return DIALECTS["openai_embeddings"]
    if payload.get("object") == "response" or kind.startswith("response.") or "input" in request:
        return DIALECTS["openai_responses"]
    if "messages" not in request:
        return None
    is_anthropic = kind in {"message", "message_start", "error"} or ("system" in request and "choices" not in payload)
    return DIALECTS["anthropic_messages" if is_anthropic else "openai_chat"]


def _first_payload(answer: bytes) -> Mapping[str, Any]:
    whole = parsed_any(answer)
    if isinstance(whole, list):
        whole = next(iter(whole), None)
    if isinstance(whole, dict):
        return whole
    datas = (parsed(sse.data_of(raw)) for raw in sse.split_all(answer[: 64 * 1024]))
    return next(filter(None, datas), {})


def _is_garbled(body: str) -> bool:
    head = body[:LOOKED_AT]
    return bool(head) and head.count(REPLACED) > GARBLED_RATIO * len(head)
