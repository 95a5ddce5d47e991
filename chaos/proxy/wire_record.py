"""The wire record of a request: who asked what, what came back, when, and how often the same was asked before."""

from collections import OrderedDict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from llmops.chaos.proxy.call import KEPT_ANSWER_BYTES, Call
from llmops.chaos.proxy.client_body import client_body
from llmops.chaos.proxy.coding import CannotDecodeError, decoder
from llmops.chaos.proxy.journal import SCHEMA_VERSION, stamp
from llmops.chaos.proxy.text_hash import head_hashes, short_hash, text_hash
from llmops.chaos.wire.sse import Splitter

if TYPE_CHECKING:
    from llmops.chaos.wire.dialect import AnswerObserver, Asked

REMEMBERED_REQUESTS = 100_000  # how many different requests have their attempts counted
HARMLESS_QUERY = frozenset({b"alt", b"api-version", b"beta", b"limit", b"order", b"stream", b"$alt"})
REDACTED = b"REDACTED"
QUERY_NAME_BYTES = 40  # a longer one is no name
WAITS = (b"retry-after", b"retry-after-ms")  # of a refusal: when to come back
FIRST_ERROR = 400
REQUEST_IDS = (b"x-request-id", b"request-id", b"apim-request-id", b"x-amzn-requestid")


def request_identity(call: Call) -> tuple[str, str] | None:
    """How a request is followed, and its name: the header, else the marker, else the messages' hash, else None."""
    header = call.head.value(b"x-llmops-request-id")
    if header:
        return "header", header.decode("latin-1")[:200]
    asked = call.asked
    if asked is None:
        return None
    if marker := asked.marker:
        return "marker", marker
    found = asked.messages_hash
    return None if found is None else ("messages_hash", found)


class Attempts:
    """Counts how often the same request came by; the oldest are forgotten."""

    def __init__(self, limit: int = REMEMBERED_REQUESTS) -> None:
        self._limit = limit
        self._counts: OrderedDict[str, int] = OrderedDict()

    def next(self, identity: str) -> int:
        """The ordinal of this attempt, from 1."""
        count = self._counts.pop(identity, 0) + 1
        self._counts[identity] = count
        if len(self._counts) > self._limit:
            self._counts.popitem(last=False)
        return count


def followed(call: Call) -> dict[str, str | None]:
    """By what name the request is followed, and how it was found; None where nothing says."""
    asked_of(call)
    identity = request_identity(call)
    if identity is None:
        return {"request_id": None, "followed_by": None}
    return {"request_id": identity[1], "followed_by": identity[0]}


def route_of(target: bytes) -> str:
    """The target without what may be a key (Gemini's is in the query): of the rest of the query, only the names."""
    path, question, query = target.partition(b"?")
    if not question:
        return target.decode("latin-1")
    return b"?".join([path, b"&".join(map(_shown, query.split(b"&")))]).decode("latin-1")


def _shown(part: bytes) -> bytes:
    """One parameter of a query as the journal may have it."""
    name, equals, value = part.partition(b"=")
    is_plain = len(value) <= QUERY_NAME_BYTES and value.translate(None, b"-._").isalnum()
    if not part or (name in HARMLESS_QUERY and is_plain):
        return part
    return b"%s=%s" % (name[:QUERY_NAME_BYTES], REDACTED) if equals else REDACTED


def asked_of(call: Call) -> "Asked | None":
    """What the request asks for, read once."""
    if call.asked is None and call.dialect is not None and call.body:
        call.asked = call.dialect.asked(call.head.target, decoded_request(call))
    return call.asked


def decoded_request(call: Call) -> bytes:
    """The request's body without its content coding; as it is where that cannot be undone."""
    body = call.body or b""
    coding = call.head.value(b"content-encoding")
    if coding is None:
        return body
    try:
        return decoder(coding).feed(body)
    except CannotDecodeError:
        return body


