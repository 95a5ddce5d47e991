from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.keep_alive_flood import KeepAliveFlood
from llmops.errors import BadInput

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")


@pytest.mark.parametrize("dialect", TEXT_DIALECTS)
def test_a_thousand_comments_before_the_first_text(through: Callable[..., Any], dialect: str) -> None:
    seen = through(KeepAliveFlood(), dialect, stream=True)
    assert seen.body.count(b": keep-alive\n\n") == 1000
    assert seen.body.replace(b": keep-alive\n\n", b"") == seen.upstream
    assert seen.applied[0]["comments"] == 1000


def test_apart_they_are_waits(through: Callable[..., Any]) -> None:
    seen = through(KeepAliveFlood(comments=3, every_s=0.5, before_piece=2), stream=True)
    assert seen.waits_s == [0.5, 0.5, 0.5]


def test_a_body_is_no_stream(through: Callable[..., Any]) -> None:
    seen = through(KeepAliveFlood())
    assert (seen.body, seen.reasons) == (seen.upstream, ["the answer is no stream"])


@pytest.mark.parametrize("wrong", [{"comments": 0}, {"before_piece": 0}, {"every_s": -1}])
def test_wrong_fields_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        KeepAliveFlood(**wrong)
