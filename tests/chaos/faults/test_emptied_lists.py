import json
from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.emptied_lists import EmptiedLists
from llmops.errors import BadInput

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
STREAMED = [(dialect, stream) for dialect in TEXT_DIALECTS for stream in (False, True)]


TRUE = {"city": "Bern", "canton": "Aargau", "people": 134794, "year": 2023, "rivers": ["Aare", "Sulgenbach"]}
ARGUMENTS = {"city": "Bern", "unit": "celsius", "days": 37}


@pytest.mark.parametrize("coding", ["", "gzip"])
@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_the_lists_are_empty(through: Callable[..., Any], dialect: str, stream: bool, coding: str) -> None:
    seen = through(EmptiedLists(), dialect, "structured", stream=stream, coding=coding)
    assert json.loads(seen.said(dialect)) == {**TRUE, "rivers": []}
    assert seen.applied[0]["what"] == "lists emptied"


@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_arguments_without_a_list_are_reported(through: Callable[..., Any], dialect: str, stream: bool) -> None:
    assert "list" not in ARGUMENTS
    seen = through(EmptiedLists("tool_arguments"), dialect, "tool", stream=stream)
    assert (seen.body, seen.reasons) == (seen.upstream, ["there is no list with anything in it"])


def test_prose_is_reported(through: Callable[..., Any]) -> None:
    seen = through(EmptiedLists(), "openai_chat", "text", stream=True)
    assert (seen.body, seen.reasons) == (seen.upstream, ["the text is no structured output"])


def test_the_same_seed_does_the_same(through: Callable[..., Any]) -> None:
    bodies = {through(EmptiedLists(), "gemini", "structured", seed=7).body for _ in range(3)}
    assert len(bodies) == 1


def test_another_place_is_refused() -> None:
    with pytest.raises(BadInput):
        EmptiedLists(where="thoughts")  # type: ignore[arg-type]
