from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos import texts
from llmops.chaos.faults.refusal_field import RefusalField
from llmops.errors import BadInput

WORDS = texts.text("refusal", "policy")


def test_chat_has_its_refusal_and_no_content(through: Callable[..., Any]) -> None:
    message = through(RefusalField()).json["choices"][0]["message"]
    assert (message["refusal"], message["content"]) == (WORDS, None)


def test_chat_streams_it_in_pieces(through: Callable[..., Any]) -> None:
    seen = through(RefusalField(), stream=True, coding="gzip")
    deltas = [choice["delta"] for one in seen.payloads for choice in one["choices"]]
    assert "".join(delta.get("refusal") or "" for delta in deltas) == WORDS
    assert {delta.get("content") for delta in deltas} == {None}
    assert seen.applied[0]["what"] == "refusal"


def test_anthropic_stops_for_it(through: Callable[..., Any]) -> None:
    body = through(RefusalField(), "anthropic_messages").json
    assert (body["content"], body["stop_reason"]) == ([], "refusal")
    assert body["stop_details"] == {"type": "refusal", "category": None, "explanation": WORDS}


def test_anthropic_streams_no_text(through: Callable[..., Any]) -> None:
    seen = through(RefusalField(), "anthropic_messages", stream=True)
    assert seen.said("anthropic_messages") == ""
    (delta,) = [one["delta"] for one in seen.payloads if one["type"] == "message_delta"]
    assert (delta["stop_reason"], delta["stop_details"]["explanation"]) == ("refusal", WORDS)


def test_responses_have_a_part_of_its_type(through: Callable[..., Any]) -> None:
    part = through(RefusalField(), "openai_responses").json["output"][0]["content"][0]
    assert part == {"type": "refusal", "refusal": WORDS}


def test_responses_stream_events_of_its_type(through: Callable[..., Any]) -> None:
    seen = through(RefusalField(), "openai_responses", stream=True)
    kinds = [one["type"] for one in seen.payloads]
    assert not [kind for kind in kinds if "output_text" in kind]
    assert "".join(one["delta"] for one in seen.payloads if one["type"] == "response.refusal.delta") == WORDS
    done = {one["type"]: one for one in seen.payloads}
    assert done["response.refusal.done"]["refusal"] == WORDS
    assert done["response.completed"]["response"]["output"][0]["content"] == [{"type": "refusal", "refusal": WORDS}]
    assert all(b"event: %s\n" % kind.encode() in event for kind, event in zip(kinds, seen.events, strict=True))


def test_gemini_has_no_such_field(through: Callable[..., Any]) -> None:
    seen = through(RefusalField(), "gemini", stream=True)
    assert (seen.body, seen.applied, len(seen.reasons)) == (seen.upstream, [], 1)


def test_an_unknown_text_is_refused() -> None:
    with pytest.raises(BadInput):
        RefusalField("rude")
