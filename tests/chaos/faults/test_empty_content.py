from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.empty_content import EmptyContent
from llmops.errors import BadInput

FAULT, TEXT = EmptyContent(), ""


def test_the_text_is_another_and_the_receipt_says_so(constant_text: Callable[..., None]) -> None:
    constant_text(FAULT, TEXT)


def test_the_events_that_repeat_the_text_agree(repeated_text: Callable[..., None]) -> None:
    repeated_text(FAULT, TEXT)


def test_an_answer_of_tools_has_no_text(no_text_in_tools: Callable[..., None]) -> None:
    no_text_in_tools(FAULT)


@pytest.mark.parametrize("stream", [False, True])
def test_usage_is_scaled_or_left(through: Callable[..., Any], stream: bool) -> None:
    def counted(**fields: Any) -> tuple[int, int]:
        seen = through(EmptyContent(**fields), stream=stream)
        usage = (seen.payloads[-1] if stream else seen.json)["usage"]
        return usage["completion_tokens"], usage["total_tokens"]

    assert counted() == (10, 10 + 20)  # 10 of reasoning stay, 30 of text are gone
    assert counted(usage="left") == (40, 60)


@pytest.mark.parametrize("wrong", [{"usage": "kept"}])
def test_wrong_fields_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        EmptyContent(**wrong)
