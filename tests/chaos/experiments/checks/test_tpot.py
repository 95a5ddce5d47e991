from dataclasses import replace
from typing import Any

from llmops.chaos.experiments.checks.tpot import Tpot


def test_the_time_per_further_token(make: Any) -> None:
    """(0.5 - 0.1) s / (20 - 1) tokens = 0.02105 s."""
    assert Tpot(percentile=90.0, at_most_s=0.0211).judge(make.evidence()).word == "PASS"
    assert Tpot(percentile=90.0, at_most_s=0.0210).judge(make.evidence()).word == "FAIL"


def test_errors_have_none(make: Any) -> None:
    down = make.changed(make.evidence(), lambda one: replace(one, status=503))
    assert Tpot(percentile=90.0, at_most_s=100.0).judge(down).word == "FAIL"
