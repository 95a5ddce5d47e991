"""401 for a good key."""

from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.invalid_api_key import InvalidApiKey

Ask = Callable[..., Any]


@pytest.mark.parametrize(
    ("provider", "status", "word"),
    [
        ("openai", 401, "invalid_api_key"),
        ("azure", 401, "Access denied"),
        ("anthropic", 401, "authentication_error"),
        ("gemini", 400, "API_KEY_INVALID"),
        ("bedrock", 403, "security token"),
    ],
)
def test_each_provider_says_it_in_its_own_words(http_fault: Ask, provider: str, status: int, word: str) -> None:
    got = http_fault(InvalidApiKey(), provider)
    assert (got.status, word in got.body.decode()) == (status, True)
    assert not got.asked_upstream
    assert [receipt["status"] for receipt in got.receipts] == [status]
    assert got.receipts[0]["applied"] is True


def test_a_route_that_nobody_knows_gets_a_plain_error(http_fault: Ask) -> None:
    got = http_fault(InvalidApiKey(), "opaque")
    assert got.status == 401
    assert got.json()["error"]["message"]
    assert got.receipts[0]["applied"] is True
