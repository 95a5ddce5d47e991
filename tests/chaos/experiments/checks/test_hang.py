from dataclasses import replace
from typing import Any

from llmops.chaos.experiments.checks.hang import Hang


def test_a_request_past_its_deadline_fails(make: Any) -> None:
    """Each takes 0.5 s."""
    assert Hang().judge(make.changed(make.evidence(), lambda one: replace(one, deadline_s=0.49))).word == "FAIL"


def test_answers_and_errors_in_time_pass(make: Any) -> None:
    assert Hang().judge(make.changed(make.evidence(), lambda one: replace(one, deadline_s=0.51))).word == "PASS"
    assert Hang().judge(make.changed(make.evidence(), lambda one: replace(one, status=503))).word == "PASS"
