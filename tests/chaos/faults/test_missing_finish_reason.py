from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.missing_finish_reason import MissingFinishReason

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
STREAMED = [(dialect, stream) for dialect in TEXT_DIALECTS for stream in (False, True)]


def finishes(dialect: str, payloads: list[Any]) -> set[Any]:
    """Every finish reason that the answer says."""
    found = [
        *(choice.get("finish_reason") for one in payloads for choice in one.get("choices", [])),
        *(candidate.get("finishReason") for one in payloads for candidate in one.get("candidates", [])),
        *(one.get("stop_reason") or one.get("delta", {}).get("stop_reason") for one in payloads if dialect[0] == "a"),
        *(status(one.get("response", one)) for one in payloads if dialect == "openai_responses"),
    ]
    return {reason for reason in found if reason not in (None, "in_progress")}


def status(response: dict[str, Any]) -> object:
    return response.get("status") if response.get("object") == "response" else None


@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_no_reason_is_left(through: Callable[..., Any], dialect: str, stream: bool) -> None:
    healthy, seen = through([], dialect, stream=stream), through(MissingFinishReason(), dialect, stream=stream)
    assert finishes(dialect, healthy.payloads if stream else [healthy.json]) != set()
    assert finishes(dialect, seen.payloads if stream else [seen.json]) == set()
    assert seen.said(dialect) == healthy.said(dialect)
    assert seen.applied == [{"applied": True, "what": "finish reason taken away"}]
