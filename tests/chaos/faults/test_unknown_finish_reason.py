from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.unknown_finish_reason import UnknownFinishReason
from llmops.errors import BadInput

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
STREAMED = [(dialect, stream) for dialect in TEXT_DIALECTS for stream in (False, True)]


@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_the_reason_is_another(
    through: Callable[..., Any], finishes: Callable[..., set[Any]], dialect: str, stream: bool
) -> None:
    healthy = through([], dialect, stream=stream)
    seen = through(UnknownFinishReason("tired"), dialect, stream=stream, coding="br")
    assert finishes(dialect, seen) == {"tired"}
    assert seen.said(dialect) == healthy.said(dialect)
    assert seen.applied[0]["what"] == "finish reason tired"


def test_only_the_touched_events_are_written_anew(through: Callable[..., Any]) -> None:
    seen = through(UnknownFinishReason(), stream=True)
    different = [event for event in seen.events if event not in seen.upstream]
    assert len(different) == 1


def test_an_empty_reason_is_refused() -> None:
    with pytest.raises(BadInput):
        UnknownFinishReason("")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("dialect", "reason"),
    [("openai_chat", "stop"), ("openai_chat", "length"), ("anthropic_messages", "refusal"), ("gemini", "RECITATION")],
)
def test_a_reason_that_the_dialect_has_is_not_applied(
    through: Callable[..., Any], dialect: str, reason: str, stream: bool
) -> None:
    seen = through(UnknownFinishReason(reason), dialect, stream=stream)
    assert (seen.body, seen.reasons) == (seen.upstream, [f"{dialect} has the finish reason {reason}"])
