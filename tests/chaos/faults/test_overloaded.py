"""529, or 503."""

from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.overloaded import Overloaded

Ask = Callable[..., Any]


@pytest.mark.parametrize(
    ("provider", "status", "word"),
    [
        ("openai", 503, "Slow Down"),
        ("azure", 503, "Slow Down"),
        ("anthropic", 529, "overloaded_error"),
        ("gemini", 503, "overloaded"),
        ("bedrock", 503, "connections"),
    ],
)
def test_each_provider_says_it_in_its_own_words(http_fault: Ask, provider: str, status: int, word: str) -> None:
    got = http_fault(Overloaded(), provider)
    assert (got.status, word in got.body.decode()) == (status, True)
    assert not got.asked_upstream
    assert [receipt["status"] for receipt in got.receipts] == [status]
    assert got.receipts[0]["applied"] is True


def test_a_route_that_nobody_knows_gets_a_plain_error(http_fault: Ask) -> None:
    got = http_fault(Overloaded(), "opaque")
    assert got.status == 529
    assert got.json()["error"]["message"]
    assert got.receipts[0]["applied"] is True
