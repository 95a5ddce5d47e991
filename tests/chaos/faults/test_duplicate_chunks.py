from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.duplicate_chunks import DuplicateChunks
from llmops.errors import BadInput

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")


@pytest.mark.parametrize("dialect", TEXT_DIALECTS)
def test_every_fifth_piece_comes_twice(through: Callable[..., Any], dialect: str) -> None:
    healthy, seen = through([], dialect, stream=True), through(DuplicateChunks(), dialect, stream=True, coding="zstd")
    text = healthy.said(dialect)
    twice = "".join(text[at : at + 6] * (1 + (at // 6 % 5 == 4)) for at in range(0, len(text), 6))
    assert seen.said(dialect) == twice
    assert [receipt["piece"] for receipt in seen.applied] == [5, 10, 15]  # of 19


def test_fewer_than_every_are_reported(through: Callable[..., Any]) -> None:
    seen = through(DuplicateChunks(every=20), stream=True)
    assert (seen.body, seen.applied, len(seen.reasons)) == (seen.upstream, [], 1)


def test_every_must_be_one_or_more() -> None:
    with pytest.raises(BadInput):
        DuplicateChunks(every=0)
