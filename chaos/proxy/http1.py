"""HTTP/1.1 requests as the proxy must see them: where they end, what may not pass, and the one header that changes."""

from dataclasses import dataclass

MAX_HEAD_BYTES = 64 * 1024
MAX_CHUNK_LINE_BYTES = 4096
CRLF = b"\r\n"
HEX = frozenset(b"0123456789abcdefABCDEF")


class RefusedRequest(Exception):
    """A request that is not forwarded: two servers could read it as two different ones, or it is no request."""

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


@dataclass(slots=True)
class ScannedHead:
    """What the proxy must know of a request's head; `outgoing` is the head with only Host changed."""

    raw: bytes
    lower: bytes
    outgoing: bytes
    method: bytes
    target: bytes
    content_length: int  # 0 without a body; -1 when it comes in chunks

    def value(self, name: bytes) -> bytes | None:
        """The value of the first header called `name` (in lower case), as it came."""
        start = self.lower.find(b"\r\n" + name + b":")
        if start < 0:
            return None
        start += len(name) + 3
        return self.raw[start : self.raw.find(b"\r\n", start)].strip(b" \t")


def scan_head(raw: bytes, host: bytes) -> ScannedHead:
    """Scan a head that the strict parser has accepted. RefusedRequest for what it allows and we must not pass on.

    Byte scans instead of header callbacks: a head costs two microseconds. They are safe because the parser has
    already refused bare CR and LF, folded lines, and blanks before a colon (RFC 9112, 2.2, 5.1, 5.2).
    """
    lower = raw.lower()
    method, _, rest = raw[: raw.find(b"\r\n")].partition(b" ")
    target, _, version = rest.partition(b" ")
    start = lower.find(b"\r\nhost:")
    if start >= 0:
        start += 7
        end = raw.find(b"\r\n", start)
        if lower.find(b"\r\nhost:", end) >= 0:
            raise RefusedRequest("two Host headers")
        outgoing = b"%s %s%s" % (raw[:start], host, raw[end:])
    elif version == b"HTTP/1.0":
        outgoing = raw
    else:
        raise RefusedRequest("no Host header")
    return ScannedHead(raw, lower, outgoing, method, target, _body_length(lower, method, target, version))


def _body_length(lower: bytes, method: bytes, target: bytes, version: bytes) -> int:
    if version not in {b"HTTP/1.1", b"HTTP/1.0"}:
        raise RefusedRequest("not HTTP/1.1", 505)
    if target[:1] != b"/" and not (target == b"*" and method == b"OPTIONS"):
        raise RefusedRequest("the target must be a path: this is no forward proxy")
    start = lower.find(b"\r\ntransfer-encoding:")
    if start >= 0:
        coding = lower[start + 20 : lower.find(b"\r\n", start + 20)].strip(b" \t")
        if coding != b"chunked" or version == b"HTTP/1.0":
            raise RefusedRequest("a Transfer-Encoding other than chunked alone, or in HTTP/1.0")
        return -1
    start = lower.find(b"\r\ncontent-length:")
    if start < 0:
        return 0
    return int(lower[start + 17 : lower.find(b"\r\n", start + 17)])


class ChunkedBody:
    """Finds where a chunked body ends, and what it holds. Strict: CRLF only, plain hexadecimal sizes.

    It runs beside the HTTP parser, which cannot say where in the bytes a message ended; the two must agree.
    """

    def __init__(self) -> None:
        self.data: list[bytes] = []
        self.length = 0
        self._rest = b""  # an unfinished line
        self._missing = 0  # bytes of the chunk at hand, its CRLF included
        self._in_trailers = False

    def feed(self, data: bytes) -> int:
        """How many bytes of `data` belong to the body when it ends in them; -1 when it goes on. RefusedRequest."""
        before = len(self._rest)
        data, position = self._rest + data, 0
        self._rest = b""
        while True:
            if self._missing:
                position = self._take(data, position)
                if self._missing:
                    return -1
            line_end = data.find(b"\n", position)
            if (len(data) if line_end < 0 else line_end) - position > MAX_CHUNK_LINE_BYTES:
                raise RefusedRequest("a chunk line without an end")
            if line_end < 0:
                self._rest = data[position:]
                return -1
            if data[line_end - 1 : line_end] != b"\r" or line_end == position:
                raise RefusedRequest("a bare LF in a chunked body")
            line, position = data[position : line_end - 1], line_end + 1
            if self._in_trailers:
                if not line:
                    return position - before
            elif self._size(line) == 0:
                self._in_trailers = True

    def _take(self, data: bytes, position: int) -> int:
        taken = data[position : position + self._missing]
        content = taken[: max(0, self._missing - 2)]
        if content:
            self.data.append(content)
            self.length += len(content)
        self._missing -= len(taken)
        behind = taken[len(content) :]
        if behind and not CRLF[: 2 - self._missing].endswith(behind):
            raise RefusedRequest("a chunk longer than its size")
        return position + len(taken)

    def _size(self, line: bytes) -> int:
        digits, _, _ = line.partition(b";")
        if not digits or len(digits) > 15 or not HEX.issuperset(digits):  # noqa: PLR2004 - 60 bits are enough
            raise RefusedRequest("an odd chunk size")
        size = int(digits, 16)
        self._missing = size + 2 if size else 0
        return size


def refusal(status: int, reason: str) -> bytes:
    """The proxy's own answer to a request it does not forward; it closes the connection."""
    body = b"llmops proxy: request refused: %s\n" % reason.encode()
    name = {400: b"Bad Request", 408: b"Request Timeout", 431: b"Request Header Fields Too Large"}.get(
        status, b"Refused"
    )
    return b"HTTP/1.1 %d %s\r\ncontent-type: text/plain\r\nx-llmops-refused: 1\r\n" % (
        status,
        name,
    ) + b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (len(body), body)
