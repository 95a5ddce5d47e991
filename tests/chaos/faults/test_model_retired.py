"""The model is gone."""

from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.model_retired import ModelRetired

Ask = Callable[..., Any]


@pytest.mark.parametrize(
    ("provider", "status", "word"),
    [
        ("openai", 404, "The model `gpt-4o` does not exist"),
        ("azure", 404, "DeploymentNotFound"),
        ("anthropic", 404, "model: gpt-4o"),
        ("gemini", 404, "models/gemini-2.5-flash is not found"),
        ("bedrock", 404, "anthropic.claude-sonnet-5"),
    ],
)
def test_each_provider_says_it_in_its_own_words(http_fault: Ask, provider: str, status: int, word: str) -> None:
    got = http_fault(ModelRetired(), provider)
    assert (got.status, word in got.body.decode()) == (status, True)
    assert not got.asked_upstream
    assert [receipt["status"] for receipt in got.receipts] == [status]
    assert got.receipts[0]["applied"] is True


def test_a_route_that_nobody_knows_gets_a_plain_error(http_fault: Ask) -> None:
    got = http_fault(ModelRetired(), "opaque")
    assert got.status == 404
    assert got.json()["error"]["message"]
    assert got.receipts[0]["applied"] is True
