"""Where requests end and what may not pass: scripted bytes at every split, without a socket."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmops.chaos.proxy.http1 import MAX_CHUNK_LINE_BYTES, ChunkedBody, RefusedRequest, refusal, scan_head


def splits(data: bytes) -> Iterator[tuple[bytes, ...]]:
    """Whole, in two at every place (of a long one, at some), and byte by byte (of a long one, by the kilobyte)."""
    yield (data,)
    step = 1 if len(data) < 1000 else 4999
    yield from ((data[:at], data[at:]) for at in range(1, len(data), step))
    size = 1 if len(data) < 1000 else 1024
    yield tuple(data[at : at + size] for at in range(0, len(data), size))


# --- heads


def scanned(head: bytes, host: bytes = b"up") -> Any:
    return scan_head(head, host)


def test_the_head_goes_on_with_another_host_and_nothing_else() -> None:
    raw = b"POST /v1/x?host:=1 HTTP/1.1\r\nX-Host: a\r\nhOsT:\t a:80 \r\nhosts: b\r\nContent-Length:  12 \r\n\r\n"
    head = scanned(raw, b"[::1]:99")
    assert head.outgoing == raw.replace(b"hOsT:\t a:80 \r\n", b"hOsT: [::1]:99\r\n")
    assert (head.raw, head.method, head.target, head.content_length) == (raw, b"POST", b"/v1/x?host:=1", 12)


@pytest.mark.parametrize(
    ("name", "expected"), [(b"x-a", b"One"), (b"x-b", b""), (b"a", None), (b"x-c", b"3"), (b"post", None)]
)
def test_the_value_of_a_header_is_the_first_ones_without_blanks(name: bytes, expected: bytes | None) -> None:
    raw = b"POST / HTTP/1.1\r\nHost: a\r\nX-A: \tOne \r\nx-b:\r\nX-C:3\r\nx-a: two\r\n\r\n"
    assert scanned(raw).value(name) == expected


@pytest.mark.parametrize(
    ("lines", "length"),
    [(b"", 0), (b"Content-Length: 7\r\n", 7), (b"transfer-encoding: CHUNKED\r\n", -1), (b"X-Content-Length: 7\r\n", 0)],
)
def test_a_head_says_how_long_its_body_is(lines: bytes, length: int) -> None:
    assert scanned(b"POST / HTTP/1.1\r\nHost: a\r\n" + lines + b"\r\n").content_length == length


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", 400),
        (b"GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505),
        (b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
        (b"GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 400),
        (b"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ],
)
def test_a_head_that_may_not_pass_is_refused(head: bytes, status: int) -> None:
    with pytest.raises(RefusedRequest) as caught:
        scanned(head)
    assert caught.value.status == status


def test_an_old_request_without_host_passes_as_it_came() -> None:
    raw = b"GET / HTTP/1.0\r\nX: 1\r\n\r\n"
    assert scanned(raw).outgoing == raw


# --- chunks


@given(
    chunks=st.lists(st.binary(min_size=1, max_size=40), max_size=5),
    behind=st.binary(max_size=9),
    cuts=st.lists(st.integers(0, 300), max_size=6),
    more=st.sampled_from([b"", b";x=1"]),
    trailers=st.sampled_from([b"", b"A: 1\r\n"]),
)
def test_a_chunked_body_ends_where_it_ends_at_every_split(
    chunks: list[bytes], behind: bytes, cuts: list[int], more: bytes, trailers: bytes
) -> None:
    raw = b"".join(b"%x%s\r\n%s\r\n" % (len(chunk), more, chunk) for chunk in chunks) + b"0\r\n" + trailers + b"\r\n"
    places = sorted({0, len(raw) + len(behind), *(cut for cut in cuts if cut < len(raw) + len(behind))})
    body, taken = ChunkedBody(), 0
    for start, end in pairwise(places):
        ended = body.feed((raw + behind)[start:end])
        if ended >= 0:
            taken = start + ended
            break
    assert (taken, b"".join(body.data), body.length) == (len(raw), b"".join(chunks), sum(map(len, chunks)))


BAD_CHUNKS = {
    "no size": b"\r\nabc\r\n",
    "only an extension": b";a\r\n",
    "a sign": b"-1\r\n",
    "an underscore": b"1_0\r\n",
    "other digits": "٣\r\n".encode(),
    "sixteen digits": b"0000000000000003\r\nabc\r\n",
    "a bare LF": b"3\nabc\r\n",
    "a bare LF at once": b"\n",
    "data longer than its size": b"3\r\nabcd\r\n0\r\n\r\n",
    "a CR alone behind the data": b"3\r\nabc\r0\r\n\r\n",
    "a LF alone behind the data": b"3\r\nabc\n0\r\n\r\n",
    "a bare LF in the trailers": b"0\r\nA: 1\n\r\n",
    "an endless line": b"3;" + b"x" * MAX_CHUNK_LINE_BYTES,
}


@pytest.mark.parametrize("name", BAD_CHUNKS)
def test_a_chunk_that_could_be_read_otherwise_is_refused_at_every_split(name: str) -> None:
    raw = BAD_CHUNKS[name]
    for pieces in splits(raw):
        body = ChunkedBody()
        with pytest.raises(RefusedRequest):  # noqa: PT012 - any of the pieces may be the one
            for piece in pieces:
                assert body.feed(piece) == -1


def ends_at(pieces: tuple[bytes, ...]) -> int | str:
    """Where in the last piece the body ends, or that it was refused."""
    body = ChunkedBody()
    try:
        return [body.feed(piece) for piece in pieces][-1] + len(b"".join(pieces[:-1]))
    except RefusedRequest:
        return "refused"


def test_a_chunk_line_is_too_long_or_not_at_any_split() -> None:
    longest = b"0;" + b"x" * (MAX_CHUNK_LINE_BYTES - 3) + b"\r\n\r\n"  # with its CR
    for at in range(len(longest) - 5, len(longest)):
        assert ends_at((longest[:at], longest[at:])) == len(longest)
        assert ends_at((b"0;x" + longest[2:at], longest[at:])) == "refused"


# --- refusals


@pytest.mark.parametrize(
    ("status", "name"), [(400, b"Bad Request"), (408, b"Request Timeout"), (431, b"Request Header Fields Too Large")]
)
def test_a_refusal_is_whole_says_why_and_closes(status: int, name: bytes) -> None:
    head, _, body = refusal(status, "two Host headers").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d %s\r\n" % (status, name))
    assert b"\r\nconnection: close" in head
    assert b"\r\ncontent-length: %d\r\n" % len(body) in head
    assert body == b"llmops proxy: request refused: two Host headers\n"
