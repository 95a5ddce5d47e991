from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.reordered_chunks import ReorderedChunks
from llmops.errors import BadInput

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")


@pytest.mark.parametrize("dialect", TEXT_DIALECTS)
def test_the_same_events_in_another_order(through: Callable[..., Any], dialect: str) -> None:
    healthy, seen = through([], dialect, stream=True), through(ReorderedChunks(every=4), dialect, stream=True)
    assert sorted(seen.events) == sorted(healthy.events)
    text = healthy.said(dialect)
    pieces = [text[at : at + 6] for at in range(0, len(text), 6)]
    for at in (3, 7, 11, 15):  # the 4th, 8th, 12th and 16th
        pieces[at], pieces[at + 1] = pieces[at + 1], pieces[at]
    assert seen.said(dialect) == "".join(pieces)
    assert [receipt["piece"] for receipt in seen.applied] == [4, 8, 12, 16]


def test_a_piece_without_a_next_stays_and_nothing_is_lost(through: Callable[..., Any]) -> None:
    seen = through(ReorderedChunks(every=19), stream=True)
    assert (seen.body, seen.applied) == (seen.upstream, [])


def test_what_is_held_goes_out_when_the_upstream_is_lost(through: Callable[..., Any]) -> None:
    seen = through(ReorderedChunks(every=2), stream=True, size=100, lose_after=10)
    assert len(seen.body) == 1000


def test_every_must_be_two_or_more() -> None:
    with pytest.raises(BadInput):
        ReorderedChunks(every=1)
