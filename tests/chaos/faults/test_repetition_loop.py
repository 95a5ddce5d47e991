from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.repetition_loop import RepetitionLoop
from llmops.errors import BadInput

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
STREAMED = [(dialect, stream) for dialect in TEXT_DIALECTS for stream in (False, True)]


def finish(dialect: str, payload: dict[str, Any]) -> object:
    """The finish reason of a body."""
    if dialect == "openai_responses":
        return payload["status"], payload["incomplete_details"]
    if dialect == "openai_chat":
        return payload["choices"][0]["finish_reason"]
    return payload["stop_reason"] if dialect[0] == "a" else payload["candidates"][0]["finishReason"]


def last_finish(dialect: str, payloads: list[Any]) -> object:
    if dialect == "openai_responses":
        return finish(dialect, payloads[-1]["response"])
    if dialect == "openai_chat":
        return finish(dialect, payloads[-2])  # the last one has the usage
    return payloads[-2]["delta"]["stop_reason"] if dialect[0] == "a" else finish(dialect, payloads[-1])


WORDS = {
    "openai_chat": "length",
    "openai_responses": ("incomplete", {"reason": "max_output_tokens"}),
    "anthropic_messages": "max_tokens",
    "gemini": "MAX_TOKENS",
}


@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_the_text_and_its_finish(through: Callable[..., Any], dialect: str, stream: bool) -> None:
    healthy = through([], dialect, stream=stream).said(dialect)
    seen = through(RepetitionLoop(words=3, times=4), dialect, stream=stream, coding="br")
    assert seen.said(dialect) == healthy + " the year 2023." * 4
    said = last_finish(dialect, seen.payloads) if stream else finish(dialect, seen.json)
    assert said == WORDS[dialect]
    assert seen.applied[0]["what"] == "repetition loop"


@pytest.mark.parametrize("wrong", [{"words": 0}, {"times": 0}])
def test_wrong_fields_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        RepetitionLoop(**wrong)
