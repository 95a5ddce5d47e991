from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.only_terminator import OnlyTerminator


@pytest.mark.parametrize("dialect", ["openai_chat", "openai_responses", "anthropic_messages"])
def test_one_event_is_left(through: Callable[..., Any], dialect: str) -> None:
    seen = through(OnlyTerminator(), dialect, stream=True)
    assert len(seen.events) == 1
    assert seen.upstream.endswith(seen.events[0])
    assert seen.applied


def test_a_body_is_no_stream(through: Callable[..., Any]) -> None:
    seen = through(OnlyTerminator())
    assert (seen.body, seen.reasons) == (seen.upstream, ["the answer is no stream"])
