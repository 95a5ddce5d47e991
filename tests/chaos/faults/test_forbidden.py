"""403 for a key that may."""

from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.forbidden import Forbidden

Ask = Callable[..., Any]


@pytest.mark.parametrize(
    ("provider", "status", "word"),
    [
        ("openai", 403, "does not have access"),
        ("azure", 403, "does not have access"),
        ("anthropic", 403, "permission_error"),
        ("gemini", 403, "PERMISSION_DENIED"),
        ("bedrock", 403, "access"),
    ],
)
def test_each_provider_says_it_in_its_own_words(http_fault: Ask, provider: str, status: int, word: str) -> None:
    got = http_fault(Forbidden(), provider)
    assert (got.status, word in got.body.decode()) == (status, True)
    assert not got.asked_upstream
    assert [receipt["status"] for receipt in got.receipts] == [status]
    assert got.receipts[0]["applied"] is True


def test_a_route_that_nobody_knows_gets_a_plain_error(http_fault: Ask) -> None:
    got = http_fault(Forbidden(), "opaque")
    assert got.status == 403
    assert got.json()["error"]["message"]
    assert got.receipts[0]["applied"] is True
