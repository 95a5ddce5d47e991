from collections.abc import Callable

import pytest

from llmops.chaos import texts
from llmops.chaos.faults.control_tokens import WHERE, ControlTokens
from llmops.chaos.faults.injection_echo import InjectionEcho
from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.reliability.validators.leak import Leak

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
STREAMED = [(dialect, stream) for dialect in TEXT_DIALECTS for stream in (False, True)]


@pytest.mark.parametrize("what", ["text", "structured"])
@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_a_healthy_answer_leaks_nothing(healthy: Callable[..., Checked], dialect: str, stream: bool, what: str) -> None:
    assert Leak().judge(healthy(dialect, what, stream=stream)).outcome == "valid"


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("template", texts.names("control_tokens"))
@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_control_tokens_are_seen_wherever_they_are(
    spoiled: Callable[..., Checked], template: str, where: str, dialect: str, stream: bool
) -> None:
    judged = Leak().judge(spoiled(ControlTokens(template, where), dialect, stream=stream))
    assert (judged.outcome, judged.reason) == ("invalid", "a control token in the text")


@pytest.mark.parametrize("text", texts.names("injection_echo"))
@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_a_prompt_that_took_over_is_seen(
    spoiled: Callable[..., Checked], text: str, dialect: str, stream: bool
) -> None:
    judged = Leak().judge(spoiled(InjectionEcho(text), dialect, stream=stream))
    assert (judged.outcome, judged.reason) == ("invalid", "the prompt has taken over")


def test_tokens_that_the_request_speaks_of_decide_nothing(said: Callable[..., Checked]) -> None:
    answer = "It ends a turn: <|im_end|> closes what <|im_start|> opened."
    assert Leak().judge(said(answer, "What is <|im_end|> for? And <|im_start|>?")).outcome == "undecided"
    assert Leak().judge(said(answer, "How are turns marked?")).outcome == "invalid"


def test_an_answer_that_is_mostly_the_prompt_is_an_echo(said: Callable[..., Checked]) -> None:
    prompt = "Please sum up the report of the third quarter in one short sentence."  # 69 characters
    assert Leak().judge(said(f"You wrote: {prompt}", prompt)).reason == "an echo of the prompt"
    assert Leak().judge(said(f"You wrote: {prompt} {'And then came more. ' * 4}", prompt)).outcome == "valid"


def test_a_short_question_may_be_repeated(said: Callable[..., Checked]) -> None:
    assert Leak().judge(said("Who are you? I am an assistant.")).outcome == "valid"
