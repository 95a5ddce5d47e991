"""502."""

from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.bad_gateway import BadGateway

Ask = Callable[..., Any]


@pytest.mark.parametrize(
    ("provider", "status", "word"),
    [
        ("openai", 502, "error"),
        ("azure", 502, "error"),
        ("anthropic", 502, "api_error"),
        ("gemini", 502, "UNAVAILABLE"),
    ],
)
def test_each_provider_says_it_in_its_own_words(http_fault: Ask, provider: str, status: int, word: str) -> None:
    got = http_fault(BadGateway(), provider)
    assert (got.status, word in got.body.decode()) == (status, True)
    assert not got.asked_upstream
    assert [receipt["status"] for receipt in got.receipts] == [status]
    assert got.receipts[0]["applied"] is True


def test_a_route_that_nobody_knows_gets_a_plain_error(http_fault: Ask) -> None:
    got = http_fault(BadGateway(), "opaque")
    assert got.status == 502
    assert got.json()["error"]["message"]
    assert got.receipts[0]["applied"] is True


@pytest.mark.parametrize("provider", ["bedrock"])
def test_a_provider_without_such_an_error_answers_by_itself_and_the_receipt_says_so(
    http_fault: Ask, provider: str
) -> None:
    got = http_fault(BadGateway(), provider)
    assert (got.asked_upstream, got.status, got.body) == (True, 200, b"{}")
    assert got.receipts[0]["applied"] is False
    assert provider in got.receipts[0]["reason"]
