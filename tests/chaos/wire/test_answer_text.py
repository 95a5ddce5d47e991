from collections.abc import Callable

import pytest

from llmops.chaos.wire.answer_text import text_of_answer
from llmops.chaos.wire.dialects import DIALECTS
from llmops.chaos.wire.sse import split_all


@pytest.mark.parametrize("dialect", ["openai_chat", "openai_responses", "anthropic_messages", "gemini"])
def test_the_text_of_an_earlier_answer(answer: Callable[..., bytes], dialect: str) -> None:
    body, stream = (text_of_answer(DIALECTS[dialect], answer(dialect, stream=one)) for one in (False, True))
    assert body == stream
    assert body is not None
    assert len(body) == 110
    assert text_of_answer(DIALECTS[dialect], answer(dialect, "tool")) is None
    assert split_all(answer(dialect, stream=True))
