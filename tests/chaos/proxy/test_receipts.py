"""What a receipt says, line by line."""

from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from llmops.chaos.faults.base import RECEIPT_FIELDS, FaultContext, Request
from llmops.chaos.faults.empty_content import EmptyContent
from llmops.chaos.proxy.call import Call
from llmops.chaos.proxy.http1 import scan_head
from llmops.chaos.proxy.journal import Journal
from llmops.chaos.proxy.pipeline import Matched
from llmops.chaos.proxy.receipts import NOT_OBSERVABLE, fault_name, receipts_of, state_receipt
from llmops.chaos.wire.dialects import dialect_of
from llmops.chaos.wire.parts import RequestHead

TARGET = b"/v1/chat/completions"


@pytest.fixture
def lines() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def journal(lines: list[dict[str, Any]]) -> Journal:
    made = Journal(None, now=lambda: datetime(2026, 11, 25, 10, tzinfo=UTC))
    made.listeners.append(lambda line: lines.append(dict(line)))
    return made


def call(number: int, headers: bytes = b"") -> Call:
    raw = b"POST " + TARGET + b" HTTP/1.1\r\nHost: a\r\n" + headers + b"Content-Length: 2\r\n\r\n"
    made = Call(scan_head(raw, b"up"), dialect_of(b"POST", TARGET), 0.0, 0.0)
    made.number, made.body = number, b"{}"
    return made


def matched(name: str) -> Matched:
    request = Request(RequestHead(b"POST", TARGET, ()), b"{}", None, None)
    return Matched(name, EmptyContent(), FaultContext(request, Random(0)))


def test_a_fault_is_called_as_its_file() -> None:
    assert fault_name(EmptyContent()) == "empty_content"


def test_a_receipt_says_what_was_done_to_which_call_and_when(journal: Journal, lines: list[dict[str, Any]]) -> None:
    write = receipts_of(call(7, b"x-llmops-request-id: job-1\r\n"), "openai", journal)
    write(matched("quiet"), {"applied": True, "what": "empty content", "characters_after": 0})
    (line,) = lines
    assert line == line | {
        "schema_version": 1,
        "kind": "receipt",
        "at": "2026-11-25T10:00:00.000000Z",
        "provider": "openai",
        "injection": "quiet",
        "fault": "empty_content",
        "call": 7,
        "request_id": "job-1",
        "followed_by": "header",
        "applied": True,
        "what": "empty content",
        "characters_after": 0,
    }


def test_a_fault_that_did_nothing_says_why(journal: Journal, lines: list[dict[str, Any]]) -> None:
    receipts_of(call(8), "openai", journal)(matched("quiet"), {"applied": False, "reason": "no text"})
    assert (lines[0]["applied"], lines[0]["reason"], lines[0]["request_id"]) == (False, "no text", None)


def test_no_fault_may_speak_under_a_name_of_the_receipt(journal: Journal, lines: list[dict[str, Any]]) -> None:
    receipts_of(call(8), "openai", journal)(matched("quiet"), {"applied": False, "reason": "no text"})
    assert lines[0].keys() == RECEIPT_FIELDS
    for name in lines[0]:
        with pytest.raises(ValueError, match=f"a receipt says {name} by itself"):
            matched("quiet").context.note("something", **{name: 1})


def test_the_state_of_a_fault_below_http_names_no_call(journal: Journal, lines: list[dict[str, Any]]) -> None:
    state_receipt(journal, "openai", "gone", "refused", "on", connections=NOT_OBSERVABLE, at_from="10:00")
    (line,) = lines
    assert "call" not in line
    assert (line["state"], line["connections_seen"], line["at_from"]) == ("on", "not observable", "10:00")
    assert (line["kind"], line["injection"], line["fault"], line["applied"]) == ("receipt", "gone", "refused", True)
