from dataclasses import replace
from typing import Any

from llmops.chaos.experiments.checks.alive_afterwards import AliveAfterwards


def test_good_answers_in_the_recovery_pass_whatever_the_fault_did(make: Any) -> None:
    down = make.changed(make.evidence(), lambda one: replace(one, status=503, text=""))
    found = AliveAfterwards(at_least=0.8).judge(down)
    assert (found.word, found.n) == ("PASS", 20)


def test_a_system_that_stays_down_fails(make: Any) -> None:
    dead = make.changed(make.evidence(), lambda one: replace(one, status=500, text=""), phase="recovery")
    assert AliveAfterwards(at_least=0.8).judge(dead).word == "FAIL"
