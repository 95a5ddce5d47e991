from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.usage_zero import UsageZero

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
STREAMED = [(dialect, stream) for dialect in TEXT_DIALECTS for stream in (False, True)]


def counts(value: object) -> dict[str, int]:
    """All counts of tokens, at any depth, of the last that says them."""
    found: dict[str, int] = {}
    for one in value if isinstance(value, list) else value.values() if isinstance(value, dict) else []:
        found |= counts(one)
    if isinstance(value, dict):
        tokens = {name: count for name, count in value.items() if "oken" in name and isinstance(count, int)}
        found |= {name: count for name, count in tokens.items() if "audio" not in name}
    return found


@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_all_counts_are_zero(through: Callable[..., Any], dialect: str, stream: bool) -> None:
    seen = through(UsageZero(), dialect, stream=stream)
    found = counts(seen.payloads if stream else seen.json)
    assert found
    assert set(found.values()) == {0}
    assert seen.applied == [{"applied": True, "what": "usage zero"}]
