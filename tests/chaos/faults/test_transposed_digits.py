import json
from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.transposed_digits import TransposedDigits
from llmops.errors import BadInput

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
STREAMED = [(dialect, stream) for dialect in TEXT_DIALECTS for stream in (False, True)]


TRUE = {"city": "Bern", "canton": "Aargau", "people": 134794, "year": 2023, "rivers": ["Aare", "Sulgenbach"]}
ARGUMENTS = {"city": "Bern", "unit": "celsius", "days": 37}


@pytest.mark.parametrize("coding", ["", "gzip"])
@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_one_number_lies(through: Callable[..., Any], dialect: str, stream: bool, coding: str) -> None:
    seen = through(TransposedDigits(), dialect, "structured", stream=stream, coding=coding)
    lie = json.loads(seen.said(dialect))
    (name,) = [name for name in TRUE if lie[name] != TRUE[name]]
    assert sorted(str(lie[name])) == sorted(str(TRUE[name]))
    assert seen.applied[0]["characters_before"] == seen.applied[0]["characters_after"]


@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_the_arguments_of_a_tool_too(through: Callable[..., Any], dialect: str, stream: bool) -> None:
    seen = through(TransposedDigits("tool_arguments"), dialect, "tool", stream=stream)
    assert json.loads(seen.said(dialect, tool=True)) == {**ARGUMENTS, "days": 73}


def test_no_leading_zero_is_made(through: Callable[..., Any]) -> None:
    body = b'{"object":"chat.completion","choices":[{"index":0,"message":{"content":"[10]"},"finish_reason":"stop"}]}'
    seen = through(TransposedDigits(), body=body)
    assert (seen.body, seen.reasons) == (body, ["no number has two different digits side by side"])


def test_prose_is_reported(through: Callable[..., Any]) -> None:
    seen = through(TransposedDigits(), "openai_chat", "text", stream=True)
    assert (seen.body, seen.reasons) == (seen.upstream, ["the text is no structured output"])


def test_the_same_seed_does_the_same(through: Callable[..., Any]) -> None:
    bodies = {through(TransposedDigits(), "gemini", "structured", seed=7).body for _ in range(3)}
    assert len(bodies) == 1


def test_another_place_is_refused() -> None:
    with pytest.raises(BadInput):
        TransposedDigits(where="thoughts")  # type: ignore[arg-type]
