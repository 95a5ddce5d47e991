"""HTTP/1.1 as bytes: heads, their headers, chunks, and the framing of an answer for the client."""

from collections.abc import Iterator

from llmops.chaos.wire.parts import (
    Action,
    AnswerHead,
    Body,
    End,
    Event,
    Fin,
    Frame,
    Headers,
    Part,
    RequestHead,
    Reset,
    Wait,
)

LAST_CHUNK = b"0\r\n\r\n"


def header(headers: Headers, name: bytes) -> bytes | None:
    """The first value of a header, or None; `name` in lower case."""
    return next((value for key, value in headers if key.lower() == name), None)


def without_header(headers: Headers, *names: bytes) -> Headers:
    """The headers without those of these names (in lower case)."""
    return tuple((key, value) for key, value in headers if key.lower() not in names)


def with_header(headers: Headers, name: bytes, value: bytes) -> Headers:
    """The headers with one set: in its place where it stood, else at the end."""
    if header(headers, name.lower()) is None:
        return (*headers, (name, value))
    return tuple((key, value if key.lower() == name.lower() else old) for key, old in headers)


def changed_head(head: AnswerHead, *, status: int | None = None, headers: Headers | None = None) -> AnswerHead:
    """A head with something changed: it has no raw bytes any more and is written from its fields."""
    reason = head.reason if status in {None, head.status} else reason_of(status or 0)
    return AnswerHead(status or head.status, reason, head.headers if headers is None else headers)


def with_length(head: AnswerHead, length: int) -> AnswerHead:
    """A head of our own with the length of its body, unless it says how the body is framed."""
    if head.raw or is_chunked(head.headers) or header(head.headers, b"content-length") is not None:
        return head
    return changed_head(head, headers=(*head.headers, (b"content-length", b"%d" % length)))


def head_bytes(head: AnswerHead) -> bytes:
    """The head on the wire: its raw bytes while it has them, else written from its fields."""
    if head.raw:
        return head.raw
    lines = [b"HTTP/1.1 %d %s" % (head.status, head.reason or reason_of(head.status))]
    lines += [b"%s: %s" % (name, value) for name, value in head.headers]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def chunk(data: bytes) -> bytes:
    """One chunk. Danger: an empty one would end the body, so there is none."""
    return b"%x\r\n%s\r\n" % (len(data), data) if data else b""


def is_chunked(headers: Headers) -> bool:
    """Whether the body comes in chunks."""
    return (header(headers, b"transfer-encoding") or b"").lower().rstrip().endswith(b"chunked")


def is_stream(head: AnswerHead) -> bool:
    """Whether the body is a stream of server-sent events."""
    return (header(head.headers, b"content-type") or b"").lower().lstrip().startswith(b"text/event-stream")


def reason_of(status: int) -> bytes:
    """The reason phrase of a status; of one that HTTP does not know (529, 520), a plain one."""
    from http import HTTPStatus

    try:
        return HTTPStatus(status).phrase.encode()
    except ValueError:
        return {529: b"Overloaded", 520: b"Unknown Error"}.get(status, b"Unknown")


class Framing:
    """Frames one answer for the client: a head, body parts, an end; actions pass in their place."""

    def __init__(self, request: RequestHead, *, keep_alive: bool) -> None:
        self._keep_alive = keep_alive
        self._http_1_0 = request.raw.partition(b"\r\n")[0].endswith(b"HTTP/1.0")
        self._bodyless = request.method == b"HEAD"
        self._chunked = False
        self._until_close = False
        self._held: AnswerHead | None = None

    def feed(self, part: Part | Action) -> Iterator[Action]:
        """What leaves for this part. A head that does not say its length waits for what follows it."""
        if isinstance(part, AnswerHead):
            yield from self._head(part)
        elif isinstance(part, Frame | Wait | Fin | Reset):
            yield from self._let_go(None)
            yield part
        elif isinstance(part, End):
            yield from self._let_go(0)
            yield from self._end()
        else:
            yield from self._let_go(len(part.data) if isinstance(part, Body) else None)
            yield from self._data(part.raw if isinstance(part, Event) else part.data)

    def _head(self, head: AnswerHead) -> Iterator[Action]:
        self._bodyless = self._bodyless or head.status in {204, 304} or head.status < 200  # noqa: PLR2004 - RFC 9112, 6.3
        if not (head.raw or self._keep_alive or header(head.headers, b"connection")):
            head = changed_head(head, headers=(*head.headers, (b"connection", b"close")))
        framed = is_chunked(head.headers) or header(head.headers, b"content-length") is not None
        if head.raw or framed or self._bodyless:
            self._chunked = is_chunked(head.headers)
            self._until_close = not framed and not self._bodyless
            yield Frame(head_bytes(head))
        else:
            self._held = head

    def _let_go(self, length: int | None) -> Iterator[Action]:
        if self._held is None:
            return
        head, self._held = self._held, None
        headers = head.headers
        if length is not None:
            headers = (*headers, (b"content-length", b"%d" % length))
        elif self._http_1_0:
            self._until_close = True
        else:
            headers, self._chunked = (*headers, (b"transfer-encoding", b"chunked")), True
        yield Frame(head_bytes(changed_head(head, headers=headers)))

    def _data(self, data: bytes) -> Iterator[Action]:
        if data and not self._bodyless:
            yield Frame(chunk(data) if self._chunked else data)

    def _end(self) -> Iterator[Action]:
        if self._chunked and not self._bodyless:
            yield Frame(LAST_CHUNK)
        if self._until_close or not self._keep_alive:
            yield Fin(whole=True)
