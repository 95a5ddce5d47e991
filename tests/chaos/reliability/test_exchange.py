from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.wire.dialects import DIALECTS


def test_a_request_says_what_was_asked(said: Callable[..., Checked]) -> None:
    exchange = said("I am an assistant.", "Who are you?")
    assert exchange.user_text == "Who are you?"
    assert exchange.answer.text == "I am an assistant."
    assert exchange.asked is not None
    assert exchange.asked.model == "gpt-4o"


def test_a_request_that_is_none_of_its_dialect_says_nothing() -> None:
    exchange = Checked({"prompt": "x"}, b"{}", DIALECTS["openai_chat"])
    assert (exchange.asked, exchange.user_text) == (None, "")


def test_gemini_names_its_model_in_the_route() -> None:
    request = {"contents": [{"parts": [{"text": "hello"}]}]}
    exchange = Checked(request, b"{}", DIALECTS["gemini"], "/v1beta/models/gemini-3-pro:generateContent")
    assert exchange.asked is not None
    assert exchange.asked.model == "gemini-3-pro"


def test_the_words_of_a_request_are_all_but_its_tools_and_files() -> None:
    request = {
        "messages": [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": [{"type": "text", "text": "Look"}, {"image_url": {"url": "data:image/png,x"}}]},
        ],
        "tools": [{"function": {"description": "Translate anything."}}],
    }
    words = Checked(request, b"{}", DIALECTS["openai_chat"]).request_texts
    assert words == ("system", "Be kind.", "user", "text", "Look")


@pytest.mark.parametrize(
    ("request_body", "limit"),
    [
        ({}, None),
        ({"max_tokens": 5}, 5),
        ({"max_completion_tokens": 6}, 6),
        ({"max_output_tokens": 7}, 7),
        ({"generationConfig": {"maxOutputTokens": 8}}, 8),
        ({"max_tokens": True}, None),
        ({"max_tokens": None, "max_completion_tokens": 9}, 9),
    ],
)
def test_every_dialects_limit_is_found(request_body: dict[str, Any], limit: int | None) -> None:
    assert Checked(request_body, b"{}", DIALECTS["openai_chat"]).max_output_tokens == limit
