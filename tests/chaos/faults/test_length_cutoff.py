from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.length_cutoff import LengthCutoff
from llmops.errors import BadInput

WORDS = {
    "openai_chat": "length",
    "openai_responses": ("incomplete", {"reason": "max_output_tokens"}),
    "anthropic_messages": "max_tokens",
    "gemini": "MAX_TOKENS",
}


def test_the_text_and_its_finish(text_and_finish: Callable[..., None]) -> None:
    text_and_finish(LengthCutoff(0.3), lambda healthy: healthy[:33], WORDS, "cut for length")  # of 110


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
