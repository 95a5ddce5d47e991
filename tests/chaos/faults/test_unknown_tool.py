from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.unknown_tool import UnknownTool
from llmops.errors import BadInput

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
STREAMED = [(dialect, stream) for dialect in TEXT_DIALECTS for stream in (False, True)]


@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_every_call_names_it(through: Callable[..., Any], dialect: str, stream: bool) -> None:
    seen = through(UnknownTool("rm"), dialect, "tool", stream=stream, coding="gzip")
    assert b'"weather"' in seen.upstream
    assert b'"weather"' not in seen.body
    assert b'"name":"rm"' in seen.body
    assert seen.said(dialect, tool=True) == through([], dialect, "tool", stream=stream).said(dialect, tool=True)
    assert seen.applied == [{"applied": True, "what": "tool rm"}]


@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_an_answer_without_a_call_is_reported(through: Callable[..., Any], dialect: str, stream: bool) -> None:
    seen = through(UnknownTool(), dialect, stream=stream)
    assert (seen.body, seen.applied, len(seen.reasons)) == (seen.upstream, [], 1)


def test_an_empty_name_is_refused() -> None:
    with pytest.raises(BadInput):
        UnknownTool("")
