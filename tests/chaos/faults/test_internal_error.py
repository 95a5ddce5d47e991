"""500."""

from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.internal_error import InternalError

Ask = Callable[..., Any]


@pytest.mark.parametrize(
    ("provider", "status", "word"),
    [
        ("openai", 500, "server_error"),
        ("azure", 500, "server_error"),
        ("anthropic", 500, "api_error"),
        ("gemini", 500, "INTERNAL"),
        ("bedrock", 500, "unexpected error"),
    ],
)
def test_each_provider_says_it_in_its_own_words(http_fault: Ask, provider: str, status: int, word: str) -> None:
    got = http_fault(InternalError(), provider)
    assert (got.status, word in got.body.decode()) == (status, True)
    assert not got.asked_upstream
    assert [receipt["status"] for receipt in got.receipts] == [status]
    assert got.receipts[0]["applied"] is True


def test_a_route_that_nobody_knows_gets_a_plain_error(http_fault: Ask) -> None:
    got = http_fault(InternalError(), "opaque")
    assert got.status == 500
    assert got.json()["error"]["message"]
    assert got.receipts[0]["applied"] is True
