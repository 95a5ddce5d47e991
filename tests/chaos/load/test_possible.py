"""Times that can be, and times that cannot."""

import math
from typing import Any

import pytest

from llmops.chaos.load.possible import why_impossible
from llmops.chaos.load.record import CallRecord


def record(**given: Any) -> CallRecord:
    usual: dict[str, Any] = {
        "request_id": "r", "dialect": "openai_chat", "path": "/x", "model_asked": "m", "stream": True,
        "scheduled_at": 100.0, "dispatched_at": 100.0, "sent_at": 101.0, "connected_at": 101.5, "first_byte_at": 102.0,
        "first_token_at": 103.0, "piece_times": (103.0, 104.0, 104.0), "ended_at": 105.0, "output_tokens": 3,
    }  # fmt: skip
    return CallRecord(**{**usual, **given})


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"dispatched_at": 99.95},  # woken a little early
        {"sent_at": 100.0, "connected_at": None},  # at once, on a connection that was open
        {"sent_at": None, "connected_at": None, "first_byte_at": None, "first_token_at": None, "piece_times": ()},
        {"first_token_at": None, "piece_times": (), "ended_at": 102.0},
        {"output_tokens": 0},
    ],
)
def test_what_can_be_is_taken(given: dict[str, Any]) -> None:
    assert why_impossible(record(**given)) == ""


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"first_token_at": 100.5, "piece_times": (100.5,)}, "its first_token_at is before its first_byte_at"),
        ({"first_byte_at": None, "first_token_at": 100.5}, "its first_token_at is before its connected_at"),
        ({"ended_at": 96.0}, "its ended_at is before its first_token_at"),
        ({"sent_at": 99.0}, "its sent_at is before its dispatched_at"),
        ({"scheduled_at": 106.0}, "its dispatched_at is before its scheduled_at"),
        ({"sent_at": 101_000_000_000_000.0}, "its sent_at is no time in epoch seconds"),
        ({"ended_at": 1_795_732_868_000}, "its ended_at is no time in epoch seconds"),  # milliseconds of 2026
        ({"ended_at": 1e30}, "its ended_at is no time in epoch seconds"),
        ({"scheduled_at": -1.0}, "its scheduled_at is no time in epoch seconds"),
        ({"ended_at": math.nan}, "its ended_at is no time in epoch seconds"),
        ({"piece_times": (103.0, 104.0, 103.5)}, "its piece_times go back in time"),
        ({"piece_times": (104.0, 104.5)}, "its piece_times do not begin with its first_token_at"),
        ({"output_tokens": -3}, "its count of tokens is below 0"),
    ],
)
def test_what_cannot_be_is_named(given: dict[str, Any], why: str) -> None:
    assert why_impossible(record(**given)) == why
