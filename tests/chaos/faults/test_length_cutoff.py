from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.length_cutoff import LengthCutoff
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
    seen = through(LengthCutoff(0.3), dialect, stream=stream, coding="br")
    assert seen.said(dialect) == healthy[:33]  # of 110
    said = last_finish(dialect, seen.payloads) if stream else finish(dialect, seen.json)
    assert said == WORDS[dialect]
    assert seen.applied[0]["what"] == "cut for length"


def test_a_cut_response_ends_with_its_own_event(through: Callable[..., Any]) -> None:
    seen = through(LengthCutoff(), "openai_responses", stream=True)
    assert seen.events[-1].startswith(b'event: response.incomplete\ndata: {"type":"response.incomplete"')


@pytest.mark.parametrize("stream", [False, True])
def test_the_tokens_of_the_text_are_scaled(through: Callable[..., Any], stream: bool) -> None:
    seen = through(LengthCutoff(0.5), stream=stream)
    usage = (seen.payloads[-1] if stream else seen.json)["usage"]
    assert (usage["completion_tokens"], usage["total_tokens"]) == (25, 45)  # 10 of reasoning + 30 / 2


@pytest.mark.parametrize("ratio", [-0.01, 1.0])
def test_a_ratio_outside_is_refused(ratio: float) -> None:
    with pytest.raises(BadInput):
        LengthCutoff(ratio)
