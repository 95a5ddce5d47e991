from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos import texts
from llmops.chaos.faults.soft_refusal import SoftRefusal
from llmops.errors import BadInput

FAULT, TEXT = SoftRefusal("hedge"), texts.text("soft_refusal", "hedge")


def test_the_text_is_another_and_the_receipt_says_so(constant_text: Callable[..., None]) -> None:
    constant_text(FAULT, TEXT)


def test_the_events_that_repeat_the_text_agree(repeated_text: Callable[..., None]) -> None:
    repeated_text(FAULT, TEXT)


def test_an_answer_of_tools_has_no_text(no_text_in_tools: Callable[..., None]) -> None:
    no_text_in_tools(FAULT)


@pytest.mark.parametrize("wrong", [{"text": "sory"}, {"usage": "kept"}])
def test_wrong_fields_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        SoftRefusal(**wrong)
