from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.utf8_split import Utf8Split
from llmops.chaos.wire.parts import Frame, Wait
from llmops.errors import BadInput

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")


@pytest.mark.parametrize("dialect", TEXT_DIALECTS)
def test_a_frame_ends_inside_a_character_and_the_bytes_are_the_same(through: Callable[..., Any], dialect: str) -> None:
    seen = through(Utf8Split(pause_s=0.1), dialect, stream=True)
    assert seen.body == seen.upstream
    before_waits = [one for one, two in zip(seen.actions, seen.actions[1:], strict=False) if isinstance(two, Wait)]
    assert len(before_waits) == 4  # pieces with ü, —, è and ä
    for frame in before_waits:
        assert isinstance(frame, Frame)
        with pytest.raises(UnicodeDecodeError, match="unexpected end of data"):
            frame.data.rstrip(b"\r\n").decode()
    assert set(seen.waits_s) == {0.1}
    assert len(seen.applied) == 4


def test_an_escaped_character_becomes_itself(through: Callable[..., Any]) -> None:
    event = b'data: {"choices":[{"index":0,"delta":{"content":"Z\\u00fcrich"}}]}\n\n'
    seen = through(Utf8Split(), stream=True, body=event)
    assert "Zürich".encode() in seen.body


def test_ascii_alone_is_reported(through: Callable[..., Any]) -> None:
    seen = through(Utf8Split(), "openai_chat", "structured", stream=True)
    assert (seen.body, seen.applied, len(seen.reasons)) == (seen.upstream, [], 1)


def test_a_negative_pause_is_refused() -> None:
    with pytest.raises(BadInput):
        Utf8Split(pause_s=-1)
