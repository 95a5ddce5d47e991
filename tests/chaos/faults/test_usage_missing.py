from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.usage_missing import UsageMissing

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
STREAMED = [(dialect, stream) for dialect in TEXT_DIALECTS for stream in (False, True)]


@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_nothing_is_counted(through: Callable[..., Any], dialect: str, stream: bool) -> None:
    seen = through(UsageMissing(), dialect, stream=stream)
    payloads = seen.payloads if stream else [seen.json]
    holders = [one.get("response") or one.get("message") or one for one in payloads]
    assert {holder.get("usage") or holder.get("usageMetadata") for holder in holders} == {None}
    assert seen.applied == [{"applied": True, "what": "usage taken away"}]


def test_the_usage_chunk_of_a_chat_is_left_out(through: Callable[..., Any]) -> None:
    seen = through(UsageMissing(), stream=True)
    assert not [one for one in seen.payloads if one["choices"] == []]
    assert seen.events[-1] == b"data: [DONE]\n\n"
