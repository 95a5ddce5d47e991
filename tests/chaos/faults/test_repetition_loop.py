from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.repetition_loop import RepetitionLoop
from llmops.errors import BadInput

WORDS = {
    "openai_chat": "length",
    "openai_responses": ("incomplete", {"reason": "max_output_tokens"}),
    "anthropic_messages": "max_tokens",
    "gemini": "MAX_TOKENS",
}


def test_the_text_and_its_finish(text_and_finish: Callable[..., None]) -> None:
    text_and_finish(
        RepetitionLoop(words=3, times=4), lambda healthy: healthy + " the year 2023." * 4, WORDS, "repetition loop"
    )


@pytest.mark.parametrize("wrong", [{"words": 0}, {"times": 0}])
def test_wrong_fields_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        RepetitionLoop(**wrong)
