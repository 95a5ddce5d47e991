"""Redirects: a loop, or to where no key can leak."""

from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.redirect import Redirect
from llmops.errors import BadInput

Ask = Callable[..., Any]


def test_by_itself_it_is_a_loop(http_fault: Ask) -> None:
    got = http_fault(Redirect())
    assert (got.status, got.headers["location"], got.body) == (307, "/v1/chat/completions", b"")
    assert got.receipts == [{"applied": True, "what": "answered 307 to /v1/chat/completions", "status": 307}]


def test_the_receipt_keeps_no_query(http_fault: Ask) -> None:
    got = http_fault(Redirect(to="https://a.invalid/v1?key=secret", status=302))
    assert got.headers["location"] == "https://a.invalid/v1?key=secret"
    assert "secret" not in str(got.receipts)


@pytest.mark.parametrize(
    "to",
    [
        "https://api.openai.com/v1",
        "https://evil.invalid.example.com/",
        "ftp://localhost/",
        "/v1",
        "//localhost",
        "http://localhost/a b",
        "http://localhost/\r\nx: y",
        "http://[::1",
        "",
    ],
)
def test_it_leads_only_where_no_key_can_leak(to: str) -> None:
    with pytest.raises(BadInput):
        Redirect(to=to)


@pytest.mark.parametrize("to", ["http://localhost:8080/v1", "http://[::1]/", "https://elsewhere.invalid"])
def test_loopback_and_reserved_names_are_allowed(to: str) -> None:
    assert Redirect(to=to).to == to
