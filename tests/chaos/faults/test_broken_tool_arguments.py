import json
from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.broken_tool_arguments import BrokenToolArguments
from llmops.errors import BadInput

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
STREAMED = [(dialect, stream) for dialect in TEXT_DIALECTS for stream in (False, True)]


OBJECTS = [("anthropic_messages", False), ("gemini", False), ("gemini", True)]


@pytest.mark.parametrize(("dialect", "stream"), [pair for pair in STREAMED if pair not in OBJECTS])
def test_they_are_cut_in_half(through: Callable[..., Any], dialect: str, stream: bool) -> None:
    healthy = through([], dialect, "tool", stream=stream).said(dialect, tool=True)
    seen = through(BrokenToolArguments(), dialect, "tool", stream=stream)
    assert seen.said(dialect, tool=True) == healthy[:23]  # of 47
    assert seen.applied[0]["what"] == "tool arguments cut"


@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_another_object_fits_every_dialect(through: Callable[..., Any], dialect: str, stream: bool) -> None:
    seen = through(BrokenToolArguments("wrong_schema"), dialect, "tool", stream=stream, coding="br")
    assert json.loads(seen.said(dialect, tool=True)) == {"unexpected_argument": True}


@pytest.mark.parametrize(("dialect", "stream"), OBJECTS)
def test_an_object_cannot_be_broken_json(through: Callable[..., Any], dialect: str, stream: bool) -> None:
    seen = through(BrokenToolArguments("not_json"), dialect, "tool", stream=stream)
    assert (seen.body, seen.reasons) == (
        seen.upstream,
        ["here the arguments are an object, which cannot be broken so"],
    )


def test_the_event_that_repeats_them_agrees(through: Callable[..., Any]) -> None:
    seen = through(BrokenToolArguments(), "openai_responses", "tool", stream=True)
    done = {one["type"]: one for one in seen.payloads}
    cut = seen.said("openai_responses", tool=True)
    assert done["response.function_call_arguments.done"]["arguments"] == cut
    assert done["response.completed"]["response"]["output"][0]["arguments"] == cut


def test_another_way_is_refused() -> None:
    with pytest.raises(BadInput):
        BrokenToolArguments("half")
