from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.usage_inflated import UsageInflated
from llmops.errors import BadInput

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
def test_all_counts_are_ten_times_theirs(through: Callable[..., Any], dialect: str, stream: bool) -> None:
    healthy, seen = through([], dialect, stream=stream), through(UsageInflated(), dialect, stream=stream)
    before, after = (counts(one.payloads if stream else one.json) for one in (healthy, seen))
    assert after == {name: count * 10 for name, count in before.items()}
    assert seen.applied == [{"applied": True, "what": "usage times 10"}]


def test_a_factor_of_one_is_refused() -> None:
    with pytest.raises(BadInput):
        UsageInflated(1)
