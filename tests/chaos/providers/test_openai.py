"""The official OpenAI SDK, unchanged, against the simulated provider."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest
from pydantic import BaseModel

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
WEATHER = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1, "maximum": 7}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
TOOL: Any = {"type": "function", "function": {"name": "get_weather", "parameters": WEATHER}}


class Forecast(BaseModel):
    city: str
    days: int


@pytest.fixture
def client(serving: Serve) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=serving("openai").base_url, api_key="any", max_retries=0) as made:
        yield made


def test_an_answer_is_the_truth_and_its_usage_adds_up(client: Client) -> None:
    answer = client.chat.completions.create(model="gpt-4o", messages=HELLO)
    choice = answer.choices[0]
    assert choice.message.content == truth_of(Openai(), "/v1/chat/completions", BODY)
    assert is_whole(choice.message.content)
    assert (answer.model, choice.finish_reason) == ("gpt-4o", "stop")
    assert answer.usage.prompt_tokens == 1 + 3  # hello, and the message
    assert answer.usage.completion_tokens == token_count(choice.message.content)
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_a_stream_says_the_same_token_by_token(client: Client) -> None:
    stream = client.chat.completions.create(
        model="gpt-4o", messages=HELLO, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == truth_of(Openai(), "/v1/chat/completions", BODY)
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].usage.completion_tokens == token_count(text) == len(chunks) - 3  # role, finish, usage


def test_a_stream_has_no_usage_where_none_was_asked_for(client: Client) -> None:
    chunks = list(client.chat.completions.create(model="gpt-4o", messages=HELLO, stream=True))
    assert all(chunk.choices and chunk.usage is None for chunk in chunks)


@pytest.mark.parametrize("field", ["max_tokens", "max_completion_tokens"])
def test_max_tokens_cuts_the_answer_and_says_length(client: Client, field: str) -> None:
    answer = client.chat.completions.create(model="gpt-4o", messages=HELLO, **{field: 7})
    assert answer.choices[0].finish_reason == "length"
    assert token_count(answer.choices[0].message.content) == answer.usage.completion_tokens == 7
    assert not is_whole(answer.choices[0].message.content)


def test_exactly_enough_tokens_are_no_cut(client: Client) -> None:
    whole = token_count(truth_of(Openai(), "/v1/chat/completions", BODY) or "")
    ends = [
        client.chat.completions.create(model="gpt-4o", messages=HELLO, max_tokens=n).choices[0].finish_reason
        for n in (whole - 1, whole)
    ]
    assert ends == ["length", "stop"]


def test_a_stop_sequence_ends_the_answer_before_it(client: Client) -> None:
    answer = client.chat.completions.create(model="gpt-4o", messages=HELLO, stop=[":"])
    assert answer.choices[0].message.content.startswith("Report ")
    assert ":" not in answer.choices[0].message.content
    assert answer.choices[0].finish_reason == "stop"


def test_a_tool_is_called_when_asked_for(client: Client) -> None:
    answer = client.chat.completions.create(model="gpt-4o", messages=HELLO, tools=[TOOL], tool_choice="required")
    call = answer.choices[0].message.tool_calls[0]
    assert answer.choices[0].finish_reason == "tool_calls"
    assert call.function.name == "get_weather"
    assert 1 <= Forecast.model_validate_json(call.function.arguments).days <= 7


def test_a_tool_call_streams_its_arguments(client: Client) -> None:
    stream = client.chat.completions.create(
        model="gpt-4o", messages=HELLO, tools=[TOOL], tool_choice="required", stream=True
    )
    calls = [chunk.choices[0].delta.tool_calls[0] for chunk in stream if chunk.choices[0].delta.tool_calls]
    assert calls[0].function.name == "get_weather"
    Forecast.model_validate_json("".join(call.function.arguments for call in calls))


def test_a_tool_that_was_only_offered_is_not_called(client: Client) -> None:
    answer = client.chat.completions.create(model="gpt-4o", messages=HELLO, tools=[TOOL])
    assert answer.choices[0].message.tool_calls is None


def test_after_the_result_of_a_tool_it_answers_in_words(client: Client) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": "use get_weather"},
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
    ]
    first = client.chat.completions.create(model="gpt-4o", messages=messages[:1], tools=[TOOL])
    assert first.choices[0].finish_reason == "tool_calls"
    assert is_whole(
        client.chat.completions.create(model="gpt-4o", messages=messages, tools=[TOOL]).choices[0].message.content
    )


def test_a_schema_is_kept_and_the_sdk_parses_it(client: Client) -> None:
    parsed = client.chat.completions.parse(model="gpt-4o", messages=HELLO, response_format=Forecast)
    assert isinstance(parsed.choices[0].message.parsed, Forecast)


def test_json_mode_answers_an_object(client: Client) -> None:
    answer = client.chat.completions.create(model="gpt-4o", messages=HELLO, response_format={"type": "json_object"})
    assert answer.choices[0].message.content.startswith("{")


def test_two_choices_are_two_answers(client: Client) -> None:
    answer = client.chat.completions.create(model="gpt-4o", messages=HELLO, n=2)
    texts = [choice.message.content for choice in answer.choices]
    assert texts[0] != texts[1]
    assert answer.usage.completion_tokens == sum(map(token_count, texts))


def test_responses_say_the_same_truth(client: Client) -> None:
    answer = client.responses.create(model="gpt-4o", input="hello")
    assert answer.output_text == truth_of(Openai(), "/v1/chat/completions", BODY)
    assert answer.status == "completed"
    assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens


def test_responses_stream_to_their_end(client: Client) -> None:
    with client.responses.stream(model="gpt-4o", input="hello") as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_response()
    assert (kinds[0], kinds[-1]) == ("response.created", "response.completed")
    assert is_whole(final.output_text)


def test_responses_that_are_cut_are_incomplete(client: Client) -> None:
    answer = client.responses.create(model="gpt-4o", input="hello", max_output_tokens=5)
    assert (answer.status, answer.incomplete_details.reason) == ("incomplete", "max_output_tokens")
    kinds = [
        event.type for event in client.responses.create(model="m", input="hello", max_output_tokens=5, stream=True)
    ]
    assert kinds[-1] == "response.incomplete"


def test_responses_call_tools_and_keep_schemas(client: Client) -> None:
    tool = {"type": "function", "name": "get_weather", "parameters": WEATHER, "strict": True}
    answer = client.responses.create(model="gpt-4o", input="hello", tools=[tool], tool_choice="required")
    assert (answer.output[0].type, answer.output[0].name) == ("function_call", "get_weather")
    assert isinstance(client.responses.parse(model="m", input="hello", text_format=Forecast).output_parsed, Forecast)


def test_embeddings_have_length_one_in_both_encodings(client: Client) -> None:
    packed = client.embeddings.create(model="text-embedding-3-small", input=["a red fox", "a red dog", "tax law"])
    plain = client.embeddings.create(model="text-embedding-3-small", input="a red fox", encoding_format="float")
    vectors = [item.embedding for item in packed.data]
    assert [len(vector) for vector in vectors] == [1536] * 3
    assert math.hypot(*vectors[0]) == pytest.approx(1)
    assert vectors[0] == pytest.approx(plain.data[0].embedding, abs=1e-6)
    near, far = (dot(vectors[0], other) for other in vectors[1:])
    assert near > 0.5 > far
    assert packed.usage.total_tokens == 3 + 3 + 2


def dot(left: list[float], right: list[float]) -> float:
    return sum(a * b for a, b in zip(left, right, strict=True))


def test_the_models_are_listed_and_found(client: Client) -> None:
    assert "gpt-4o" in {model.id for model in client.models.list()}
    assert client.models.retrieve("gpt-4o").id == "gpt-4o"


def test_a_named_list_of_models_is_the_only_one(serving: Serve) -> None:
    url = serving("openai", Settings(models=("mine",))).base_url
    with openai.OpenAI(base_url=url, api_key="any", max_retries=0) as client:
        assert [model.id for model in client.models.list()] == ["mine"]
        with pytest.raises(openai.NotFoundError) as caught:
            client.chat.completions.create(model="gpt-4o", messages=HELLO)
    assert caught.value.code == "model_not_found"


def test_bad_requests_are_refused_as_the_provider_does(client: Client) -> None:
    wrongs: tuple[Any, ...] = ({"messages": []}, {"messages": HELLO, "max_tokens": 0}, {"messages": [{"role": "boss"}]})
    for wrong in wrongs:
        with pytest.raises(openai.BadRequestError):
            client.chat.completions.create(model="gpt-4o", **wrong)


def test_limits_fall_on_good_answers_and_end_in_a_429(serving: Serve) -> None:
    url = serving("openai", Settings(limits=Limits(requests_per_minute=2, tokens_per_minute=1000))).base_url
    with openai.OpenAI(base_url=url, api_key="any", max_retries=0) as client:
        raw = client.chat.completions.with_raw_response
        heads = [raw.create(model="gpt-4o", messages=HELLO, max_tokens=96).headers for _ in range(2)]
        with pytest.raises(openai.RateLimitError) as caught:
            client.chat.completions.create(model="gpt-4o", messages=HELLO)
    assert [head["x-ratelimit-remaining-requests"] for head in heads] == ["1", "0"]
    assert heads[0]["x-ratelimit-remaining-tokens"] == "900"  # 4 of input + 96 that may come
    assert (caught.value.type, caught.value.code) == ("requests", "rate_limit_exceeded")
    assert 0 < int(caught.value.response.headers["retry-after"]) <= 30


def test_each_key_has_its_own_limits(serving: Serve) -> None:
    url = serving("openai", Settings(limits=Limits(requests_per_minute=1))).base_url
    for key in ("one", "two"):
        with openai.OpenAI(base_url=url, api_key=key, max_retries=0) as client:
            client.chat.completions.create(model="gpt-4o", messages=HELLO)
