from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.missing_finish_reason import MissingFinishReason

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
STREAMED = [(dialect, stream) for dialect in TEXT_DIALECTS for stream in (False, True)]


@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_no_reason_is_left(
    through: Callable[..., Any], finishes: Callable[..., set[Any]], dialect: str, stream: bool
) -> None:
    healthy, seen = through([], dialect, stream=stream), through(MissingFinishReason(), dialect, stream=stream)
    assert finishes(dialect, healthy) != set()
    assert finishes(dialect, seen) == set()
    assert seen.said(dialect) == healthy.said(dialect)
    assert seen.applied == [{"applied": True, "what": "finish reason taken away"}]
