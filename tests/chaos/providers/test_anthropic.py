"""The official Anthropic SDK, unchanged, against the simulated provider."""

from collections.abc import Callable, Iterator
from typing import Any

import anthropic
import pytest

from llmops.chaos.providers.answering.tokens import token_count
from llmops.chaos.providers.answering.truth import is_whole
from llmops.chaos.providers.openai import Openai
from llmops.chaos.providers.serving.desk import Settings, truth_of
from llmops.chaos.providers.serving.limiting import Limits
from llmops.chaos.providers.serving.server import Running

Serve = Callable[..., Running]
Client = Any  # the SDK types its arguments more narrowly than a test of wrong ones can be

HELLO: Any = [{"role": "user", "content": "hello"}]
BODY = b'{"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}'
ASK: Any = {"model": "claude-sonnet-5", "max_tokens": 1024, "messages": HELLO}
TOOL: Any = {
    "name": "get_weather",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


@pytest.fixture
def client(serving: Serve) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=serving("anthropic").base_url, api_key="any", max_retries=0) as made:
        yield made


def test_an_answer_is_the_truth_of_every_provider(client: Client) -> None:
    answer = client.messages.create(**ASK)
    assert answer.content[0].text == truth_of(Openai(), "/v1/chat/completions", BODY)
    assert (answer.stop_reason, answer.model) == ("end_turn", "claude-sonnet-5")
    assert answer.usage.input_tokens == 1 + 3
    assert answer.usage.output_tokens == token_count(answer.content[0].text)


def test_a_stream_says_the_same(client: Client) -> None:
    with client.messages.stream(**ASK) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert is_whole(text)
    assert final.content[0].text == text
    assert (final.stop_reason, final.usage.output_tokens) == ("end_turn", token_count(text))


def test_max_tokens_and_stop_sequences_are_honoured(client: Client) -> None:
    cut = client.messages.create(**{**ASK, "max_tokens": 5})
    assert (cut.stop_reason, cut.usage.output_tokens) == ("max_tokens", 5)
    stopped = client.messages.create(**ASK, stop_sequences=[":"])
    assert (stopped.stop_reason, stopped.stop_sequence) == ("stop_sequence", ":")


def test_a_prefill_is_continued_to_the_same_whole(client: Client) -> None:
    whole = client.messages.create(**ASK).content[0].text
    begun = " ".join(whole.split()[:9])
    rest = client.messages.create(**{**ASK, "messages": [*HELLO, {"role": "assistant", "content": begun}]})
    assert begun + rest.content[0].text == whole


def test_newer_models_refuse_a_prefill(serving: Serve) -> None:
    url = serving("anthropic", Settings(refuse_prefill=True)).base_url
    with anthropic.Anthropic(base_url=url, api_key="any", max_retries=0) as client:
        with pytest.raises(anthropic.BadRequestError, match="does not support assistant message prefill"):
            client.messages.create(**{**ASK, "messages": [*HELLO, {"role": "assistant", "content": "Rep"}]})
        client.messages.create(**ASK)


def test_a_tool_is_called_whole_and_streamed(client: Client) -> None:
    asked = {**ASK, "tools": [TOOL], "tool_choice": {"type": "any"}}
    answer = client.messages.create(**asked)
    assert (answer.stop_reason, answer.content[0].name) == ("tool_use", "get_weather")
    with client.messages.stream(**asked) as stream:
        final = stream.get_final_message()
    assert final.content[0].input == answer.content[0].input
    result = {"type": "tool_result", "tool_use_id": answer.content[0].id, "content": "sunny"}
    turns = [
        *HELLO,
        {"role": "assistant", "content": [answer.content[0].model_dump()]},
        {"role": "user", "content": [result]},
    ]
    words = client.messages.create(**{**ASK, "messages": turns}, tools=[TOOL])
    assert is_whole(words.content[0].text)


def test_models_and_the_counting_of_tokens(client: Client) -> None:
    assert "claude-sonnet-5" in {model.id for model in client.models.list()}
    counted = client.messages.count_tokens(model="claude-sonnet-5", messages=HELLO)
    assert counted.input_tokens == client.messages.create(**ASK).usage.input_tokens


def test_limits_count_the_input_alone_and_end_in_a_429(serving: Serve) -> None:
    limits = Limits(requests_per_minute=10, tokens_per_minute=10)
    url = serving("anthropic", Settings(limits=limits)).base_url
    with anthropic.Anthropic(base_url=url, api_key="any", max_retries=0) as client:
        heads = [client.messages.with_raw_response.create(**ASK).headers for _ in range(2)]
        with pytest.raises(anthropic.RateLimitError) as caught:
            client.messages.create(**ASK)
    assert [head["anthropic-ratelimit-input-tokens-remaining"] for head in heads] == ["6", "2"]  # 4 each
    assert heads[0]["anthropic-ratelimit-requests-reset"].endswith("Z")
    assert 10 <= int(caught.value.response.headers["retry-after"]) <= 12  # 2 more tokens at 10 a minute


def test_a_request_without_max_tokens_is_refused(client: Client) -> None:
    with pytest.raises(anthropic.BadRequestError, match="max_tokens"):
        client.post("/v1/messages", body={"model": "m", "messages": HELLO}, cast_to=object)
