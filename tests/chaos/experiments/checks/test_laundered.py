from dataclasses import replace
from typing import Any

from llmops.chaos.experiments.checks.laundered import Laundered


def test_a_cut_answer_that_claims_to_be_whole_fails(make: Any) -> None:
    found = Laundered().judge(make.changed(make.evidence(), lambda one: replace(one, text=one.text[:30])))
    assert (found.word, found.value, found.n) == ("FAIL", 1.0, 40)


def test_whole_answers_and_honest_errors_pass(make: Any) -> None:
    assert Laundered().judge(make.evidence()).word == "PASS"
    told = make.changed(make.evidence(), lambda one: replace(one, text="Report", error_event=True, error_type="e"))
    assert Laundered().judge(told).word == "PASS"


def test_it_is_seen_also_behind_a_storm(make: Any) -> None:
    run = make.changed(make.evidence(attempts_budget=1), lambda one: replace(one, text=""))
    assert Laundered().judge(run).word == "FAIL"
