"""The app keeps its promise while its providers break.

In a copy of this folder: pip install llmops-toolkit openai pytest, then pytest.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from answering import Assistant, Model, Unanswered
from openai import APIError, OpenAI

from llmops.chaos.providers.serving.server import Running
from llmops.chaos.testing.fault_proxy import FaultProxy, Injected

QUESTION = "What is a lease?"


@pytest.fixture
def truth(llmops_provider: Callable[..., Running]) -> Iterator[str]:
    """What both models say where nothing is broken: the same question, the same answer."""
    with OpenAI(base_url=llmops_provider("openai").base_url, api_key="any") as client:
        yield Model(client, "gpt-4o").answer(QUESTION)


@pytest.fixture
def primary(llmops_provider: Callable[..., Running], llmops_proxy: Callable[..., FaultProxy]) -> FaultProxy:
    return llmops_proxy(llmops_provider("openai", models=["gpt-4o"]).base_url, name="primary")


@pytest.fixture
def backup(llmops_provider: Callable[..., Running], llmops_proxy: Callable[..., FaultProxy]) -> FaultProxy:
    return llmops_proxy(llmops_provider("openai", models=["gpt-4o-mini"]).base_url, name="backup")


@pytest.fixture
def assistant(primary: FaultProxy, backup: FaultProxy) -> Iterator[Assistant]:
    with ExitStack() as stack:
        clients = [
            stack.enter_context(OpenAI(base_url=proxy.base_url, api_key="any", max_retries=1, timeout=5))
            for proxy in (primary, backup)
        ]
        yield Assistant(Model(clients[0], "gpt-4o"), Model(clients[1], "gpt-4o-mini"))


def test_a_healthy_primary_answers_alone(assistant: Assistant, backup: FaultProxy, truth: str) -> None:
    assert assistant.answer(QUESTION) == truth
    assert backup.requests == 0


@pytest.mark.parametrize(
    "fault",
    [
        "unavailable",
        "rate_limit_requests",
        "reset_before_headers",
        "error_event",
        "clean_end_mid_answer",
        "empty_content",
        "html_as_200",
    ],
)
def test_the_backup_answers_when_the_primary_cannot(
    fault: str, inject: Callable[..., Injected], assistant: Assistant, backup: FaultProxy, truth: str
) -> None:
    inject(fault, proxy="primary")
    assert assistant.answer(QUESTION) == truth
    assert backup.requests == 1


@pytest.mark.llmops_fault("unavailable", proxy="primary", schedule={"first": 1})
def test_one_failure_is_retried_and_costs_no_backup(
    assistant: Assistant, primary: FaultProxy, backup: FaultProxy, truth: str
) -> None:
    assert assistant.answer(QUESTION) == truth
    assert (primary.requests, backup.requests) == (2, 0)


@pytest.mark.llmops_fault("unavailable", proxy="primary")
@pytest.mark.llmops_fault("length_cutoff", proxy="backup")
def test_half_an_answer_is_none(assistant: Assistant) -> None:
    with pytest.raises(Unanswered, match="ended by length"):
        assistant.answer(QUESTION)


def test_after_the_outage_the_primary_answers_again(
    assistant: Assistant, inject: Callable[..., Injected], backup: FaultProxy, truth: str
) -> None:
    with inject("unavailable", proxy="primary") as outage:
        assert assistant.answer(QUESTION) == truth
    assert outage.fired == 2  # the attempt and its one retry
    assert assistant.answer(QUESTION) == truth
    assert backup.requests == 1


@pytest.mark.llmops_fault("unavailable", proxy="primary")
@pytest.mark.llmops_fault("unavailable", proxy="backup")
def test_when_both_are_down_the_caller_is_told(assistant: Assistant) -> None:
    with pytest.raises(APIError, match="overloaded"):
        assistant.answer(QUESTION)


@pytest.mark.xfail(reason="nobody looks at the model that answered")
@pytest.mark.llmops_fault("wrong_model", proxy="primary")
def test_an_answer_of_another_model_is_not_taken(assistant: Assistant, backup: FaultProxy) -> None:
    assistant.answer(QUESTION)
    assert backup.requests == 1
