from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.missing_terminator import MissingTerminator

CODINGS = ("", "gzip", "deflate", "br", "zstd")


LAST = {"openai_chat": b"[DONE]", "openai_responses": b"response.completed", "anthropic_messages": b"message_stop"}


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("dialect", LAST)
def test_all_but_the_terminal_event_is_there(through: Callable[..., Any], dialect: str, coding: str) -> None:
    seen = through(MissingTerminator(), dialect, stream=True, coding=coding)
    assert seen.upstream.startswith(seen.body)
    left_out = seen.upstream[len(seen.body) :]
    assert LAST[dialect] in left_out
    assert left_out.count(b"\n\n") == 1
    assert seen.applied[0]["bytes_left_out"] == len(left_out)
    assert seen.ended


def test_gemini_has_none(through: Callable[..., Any]) -> None:
    seen = through(MissingTerminator(), "gemini", stream=True)
    assert (seen.body, seen.applied) == (seen.upstream, [])
    assert seen.reasons