def wire_record(call: Call, provider: str, attempts: Attempts, now_s: float, *, bodies: bool) -> dict[str, Any]:
    """One line of the journal. Times are of the proxy: from the request's last held byte to the upstream's first."""
    asked = asked_of(call)
    following = followed(call)
    identity = following["request_id"]
    body = call.body
    record: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "kind": "wire",
        "at": stamp(datetime.fromtimestamp(call.started_at, UTC)),
        "provider": provider,
        "call": call.number,
        "method": call.head.method.decode(),
        "route": route_of(call.head.target),
        "dialect": None if call.dialect is None else call.dialect.name,
        **following,
        "attempt": None if identity is None else attempts.next(identity),
        "model_asked": None if asked is None else asked.model,
        "stream": None if asked is None else asked.stream,
        "ended": call.ended,
        "status": call.client_status or call.status or None,
        "upstream_status": call.status or None,
        "ttfb_s": round(call.first_byte_at - call.started_s, 6) if call.first_byte_at else None,
        "duration_s": round(now_s - call.started_s, 6),
        "request_bytes": call.request_bytes,
        "answer_bytes": None if call.unkept_bytes < 0 else call.unkept_bytes + sum(map(len, call.pieces)),
        "request_hash": None if not body else short_hash(body),
    }
    if call.dialect is not None and call.status:
        _add_answer(record, call)
    if call.faults:
        record["faults"] = list(call.faults)
        record["client_bytes"] = call.client_bytes
        record["client_ended"] = call.client_ended or (
            "complete" if call.ended in {"complete", "fault"} else call.ended
        )
    if call.retried:
        record["upstream_connection_replaced"] = True
    if call.note:
        record["note"] = call.note
    if bodies:
        record["request_body"] = None if body is None else decoded_request(call).decode("utf-8", "replace")
        answer = decoded_answer(call)
        record["answer_body"] = None if answer is None else answer.decode("utf-8", "replace")
        if call.faults:
            got = client_body(b"".join(call.client_pieces)) if call.client_bytes <= KEPT_ANSWER_BYTES else None
            record["client_body"] = None if got is None else got.decode("utf-8", "replace")
    return record


def _add_answer(record: dict[str, Any], call: Call) -> None:
    assert call.dialect is not None  # noqa: S101 - for the type checker; the caller has looked
    lower = call.answer_head.lower()
    observer = call.dialect.observer()
    if call.unkept_bytes:
        record["answer_not_read"] = call.note or "the connection switched protocols"
        return
    try:
        ttft_at = _observe(observer, call, lower)
    except CannotDecodeError as error:
        ttft_at = 0.0
        record["answer_not_read"] = str(error)
    answered = observer.answered
    raw = call.pieces[0] if len(call.pieces) == 1 else b"".join(call.pieces)
    record.update(
        model_answered=answered.model,
        finish_reason=answered.finish_reason,
        complete=answered.complete,
        text_characters=answered.text_characters,
        **_text_hashes(answered.text),
        input_tokens=answered.input_tokens,
        cache_read_tokens=answered.cache_read_tokens,
        cache_write_tokens=answered.cache_write_tokens,
        output_tokens=answered.output_tokens,
        output_reasoning_tokens=answered.output_reasoning_tokens,
        error_type=answered.error_type,
        ttft_s=round(ttft_at - call.started_s, 6) if ttft_at else None,
        answer_hash=short_hash(raw) if raw else None,
    )
    for name in REQUEST_IDS:
        if name in lower and (value := head_value(call.answer_head, lower, name)) is not None:
            record["upstream_request_id"] = value.decode("latin-1")
            break
    for name in WAITS if call.status >= FIRST_ERROR else ():
        if (value := head_value(call.answer_head, lower, name)) is not None:
            record[name.decode().replace("-", "_")] = value.decode("latin-1")


def _text_hashes(text: str | None) -> dict[str, Any]:
    """By which it is known whether somebody got this text, or a part of it."""
    if text is None:
        return {"text_hash": None, "text_head_hashes": []}
    return {"text_hash": text_hash(text), "text_head_hashes": head_hashes(text)}


def _observe(observer: "AnswerObserver", call: Call, lower: bytes) -> float:
    """Feed what came to the observer; when the first visible piece came, or 0."""
    coding = head_value(call.answer_head, lower, b"content-encoding") if b"\ncontent-encoding:" in lower else None
    if b"text/event-stream" not in lower:
        data = call.pieces[0] if len(call.pieces) == 1 else b"".join(call.pieces)
        if data:
            observer.body(data if coding is None else decoder(coding).feed(data))
        return 0.0
    unpack = None if coding is None else decoder(coding)
    splitter = Splitter()
    first_at, done = 0.0, 0
    for count, at in call.stamps:
        data = b"".join(call.pieces[done:count])
        done = count
        for event in splitter.feed(data if unpack is None else unpack.feed(data)):
            if observer.event(event) and not first_at:
                first_at = at
    return first_at


def decoded_answer(call: Call) -> bytes | None:
    """An answer's body without its content coding; None where that cannot be undone."""
    lower = call.answer_head.lower()
    coding = head_value(call.answer_head, lower, b"content-encoding")
    data = b"".join(call.pieces)
    try:
        return data if coding is None else decoder(coding).feed(data)
    except CannotDecodeError:
        return None


def head_value(raw: bytes, lower: bytes, name: bytes) -> bytes | None:
    """The value of the first header of that name (in lower case)."""
    start = lower.find(b"\r\n" + name + b":")
    if start < 0:
        return None
    start += len(name) + 3
    return raw[start : raw.find(b"\r\n", start)].strip(b" \t")
