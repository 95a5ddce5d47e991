from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.empty_content import EmptyContent
from llmops.chaos.wire import sse
from llmops.errors import BadInput

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
STREAMED = [(dialect, stream) for dialect in TEXT_DIALECTS for stream in (False, True)]
CODINGS = ("", "gzip", "deflate", "br", "zstd")


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_the_text_is_another_and_the_receipt_says_so(
    through: Callable[..., Any], dialect: str, stream: bool, coding: str
) -> None:
    expected = ""
    seen = through(EmptyContent(), dialect, stream=stream, coding=coding)
    assert seen.said(dialect) == expected
    assert seen.applied[0]["characters_after"] == len(expected)
    assert seen.ended
    assert len(seen.events) == len(sse.split_all(seen.upstream)) or not stream


def test_the_events_that_repeat_the_text_agree(through: Callable[..., Any]) -> None:
    expected = ""
    seen = through(EmptyContent(), "openai_responses", stream=True)
    done = {one["type"]: one for one in seen.payloads}
    assert done["response.output_text.done"]["text"] == expected
    assert done["response.content_part.done"]["part"]["text"] == expected
    assert done["response.output_item.done"]["item"]["content"][0]["text"] == expected
    assert done["response.completed"]["response"]["output"][0]["content"][0]["text"] == expected


def test_an_answer_of_tools_has_no_text(through: Callable[..., Any]) -> None:
    seen = through(EmptyContent(), "openai_chat", "tool", stream=True)
    assert (seen.body, seen.applied, len(seen.reasons)) == (seen.upstream, [], 1)


@pytest.mark.parametrize("stream", [False, True])
def test_usage_is_scaled_or_left(through: Callable[..., Any], stream: bool) -> None:
    def counted(**fields: Any) -> tuple[int, int]:
        seen = through(EmptyContent(**fields), stream=stream)
        usage = (seen.payloads[-1] if stream else seen.json)["usage"]
        return usage["completion_tokens"], usage["total_tokens"]

    assert counted() == (10, 10 + 20)  # 10 of reasoning stay, 30 of text are gone
    assert counted(usage="left") == (40, 60)


@pytest.mark.parametrize("wrong", [{"usage": "kept"}])
def test_wrong_fields_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        EmptyContent(**wrong)
