from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.oversized_event import OversizedEvent
from llmops.errors import BadInput

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")


@pytest.mark.parametrize("dialect", TEXT_DIALECTS)
def test_one_event_is_larger_than_64_kb_and_still_reads(through: Callable[..., Any], dialect: str) -> None:
    seen = through(OversizedEvent(), dialect, stream=True, coding="gzip")
    large = [event for event in seen.events if len(event) > 65_536]
    assert len(large) == 1
    assert seen.applied[0]["bytes_after"] == len(large[0])
    assert seen.said(dialect) == through([], dialect, stream=True).said(dialect)


@pytest.mark.parametrize("wrong", [{"piece": 0}, {"size_bytes": 0}])
def test_wrong_fields_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        OversizedEvent(**wrong)
