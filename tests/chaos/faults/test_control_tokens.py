from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos import texts
from llmops.chaos.faults.control_tokens import ControlTokens
from llmops.errors import BadInput

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
STREAMED = [(dialect, stream) for dialect in TEXT_DIALECTS for stream in (False, True)]


@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_the_tokens_are_in_the_text(through: Callable[..., Any], dialect: str, stream: bool) -> None:
    healthy = through([], dialect, stream=stream).said(dialect)
    tokens = texts.text("control_tokens", "llama")
    for where, expected in {
        "start": tokens + healthy,
        "middle": healthy[:55] + tokens + healthy[55:],
        "end": healthy + tokens,
    }.items():
        seen = through(ControlTokens("llama", where), dialect, stream=stream)
        assert seen.said(dialect) == expected
        assert seen.applied[0]["characters_after"] == len(expected)


def test_a_stream_is_held_and_the_receipt_says_so(through: Callable[..., Any]) -> None:
    assert through(ControlTokens(), stream=True).applied[0]["held_events"] == 20  # 19 with text and the finish


@pytest.mark.parametrize("wrong", [{"template": "gpt"}, {"where": "top"}])
def test_wrong_fields_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        ControlTokens(**wrong)
