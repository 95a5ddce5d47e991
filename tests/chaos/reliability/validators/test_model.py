from collections.abc import Callable

import pytest

from llmops.chaos.faults.wrong_model import WrongModel
from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.reliability.validators.model import Model

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
STREAMED = [(dialect, stream) for dialect in TEXT_DIALECTS for stream in (False, True)]
ALLOWED = ("gpt-4o*", "claude-sonnet-4-5*", "gemini-3-pro")


@pytest.mark.parametrize("allowed", [(), ALLOWED], ids=["as asked", "listed"])
@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_the_model_that_was_asked_may_answer(
    healthy: Callable[..., Checked], dialect: str, stream: bool, allowed: tuple[str, ...]
) -> None:
    assert Model(allowed).judge(healthy(dialect, stream=stream)).outcome == "valid"


@pytest.mark.parametrize("allowed", [(), ALLOWED], ids=["as asked", "listed"])
@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_another_may_not(spoiled: Callable[..., Checked], dialect: str, stream: bool, allowed: tuple[str, ...]) -> None:
    assert Model(allowed).judge(spoiled(WrongModel(), dialect, stream=stream)).outcome == "invalid"


@pytest.mark.parametrize(
    ("asked", "answered", "outcome"),
    [
        ("gpt-4o", "gpt-4o", "valid"),
        ("gpt-4o", "gpt-4o-2024-08-06", "valid"),
        ("gpt-4", "gpt-4-0613", "valid"),
        ("openai/gpt-4o", "gpt-4o-2024-08-06", "valid"),
        ("claude-3-7-sonnet-latest", "claude-3-7-sonnet-20250219", "valid"),
        ("gemini-2.5-pro", "models/gemini-2.5-pro", "valid"),
        ("gpt-4o-2024-05-13", "gpt-4o-2024-08-06", "invalid"),
        ("gpt-4o", "gpt-4o-mini-2024-07-18", "invalid"),
        ("claude-sonnet-4", "claude-sonnet-4-5-20250929", "invalid"),
        ("gpt-4o", "gpt-3.5-turbo-0125", "invalid"),
        ("prod-chat", "gpt-4o-2024-08-06", "undecided"),
        ("gpt-4o-backup", "gpt-4o-2024-08-06", "undecided"),
    ],
)
def test_a_dated_name_is_the_same_model_and_an_alias_says_nothing(
    said: Callable[..., Checked], asked: str, answered: str, outcome: str
) -> None:
    exchange = said("yes", model=answered)
    request = {**exchange.request, "model": asked}
    assert Model().judge(Checked(request, exchange.response, exchange.dialect)).outcome == outcome


def test_a_chunk_that_names_no_model_is_not_another_one(healthy: Callable[..., Checked]) -> None:
    """Azure's first chunk has an empty name, with the results of its filter."""
    exchange = healthy("openai_chat", stream=True)
    first = b'data: {"choices":[],"model":"","prompt_filter_results":[]}\n\n'
    azure = Checked(exchange.request, first + exchange.response, exchange.dialect)
    assert Model().judge(azure).outcome == "valid"


def test_two_names_in_one_answer_are_one_too_many(healthy: Callable[..., Checked]) -> None:
    exchange = healthy("openai_chat", stream=True)
    mixed = exchange.response.replace(b"gpt-4o-2024-08-06", b"gpt-3.5-turbo-0125", 1)
    judged = Model().judge(Checked(exchange.request, mixed, exchange.dialect))
    assert judged.reason == "the answer names more than one model"


def test_an_answer_without_a_name_decides_nothing(said: Callable[..., Checked]) -> None:
    exchange = said("yes")
    nameless = exchange.response.replace(b'"model": "gpt-4o", ', b"")
    assert nameless != exchange.response
    assert Model().judge(Checked(exchange.request, nameless, exchange.dialect)).outcome == "undecided"
