from dataclasses import replace
from typing import Any

from llmops.chaos.experiments.checks.e2e import E2e


def test_the_time_to_the_end(make: Any) -> None:
    """Each takes 0.5 s."""
    assert E2e(percentile=90.0, at_most_s=0.51).judge(make.evidence()).word == "PASS"
    assert E2e(percentile=90.0, at_most_s=0.49).judge(make.evidence()).word == "FAIL"


def test_a_fast_error_is_no_fast_answer(make: Any) -> None:
    down = make.changed(make.evidence(), lambda one: replace(one, status=503))
    assert E2e(percentile=90.0, at_most_s=0.51).judge(down).word == "FAIL"
