from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.unknown_finish_reason import UnknownFinishReason
from llmops.errors import BadInput

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
def test_the_reason_is_another(through: Callable[..., Any], dialect: str, stream: bool) -> None:
    healthy = through([], dialect, stream=stream)
    seen = through(UnknownFinishReason("tired"), dialect, stream=stream, coding="br")
    assert finishes(dialect, seen.payloads if stream else [seen.json]) == {"tired"}
    assert seen.said(dialect) == healthy.said(dialect)
    assert seen.applied[0]["what"] == "finish reason tired"


def test_only_the_touched_events_are_written_anew(through: Callable[..., Any]) -> None:
    seen = through(UnknownFinishReason(), stream=True)
    different = [event for event in seen.events if event not in seen.upstream]
    assert len(different) == 1


def test_an_empty_reason_is_refused() -> None:
    with pytest.raises(BadInput):
        UnknownFinishReason("")
