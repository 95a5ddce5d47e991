import json
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.reliability.quality import Quality, Sampler, wire_quality

ANSWERS = Path(__file__).parents[1] / "answers"
ASKED = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Who are you?"}]}


def record(**more: Any) -> dict[str, Any]:
    """A wire record of a good answer, as the proxy writes it."""
    base: dict[str, Any] = {
        "provider": "openai",
        "call": 1,
        "at": "2026-11-25T10:00:00.000000Z",
        "dialect": "openai_chat",
        "status": 200,
        "upstream_status": 200,
        "ended": "complete",
        "complete": True,
        "finish_reason": "stop",
        "text_characters": 110,
        "error_type": None,
    }
    return {**base, **more}


def with_bodies(answer: bytes, **more: Any) -> dict[str, Any]:
    return record(request_body=json.dumps(ASKED), answer_body=answer.decode(), **more)


GOOD = (ANSWERS / "openai_chat_text.json").read_bytes()


def test_bodies_are_judged_by_the_validators() -> None:
    assert Sampler().of(with_bodies(GOOD)) == Quality(1.0, "bodies")
    refused = GOOD.replace("Zürich has 443,037 people".encode(), b"I'm sorry, but I can't help with that")
    assert Sampler().of(with_bodies(refused)) == Quality(0.0, "bodies")


def test_without_bodies_the_record_itself_tells_what_it_can() -> None:
    assert Sampler().of(record()) == Quality(1.0, "wire record")
    assert Sampler().of(record(finish_reason="length")) == Quality(0.0, "wire record")


def test_a_body_that_cannot_be_read_is_judged_by_the_record() -> None:
    compressed = with_bodies(b"") | {"answer_body": "\x1f\ufffd\ufffd\ufffd"}
    assert Sampler().of(compressed) == Quality(1.0, "wire record")


@pytest.mark.parametrize(
    ("more", "quality"),
    [
        ({}, 1.0),
        ({"error_type": "overloaded_error"}, 0.0),  # an error event in a stream of status 200
        ({"complete": False}, 0.0),
        ({"finish_reason": "content_filter"}, 0.0),
        ({"finish_reason": "never_heard_of"}, None),
        ({"text_characters": 0, "finish_reason": "tool_calls"}, None),  # a tool, or nothing: the record cannot tell
        ({"dialect": "bedrock", "finish_reason": None, "complete": False}, None),  # its answers are not read
        ({"dialect": "openai_embeddings", "finish_reason": None, "text_characters": 0}, None),
        ({"complete": False, "answer_not_read": "the gzip is damaged"}, None),
        ({"complete": False, "note": "the answer is longer than the 8388608 bytes kept for the record"}, None),
    ],
)
def test_what_a_record_tells(more: dict[str, Any], quality: float | None) -> None:
    assert wire_quality(record(**more)) == quality


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"status": 503}, "no whole answer"),
        ({"status": None}, "no whole answer"),
        ({"ended": "upstream_reset"}, "no whole answer"),
        ({"faults": ["thai"]}, "a fault may have changed it after it was recorded"),
    ],
)
def test_what_is_no_answer_of_the_provider_has_no_quality(more: dict[str, Any], why: str) -> None:
    assert Sampler().of(record(**more)) == Quality(None, why)


def test_the_same_seed_samples_the_same_answers_and_about_the_share_that_was_asked() -> None:
    chosen = [[Sampler(0.2, seed).sampled(f"{call}") for call in range(2000)] for seed in (1, 1, 2)]
    assert chosen[0] == chosen[1] != chosen[2]
    assert 340 <= sum(chosen[0]) <= 460  # 400, and three times √(2000 · 0.2 · 0.8) = 54
    assert Sampler(0.000001).of(record()) == Quality(None, "not sampled")
