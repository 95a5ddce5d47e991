import json
from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.swapped_fields import SwappedFields
from llmops.errors import BadInput

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
STREAMED = [(dialect, stream) for dialect in TEXT_DIALECTS for stream in (False, True)]


TRUE = {"city": "Bern", "canton": "Aargau", "people": 134794, "year": 2023, "rivers": ["Aare", "Sulgenbach"]}
ARGUMENTS = {"city": "Bern", "unit": "celsius", "days": 37}


@pytest.mark.parametrize("coding", ["", "gzip"])
@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_two_values_have_changed_places(through: Callable[..., Any], dialect: str, stream: bool, coding: str) -> None:
    seen = through(SwappedFields(), dialect, "structured", stream=stream, coding=coding)
    lie = json.loads(seen.said(dialect))
    assert {name for name in TRUE if lie[name] != TRUE[name]} in ({"city", "canton"}, {"people", "year"})
    assert sorted(map(str, lie.values())) == sorted(map(str, TRUE.values()))
    assert seen.applied[0]["what"] == "fields swapped"


@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_the_arguments_of_a_tool_too(through: Callable[..., Any], dialect: str, stream: bool) -> None:
    seen = through(SwappedFields("tool_arguments"), dialect, "tool", stream=stream)
    assert json.loads(seen.said(dialect, tool=True)) == {"city": "celsius", "unit": "Bern", "days": 37}


def test_prose_is_reported(through: Callable[..., Any]) -> None:
    seen = through(SwappedFields(), "openai_chat", "text", stream=True)
    assert (seen.body, seen.reasons) == (seen.upstream, ["the text is no structured output"])


def test_the_same_seed_does_the_same(through: Callable[..., Any]) -> None:
    bodies = {through(SwappedFields(), "gemini", "structured", seed=7).body for _ in range(3)}
    assert len(bodies) == 1


def test_another_place_is_refused() -> None:
    with pytest.raises(BadInput):
        SwappedFields(where="thoughts")  # type: ignore[arg-type]
