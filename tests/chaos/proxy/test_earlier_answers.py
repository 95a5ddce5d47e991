"""Earlier answers are decoded for the faults that look at them, and for no others."""

import pytest

from llmops.chaos.proxy import earlier_answers
from llmops.chaos.proxy.call import Call
from llmops.chaos.proxy.earlier_answers import KEPT_ANSWERS, EarlierAnswers
from llmops.chaos.proxy.http1 import scan_head
from llmops.chaos.wire.dialects import dialect_of


def call(path: str, body: bytes = b"", coding: str = "") -> Call:
    head = scan_head(f"POST {path} HTTP/1.1\r\nHost: proxy\r\nContent-Length: 0\r\n\r\n".encode(), b"upstream")
    made = Call(head, dialect_of(b"POST", path.encode()), 0.0, 0.0)
    made.answer_head = f"HTTP/1.1 200 OK\r\n{coding}\r\n".encode()
    made.pieces = [body]
    return made


CHAT = "/v1/chat/completions"


def test_the_last_of_the_same_dialect_are_given_newest_last() -> None:
    kept = EarlierAnswers()
    for n in range(KEPT_ANSWERS + 2):
        kept.remember(call(CHAT, b"%d" % n))
    kept.remember(call("/v1/messages", b"of another dialect"))
    kept.remember(call("/v1/files", b"of none"))
    assert list(kept.before(call(CHAT))) == [b"%d" % n for n in range(2, KEPT_ANSWERS + 2)]
    assert list(kept.before(call("/v1/files"))) == []
    assert kept.before(call(CHAT))[-1] == b"%d" % (KEPT_ANSWERS + 1)


def test_one_that_cannot_be_decoded_is_left_out() -> None:
    kept = EarlierAnswers()
    kept.remember(call(CHAT, b"no gzip", "content-encoding: gzip\r\n"))
    kept.remember(call(CHAT, b"plain"))
    assert list(kept.before(call(CHAT))) == [b"plain"]


def test_what_comes_later_is_no_earlier_answer() -> None:
    kept = EarlierAnswers()
    before = kept.before(call(CHAT))
    kept.remember(call(CHAT, b"later"))
    assert (list(before), list(kept.before(call(CHAT)))) == ([], [b"later"])


def test_nothing_is_decoded_until_somebody_looks_and_then_once(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[Call] = []

    def decode(one: Call) -> bytes:
        decoded.append(one)
        return b"x"

    monkeypatch.setattr(earlier_answers, "decoded_answer", decode)
    kept = EarlierAnswers()
    for _ in range(3):
        kept.remember(call(CHAT, b"x"))
    before = kept.before(call(CHAT))
    assert decoded == []
    assert (len(before), list(reversed(before)), len(decoded)) == (3, [b"x"] * 3, 3)
