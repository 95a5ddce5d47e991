from dataclasses import replace
from typing import Any

from llmops.chaos.experiments.checks.attempts import Attempts


def test_at_the_budget_it_passes_and_over_it_fails(make: Any) -> None:
    """Each request causes two: one refusal, one rescue."""
    assert Attempts(at_most=2).judge(make.evidence()).word == "PASS"
    assert Attempts(at_most=1).judge(make.evidence()).word == "FAIL"


def test_one_storm_is_one_too_many_unless_a_ratio_is_allowed(make: Any) -> None:
    def storm(one: Any) -> Any:
        many = tuple(make.refused(one.sent_at - make.ZERO + n / 100) for n in range(9))
        return replace(one, attempts=many) if one.id == "o3" else one

    run = make.changed(make.evidence(), storm)
    found = Attempts(at_most=3).judge(run)
    assert (found.word, found.examples) == ("FAIL", ("o3",))
    assert Attempts(at_most=3, over_ratio=0.2).judge(run).word == "PASS"  # 1 of 40: 0.004 to 0.129
