"""Events and texts, as all shapes use them."""

from typing import Any

import pytest

from llmops.chaos.providers.shapes.base import data_event, plain_text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("hello", "hello"),
        (None, ""),
        ([{"type": "text", "text": "a"}, {"type": "image"}, {"type": "text", "text": "b"}], "a\nb"),
        ([{"type": "tool_result", "content": [{"type": "text", "text": "sunny"}]}], "sunny"),
        ({"text": "no list"}, ""),
    ],
)
def test_the_text_of_a_content(content: Any, text: str) -> None:
    assert plain_text(content) == text


def test_an_event_has_a_name_where_it_has_one_and_ends_with_an_empty_line() -> None:
    assert data_event({"a": 1}).data == b'data: {"a":1}\n\n'
    assert data_event({"a": 1}, "ping").data == b'event: ping\ndata: {"a":1}\n\n'
