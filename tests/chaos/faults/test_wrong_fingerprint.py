from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.wrong_fingerprint import WrongFingerprint
from llmops.errors import BadInput

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
STREAMED = [(dialect, stream) for dialect in TEXT_DIALECTS for stream in (False, True)]


NAMES = {
    "openai_chat": "system_fingerprint",
    "openai_responses": "id",
    "anthropic_messages": "id",
    "gemini": "responseId",
}


@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_the_mark_of_who_served_it_is_another(through: Callable[..., Any], dialect: str, stream: bool) -> None:
    seen = through(WrongFingerprint("fp_x"), dialect, stream=stream)
    first = (seen.payloads if stream else [seen.json])[0]
    holder = first.get("message") or first.get("response") or first
    assert holder[NAMES[dialect]] == "fp_x"
    assert seen.applied == [{"applied": True, "what": "fingerprint fp_x"}]


def test_an_empty_one_is_refused() -> None:
    with pytest.raises(BadInput):
        WrongFingerprint("")
