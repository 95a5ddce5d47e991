import json
from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.wire import sse
from llmops.chaos.wire.gemini import Gemini

GEMINI = Gemini()


@pytest.mark.parametrize("stream", [False, True])
def test_what_was_answered(answer: Callable[..., bytes], observed: Callable[..., Any], stream: bool) -> None:
    answered, first = observed(GEMINI, answer("gemini", stream=stream), stream=stream)
    assert (answered.model, answered.finish_reason, answered.complete) == ("gemini-3-pro", "STOP", True)
    assert (answered.input_tokens, answered.cache_read_tokens) == (20, 8)
    assert (answered.output_tokens, answered.output_reasoning_tokens) == (40, 10)  # 30 of candidates + 10 of thoughts
    assert answered.text_characters == 110
    assert first == ([0] if stream else [])


def test_a_stream_without_alt_sse_is_one_list(answer: Callable[..., bytes], observed: Callable[..., Any]) -> None:
    events = sse.split_all(answer("gemini", stream=True))
    listed = b"[" + b",\r\n".join(sse.data_of(event) or b"" for event in events) + b"]"
    answered, _ = observed(GEMINI, listed, stream=False)
    assert (answered.finish_reason, answered.text_characters, answered.output_tokens) == ("STOP", 110, 40)


def test_a_blocked_prompt_has_its_reason(observed: Callable[..., Any]) -> None:
    body = json.dumps({"promptFeedback": {"blockReason": "SAFETY"}, "modelVersion": "m"}).encode()
    assert observed(GEMINI, body, stream=False)[0].finish_reason == "SAFETY"


def test_an_error_is_named_by_its_status(observed: Callable[..., Any]) -> None:
    assert observed(GEMINI, GEMINI.error("overloaded").body, stream=False)[0].error_type == "UNAVAILABLE"
    (event,) = GEMINI.stream_error("insufficient_quota")
    assert observed(GEMINI, event, stream=True)[0].error_type == "RESOURCE_EXHAUSTED"


def test_model_and_stream_stand_in_the_path() -> None:
    body = b'{"contents":{"role":"user","parts":[{"text":"Hi"}]}}'
    asked = GEMINI.asked(b"/v1beta/models/gemini-3-pro:streamGenerateContent?alt=sse", body)
    assert asked is not None
    assert (asked.model, asked.stream, asked.user_text) == ("gemini-3-pro", True, "Hi")
    assert GEMINI.asked(b"/v1beta/models/m:generateContent", b"{}") is None


def test_a_thought_is_not_the_first_visible_piece(observed: Callable[..., Any]) -> None:
    def event(*parts: dict[str, Any]) -> bytes:
        payload = {"candidates": [{"content": {"parts": list(parts)}}], "modelVersion": "m"}
        return sse.event(json.dumps(payload).encode())

    thought = {"text": "hm", "thought": True}
    stream = event(thought) + event(thought) + event(thought, {"text": "yes"}) + event({"text": "!"})
    answered, first = observed(GEMINI, stream, stream=True)
    assert (first, answered.text_characters, answered.text) == ([2], 4, "yes!")
    two, _ = observed(GEMINI, event({"text": "one "}, {"text": "two"}), stream=True)
    assert (two.text, two.text_characters) == ("one two", 7)


def test_thoughts_are_no_text() -> None:
    payload = {"candidates": [{"content": {"parts": [{"text": "hm", "thought": True}, {"text": "yes"}]}}]}
    assert [slot.value for slot in GEMINI.shape.slots(payload) if slot.kind == "text"] == ["yes"]
