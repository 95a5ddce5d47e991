from dataclasses import replace
from typing import Any

import pytest

from llmops.chaos.experiments.checks.honest_error import HonestError


def down(make: Any, **more: Any) -> Any:
    return make.changed(make.evidence(), lambda one: replace(one, **{"status": 200, "text": "", **more}))


@pytest.mark.parametrize(
    "more", [{"status": 503}, {"status": 429}, {"error_event": True, "error_type": "server_error"}]
)
def test_an_error_status_and_an_error_event_are_honest(make: Any, more: dict[str, Any]) -> None:
    assert HonestError().judge(down(make, **more)).word == "PASS"


@pytest.mark.parametrize(
    "more",
    [
        {},  # an empty success
        {"status": None, "transport_error": "reset"},
        {"transport_error": "closed_early"},
        {"status": 503, "deadline_s": 0.4},  # too late
        {"error_type": "server_error"},  # an error object with a 200
    ],
)
def test_anything_else_is_not(make: Any, more: dict[str, Any]) -> None:
    assert HonestError().judge(down(make, **more)).word == "FAIL"


def test_answers_are_no_errors(make: Any) -> None:
    assert HonestError().judge(make.evidence()).word == "FAIL"


def test_what_counts_can_be_narrowed(make: Any) -> None:
    assert HonestError(least_status=500).judge(down(make, status=429)).word == "FAIL"
    assert HonestError(events=False).judge(down(make, error_event=True)).word == "FAIL"
