from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.empty_body import EmptyBody
from llmops.chaos.faults.empty_choices import EmptyChoices
from llmops.chaos.faults.empty_content import EmptyContent
from llmops.chaos.faults.html_as_200 import HtmlAs200
from llmops.chaos.faults.null_content import NullContent
from llmops.chaos.faults.only_terminator import OnlyTerminator
from llmops.chaos.faults.refusal_field import RefusalField
from llmops.chaos.faults.whitespace_content import WhitespaceContent
from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.reliability.validators.empty import Empty

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
STREAMED = [(dialect, stream) for dialect in TEXT_DIALECTS for stream in (False, True)]


@pytest.mark.parametrize("what", ["text", "structured", "tool"])
@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_a_healthy_answer_says_something(
    healthy: Callable[..., Checked], dialect: str, stream: bool, what: str
) -> None:
    assert Empty().judge(healthy(dialect, what, stream=stream)).outcome == "valid"


@pytest.mark.parametrize("fault", [EmptyContent(), WhitespaceContent(), EmptyBody()], ids=["empty", "white", "body"])
@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_an_answer_that_says_nothing_is_seen(
    spoiled: Callable[..., Checked], fault: Any, dialect: str, stream: bool
) -> None:
    assert Empty().judge(spoiled(fault, dialect, stream=stream)).outcome == "invalid"


@pytest.mark.parametrize(
    ("fault", "dialect", "stream"),
    [
        (EmptyChoices(), "openai_chat", False),
        (EmptyChoices(), "gemini", True),
        (NullContent(), "openai_chat", True),
        (NullContent(), "openai_responses", False),
        (NullContent(), "anthropic_messages", True),
        (NullContent(), "gemini", False),
        (OnlyTerminator(), "openai_chat", True),
        (OnlyTerminator(), "anthropic_messages", True),
    ],
)
def test_what_only_some_dialects_can_say(
    spoiled: Callable[..., Checked], fault: Any, dialect: str, stream: bool
) -> None:
    assert Empty().judge(spoiled(fault, dialect, stream=stream)).outcome == "invalid"


@pytest.mark.parametrize("finish", ["tool_calls", "function_call"])
def test_a_call_that_is_said_and_not_shown_decides_nothing(said: Callable[..., Checked], finish: str) -> None:
    """A custom tool, or one whose call was dropped on the way."""
    assert Empty().judge(said("", finish=finish)).outcome == "undecided"


def test_a_refusal_says_something(spoiled: Callable[..., Checked]) -> None:
    assert Empty().judge(spoiled(RefusalField(), "openai_chat")).outcome == "valid"


def test_what_cannot_be_read_is_not_called_empty(spoiled: Callable[..., Checked]) -> None:
    assert Empty().judge(spoiled(HtmlAs200(), "openai_chat")).outcome == "undecided"


def test_an_empty_answer_to_a_request_for_one_token_is_no_failure(said: Callable[..., Checked]) -> None:
    """OmniRoute#3572."""
    assert Empty().judge(said("", finish="length", max_tokens=1)).outcome == "undecided"
    assert Empty().judge(said("", finish="length", max_tokens=100)).outcome == "invalid"
