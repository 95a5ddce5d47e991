"""A simulated provider without its socket."""

import json
from typing import Any

import pytest

from llmops.chaos.providers.answering.ask import Malformed
from llmops.chaos.providers.answering.truth import is_whole
from llmops.chaos.providers.anthropic import Anthropic
from llmops.chaos.providers.gemini import Gemini
from llmops.chaos.providers.openai import Openai
from llmops.chaos.providers.serving.desk import Asked, Desk, Plain, Settings, Spoken, truth_of
from llmops.chaos.providers.serving.limiting import Limits

CHAT = {"model": "m", "messages": [{"role": "user", "content": "hello"}], "max_tokens": 96}
KEY = {"Authorization": "Bearer any"}


def asked(body: object = CHAT, headers: dict[str, str] = KEY) -> Asked:
    return Asked("POST", {}, {}, headers, json.dumps(body).encode(), "/v1/chat/completions")


def desk(**settings: Any) -> tuple[Desk, list[float]]:
    now = [1_764_066_600.0]
    return Desk(Openai(), Settings(**settings), lambda: now[0]), now


def test_limits_come_back_with_the_clock() -> None:
    served, now = desk(limits=Limits(requests_per_minute=1, tokens_per_minute=1000))
    route = Openai.routes[0]
    assert isinstance(served.answer(route, asked()), Spoken)
    refused = served.answer(route, asked())
    assert isinstance(refused, Plain)
    assert (refused.status, refused.headers["retry-after"]) == (429, "60")
    now[0] += 59.9
    assert isinstance(served.answer(route, asked()), Plain)
    now[0] += 0.1
    assert isinstance(served.answer(route, asked()), Spoken)


def test_a_request_larger_than_the_limit_is_not_told_to_come_again() -> None:
    served, _ = desk(limits=Limits(tokens_per_minute=99))  # 4 of input and 96 that may come
    refused = served.answer(Openai.routes[0], asked())
    assert isinstance(refused, Plain)
    assert "retry-after" not in refused.headers


def test_each_answer_has_an_id_of_its_own_and_the_same_seed_the_same_ids() -> None:
    ids = []
    for _ in range(2):
        served, _ = desk()
        answers = [served.answer(Openai.routes[0], asked()) for _ in range(2)]
        ids.append([answer.headers["x-request-id"] for answer in answers])
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2


@pytest.mark.parametrize(
    ("provider", "path", "body"),
    [
        (Openai(), "/v1/chat/completions", CHAT),
        (Openai(), "/v1/responses?x=y", {"model": "m", "input": "hello", "max_output_tokens": 1}),
        (Anthropic(), "/v1/messages", {**CHAT, "stop_sequences": ["."]}),
        (Gemini(), "/v1beta/models/m:streamGenerateContent?alt=sse", {"contents": [{"parts": [{"text": "hello"}]}]}),
    ],
)
def test_the_truth_is_whole_whatever_limits_were_set_and_the_same_everywhere(
    provider: Any, path: str, body: dict[str, Any]
) -> None:
    truth = truth_of(provider, path, json.dumps(body).encode())
    assert truth is not None
    assert is_whole(truth)
    assert truth == truth_of(Openai(), "/v1/chat/completions", json.dumps(CHAT).encode())


def test_a_route_that_no_model_answers_has_no_truth_and_a_wrong_body_none_either() -> None:
    assert truth_of(Openai(), "/v1/models", b"") is None
    assert truth_of(Gemini(), "/v1beta/models/m", b"") is None
    with pytest.raises(Malformed):
        truth_of(Openai(), "/v1/chat/completions", b"[]")
