"""One call as its client saw it, and its line in a file of records."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Literal, get_args, get_type_hints

SCHEMA_VERSION = 1
KIND = "call"
TransportError = Literal["", "connect", "reset", "closed_early", "timeout", "tls", "protocol", "cancelled"]
"""How the connection failed; empty where it did not. `closed_early`: an end before the framing promised it; `timeout`:
given up at the deadline; `protocol`: bytes that are no HTTP, or not what their coding says; `cancelled`: the run was
stopped."""
FIRST_NO_SUCCESS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One call. Times are of the run's clock: epoch seconds unless another was passed in. None is unknown."""

    request_id: str
    dialect: str
    path: str
    model_asked: str
    tenant: str | None = None
    stream: bool
    request_body: bytes = field(default=b"", repr=False)

    scheduled_at: float
    dispatched_at: float  # when the client turned to it: later than scheduled is the client's own fault
    sent_at: float | None = None  # when it had leave to use a connection; opening one comes after; None: it never had
    connected_at: float | None = None  # None on a connection that was open already
    first_byte_at: float | None = None
    first_token_at: float | None = None  # the first visible piece of a streamed answer: text, refusal or tool call
    piece_times: Sequence[float] = ()  # of all visible pieces; several may come at once
    ended_at: float  # of a streamed answer its terminal mark, of another its last byte; or when it was lost or given up

    transport_error: TransportError = ""
    transport_detail: str = ""
    status: int | None = None  # None: no head came
    content_type: str | None = None
    answer_bytes: int = 0  # of the body, as they came
    answer_body: bytes | None = field(default=None, repr=False)  # decoded; kept where the plan says so

    complete: bool = False  # the whole answer came, with the terminal mark of its protocol
    finish_reason: str | None = None
    model_answered: str | None = None
    error_type: str | None = None  # of an error object or error event
    error_event: bool = False  # it came as an event that the dialect's SDK raises
    unreadable: bool = False  # a body or an event that is not JSON
    says_something: bool | None = None  # visible text, a refusal or a tool call; None is not known
    text: str = field(default="", repr=False)
    refusal: str = field(default="", repr=False)
    tool_arguments: Sequence[str] = field(default=(), repr=False)
    text_characters: int = 0

    input_tokens: int | None = None  # as the provider counts them
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    output_tokens: int | None = None
    output_reasoning_tokens: int | None = None

    @property
    def succeeded(self) -> bool:
        """A complete answer that says something, without an error. Whether that is any good is for validators."""
        good_status = self.status is not None and self.status < FIRST_NO_SUCCESS
        is_answer = self.complete and self.says_something is not False
        return good_status and is_answer and not self.transport_error and self.error_type is None

    @property
    def scheduled_latency_s(self) -> float:
        """From when it was due: what a user waits who does not know that the client was busy."""
        return self.ended_at - self.scheduled_at

    @property
    def e2e_s(self) -> float | None:
        """From when it was sent."""
        return None if self.sent_at is None else self.ended_at - self.sent_at

    @property
    def ttft_s(self) -> float | None:
        """To the first visible token, from when it was sent."""
        if self.sent_at is None or self.first_token_at is None:
            return None
        return self.first_token_at - self.sent_at

    @property
    def scheduled_ttft_s(self) -> float | None:
        """To the first visible token, from when it was due."""
        return None if self.first_token_at is None else self.first_token_at - self.scheduled_at

    @property
    def visible_tokens(self) -> int | None:
        """Output tokens without those of reasoning, which nobody sees."""
        if self.output_tokens is None:
            return None
        return self.output_tokens - (self.output_reasoning_tokens or 0)


_TEXTS = ("text", "refusal", "tool_arguments")
_BODIES = ("request_body", "answer_body")
_MAY_BE_ABSENT = frozenset({*_TEXTS, *_BODIES, "says_something"})  # the last one since it is written
_NUMBERS = frozenset({int, float})  # a bool is none


def line_of(record: CallRecord, *, bodies: bool = False) -> bytes:
    """The record as a line of JSON; prompts and answers are in it only where `bodies` says so."""
    import orjson

    left_out = () if bodies else (*_TEXTS, *_BODIES)
    values = {each.name: getattr(record, each.name) for each in fields(record) if each.name not in left_out}
    values["piece_times"] = list(record.piece_times)
    for name in _BODIES if bodies else ():
        values[name] = None if values[name] is None else values[name].decode("utf-8", "replace")
    at = datetime.fromtimestamp(record.scheduled_at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    head = {"schema_version": SCHEMA_VERSION, "kind": KIND, "at": at}
    return orjson.dumps({**head, **values}, option=orjson.OPT_APPEND_NEWLINE)


def record_of(line: object) -> CallRecord:
    """The record that `line_of` wrote. ValueError, with the reason, where it is none."""
    if not isinstance(line, dict) or line.get("kind") != KIND:
        raise ValueError("is no record of a call")
    if line.get("schema_version") != SCHEMA_VERSION:
        raise ValueError(f"has the schema version {line.get('schema_version')!r}, and {SCHEMA_VERSION} is what is read")
    known = {each.name: line[each.name] for each in fields(CallRecord) if each.name in line}
    for name, types in _types().items():
        is_wrong = type(known[name]) not in types if name in known else name not in _MAY_BE_ABSENT
        if is_wrong:
            raise ValueError(f"is no record of a call: its {name!r} is missing or of another type")
    if not all(type(at) in _NUMBERS for at in known["piece_times"]):
        raise ValueError("is no record of a call: its 'piece_times' are no times")
    known["piece_times"] = array("d", known["piece_times"])
    known["tool_arguments"] = tuple(known.get("tool_arguments", ()))
    for name in _BODIES:
        if isinstance(known.get(name), str):
            known[name] = known[name].encode()
    return CallRecord(**known)


@cache
def _types() -> dict[str, frozenset[type]]:
    """What the value of each field may be in a line of JSON."""
    found: dict[str, frozenset[type]] = {}
    for name, hint in get_type_hints(CallRecord).items():
        is_union = isinstance(hint, UnionType)
        found[name] = frozenset(one for each in (get_args(hint) if is_union else [hint]) for one in _of_json(each))
    return found


def _of_json(hint: object) -> Iterable[type]:
    if hint in {Sequence[float], Sequence[str]}:
        return {list}
    if hint is bytes:
        return {str, NoneType}
    if hint is float:
        return _NUMBERS
    return {hint if isinstance(hint, type) else str}  # of TransportError
