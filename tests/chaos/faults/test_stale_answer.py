from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.stale_answer import StaleAnswer
from llmops.errors import BadInput

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
STREAMED = [(dialect, stream) for dialect in TEXT_DIALECTS for stream in (False, True)]


@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
@pytest.mark.parametrize("earlier_stream", [False, True])
def test_the_text_is_that_of_the_newest_earlier_answer(
    through: Callable[..., Any], answer_bytes: Callable[..., bytes], dialect: str, stream: bool, earlier_stream: bool
) -> None:
    earlier = [answer_bytes(dialect, stream=stream), answer_bytes(dialect, "structured", stream=earlier_stream)]
    seen = through(StaleAnswer(), dialect, stream=stream, earlier=earlier)
    assert seen.said(dialect) == through([], dialect, "structured", stream=stream).said(dialect)
    assert seen.applied[0]["what"] == "answer of an earlier request"


def test_without_an_earlier_answer_it_is_reported(through: Callable[..., Any]) -> None:
    seen = through(StaleAnswer())
    assert (seen.body, seen.reasons) == (seen.upstream, ["no earlier answer is remembered"])


@pytest.mark.parametrize("dialect", TEXT_DIALECTS)
def test_an_earlier_answer_that_says_the_same_is_reported_as_such(
    through: Callable[..., Any], answer_bytes: Callable[..., bytes], dialect: str
) -> None:
    same = [answer_bytes(dialect)]
    seen = through(StaleAnswer(), dialect, earlier=same)
    assert (seen.body, seen.reasons) == (seen.upstream, ["the new text is the very same as the old"])
    streamed = through(StaleAnswer(), dialect, stream=True, earlier=same)  # known at the end of the stream only
    assert (streamed.body, streamed.applied) == (streamed.upstream, [])
    assert streamed.reasons == ["the new text is the very same as the old"]
    other = through(StaleAnswer(), dialect, stream=True, earlier=[answer_bytes(dialect, "structured")])
    assert [receipt["what"] for receipt in other.applied] == ["answer of an earlier request"]


def test_wrong_fields_are_refused() -> None:
    with pytest.raises(BadInput):
        StaleAnswer(usage="kept")  # type: ignore[arg-type]
