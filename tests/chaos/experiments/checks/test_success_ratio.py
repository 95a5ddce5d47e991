from dataclasses import replace
from typing import Any

from llmops.chaos.experiments.checks.success_ratio import SuccessRatio


def test_it_believes_what_http_says(make: Any) -> None:
    run = make.changed(make.evidence(), lambda one: replace(one, text=""))  # empty successes
    assert SuccessRatio().judge(run).word == "PASS"


def test_errors_and_hangs_are_none(make: Any) -> None:
    for more in ({"status": 500}, {"transport_error": "reset"}, {"deadline_s": 0.4}, {"error_event": True}):
        assert SuccessRatio().judge(make.changed(make.evidence(), lambda one, m=more: replace(one, **m))).word == "FAIL"
