from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.empty_choices import EmptyChoices


@pytest.mark.parametrize(("dialect", "name"), [("openai_chat", "choices"), ("gemini", "candidates")])
@pytest.mark.parametrize("stream", [False, True])
def test_the_list_is_empty_everywhere(through: Callable[..., Any], dialect: str, name: str, stream: bool) -> None:
    seen = through(EmptyChoices(), dialect, stream=stream)
    assert all(one[name] == [] for one in (seen.payloads if stream else [seen.json]))
    assert seen.applied == [{"applied": True, "what": "no choices"}]


@pytest.mark.parametrize("dialect", ["anthropic_messages", "openai_responses"])
def test_others_have_no_choices(through: Callable[..., Any], dialect: str) -> None:
    seen = through(EmptyChoices(), dialect)
    assert (seen.body, seen.applied) == (seen.upstream, [])
    assert seen.reasons == [f"{dialect} has no such thing in its answers"]
