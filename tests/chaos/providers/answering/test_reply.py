"""Answers: cut where asked, continued where begun, counted as they are."""

import json

import pytest

from llmops.chaos.providers.answering.ask import Ask, Tool, Turn
from llmops.chaos.providers.answering.reply import input_tokens, reply_to, tool_to_call, truth
from llmops.chaos.providers.answering.tokens import token_count

HELLO = (Turn("user", "hello"),)
TOOL = Tool("get_weather", {"properties": {"city": {"type": "string"}}})
OTHER = Tool("get_time", {})


def asked(**fields: object) -> Ask:
    return Ask(**{"model": "m", "turns": HELLO, **fields})  # type: ignore[arg-type]


def test_an_answer_without_limits_is_the_truth() -> None:
    reply = reply_to(asked(), 0)
    assert (reply.text, reply.ended) == (truth(asked(), 0), "stop")
    assert reply.output_tokens == token_count(reply.text)


def test_the_first_stop_sequence_ends_it_and_the_cut_comes_first() -> None:
    stopped = reply_to(asked(stop=(".", ":")), 0)
    assert (stopped.ended, stopped.stop_sequence) == ("stop_sequence", ":")
    cut = reply_to(asked(stop=(":",), max_tokens=1), 0)  # "Report" and no further
    assert (cut.text, cut.ended, cut.stop_sequence) == ("Report", "length", None)


@pytest.mark.parametrize(
    ("choice", "said", "called"),
    [
        ("auto", "hello", None),
        ("auto", "please use get_time", "get_time"),
        ("none", "please use get_time", None),
        ("required", "hello", "get_weather"),
        ("get_time", "hello", "get_time"),
    ],
)
def test_which_tool_is_called(choice: str, said: str, called: str | None) -> None:
    tool = tool_to_call(asked(turns=(Turn("user", said),), tools=(TOOL, OTHER), tool_choice=choice))
    assert (tool.name if tool else None) == called


def test_a_tool_call_is_cut_by_max_tokens_too() -> None:
    whole = reply_to(asked(tools=(TOOL,), tool_choice="required"), 0)
    cut = reply_to(asked(tools=(TOOL,), tool_choice="required", max_tokens=whole.output_tokens - 1), 0)
    assert whole.call
    assert cut.call
    assert json.loads(whole.call.arguments).keys() == {"city"}
    assert (whole.ended, cut.ended) == ("tool", "length")
    assert whole.call.arguments.startswith(cut.call.arguments)
    assert cut.output_tokens == whole.output_tokens - 1


def test_a_prefill_that_begins_the_truth_is_continued_and_any_other_is_followed_by_all_of_it() -> None:
    whole = truth(asked(), 0)
    assert whole[:50] + reply_to(asked(prefill=whole[:50]), 0).text == whole
    assert reply_to(asked(prefill="Sure:"), 0).text == whole


def test_the_input_is_its_texts_and_three_for_each_message() -> None:
    turns = (Turn("system", "be brief"), Turn("user", "hello there."))
    assert input_tokens(asked(turns=turns)) == 2 + 3 + 2 * 3


def test_json_mode_and_schemas_are_answered_in_json() -> None:
    assert json.loads(reply_to(asked(json_schema={}), 0).text)["end"] is True
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    assert isinstance(json.loads(reply_to(asked(json_schema=schema), 0).text)["n"], int)
