from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmops.chaos.wire import sse

STREAMS = [
    b"data: a\n\ndata: b\n\n",
    b"data: a\r\n\r\ndata: b\r\n\r\n",
    b"data: a\r\rdata: b\r\rdata: c\r\r",
    b"\xef\xbb\xbfdata: a\n\n: comment\n\nevent: x\ndata: 1\ndata: 2\nid: 7\n\n",
    b"data: a\r\n\ndata: b\n\r\ndata: c\n\n\n\ndata: d",
    b"\n\n\ndata: a\n\n\r\r\n\n",
    b"data: " + "Zürich — Genève".encode() * 6000 + b"\n\ndata: after\n\n",  # above 64 kB
    b"",
    b"\r",
    b"data: no end",
]
BYTES = st.lists(st.sampled_from([b"\r", b"\n", b"data: x", b":", b"event: y", b"\xef\xbb\xbf"]), max_size=30)


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    """The events (and the rest) when the bytes come cut at these places."""
    splitter = sse.Splitter()
    events = []
    for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        events += splitter.feed(data[start:end])
    return [*events, splitter.rest]


@pytest.mark.parametrize("data", STREAMS)
def test_lossless_and_the_same_at_every_split(data: bytes) -> None:
    whole = split(data, [])
    assert b"".join(whole) == data
    step = max(1, len(data) // 300)
    assert all(split(data, [at]) == whole for at in range(0, len(data) + 1, step))
    assert split(data, list(range(1, len(data), step))) == whole


@given(pieces=BYTES, cuts=st.lists(st.integers(0, 200), max_size=10))
def test_lossless_and_the_same_for_any_bytes_and_any_cuts(pieces: list[bytes], cuts: list[int]) -> None:
    data = b"".join(pieces)
    inside = sorted(min(cut, len(data)) for cut in cuts)
    assert split(data, inside) == split(data, [])
    assert b"".join(split(data, inside)) == data


@pytest.mark.parametrize("stream", ["openai_chat", "openai_responses", "anthropic_messages", "gemini"])
@pytest.mark.parametrize("what", ["text", "tool", "structured"])
def test_every_dialect_is_lossless_at_every_split(answer: Callable[..., bytes], stream: str, what: str) -> None:
    data = answer(stream, what, stream=True)
    whole = split(data, [])
    assert whole[-1] == b""
    for at in range(len(data)):
        assert split(data, [at]) == whole


def test_events_come_as_soon_as_they_are_whole() -> None:
    splitter = sse.Splitter()
    assert splitter.feed(b"data: a\n") == []
    assert splitter.feed(b"\n") == [b"data: a\n\n"]
    assert splitter.feed(b"data: b\r\n\r") == []  # its LF may follow
    assert splitter.feed(b"\nda") == [b"data: b\r\n\r\n"]
    assert splitter.rest == b"da"


@pytest.mark.parametrize(
    ("raw", "data", "name"),
    [
        (b"data: x\n\n", b"x", b""),
        (b"data:x\n\n", b"x", b""),
        (b"data:  x\n\n", b" x", b""),  # one space is taken off
        (b"event: e\ndata: 1\ndata: 2\n\n", b"1\n2", b"e"),
        (b"data: 1\r\ndata\r\n\r\n", b"1\n", b""),  # a line without a colon has an empty value
        (b"\xef\xbb\xbfdata: x\n\n", b"x", b""),
        (b"data: 1\r\rdata: 2\r\r", b"1\n2", b""),
        (b": comment\n\n", None, b""),
        (b"retry: 10\n\n", None, b""),
        (b"event: ping\n\n", None, b"ping"),
        (b"database: x\n\n", None, b""),
        (b"data: no end", b"no end", b""),
    ],
)
def test_data_and_name_of_an_event(raw: bytes, data: bytes | None, name: bytes) -> None:
    assert (sse.data_of(raw), sse.name_of(raw)) == (data, name)


def test_other_data_keep_all_else() -> None:
    raw = b"\xef\xbb\xbfid: 7\r\nevent: e\r\ndata: 1\r\ndata: 2\r\n: c\r\n\r\n"
    assert sse.with_data(raw, b"x") == b"\xef\xbb\xbfid: 7\r\nevent: e\r\ndata: x\r\n: c\r\n\r\n"
    assert sse.with_data(b"\xef\xbb\xbfdata: 1\n\n", b"x") == b"\xef\xbb\xbfdata: x\n\n"


def test_an_event_as_providers_write_it() -> None:
    assert sse.event(b"{}") == b"data: {}\n\n"
    assert sse.event(b"1\n2", b"e") == b"event: e\ndata: 1\ndata: 2\n\n"
