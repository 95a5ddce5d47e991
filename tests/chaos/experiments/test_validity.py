"""What is near the edge of proving something; test_verdict.py has the ways in which nothing is proved."""

from dataclasses import replace
from typing import Any

import pytest

from llmops.chaos.experiments.validity import Reason, is_readable, reasons


def codes(run: Any) -> list[str]:
    return [reason.code for reason in reasons(run, [])]


def test_a_whole_run_has_no_reason_against_it(make: Any) -> None:
    assert codes(make.evidence()) == []


@pytest.mark.parametrize(("down", "expected"), [(1, []), (2, ["baseline_unhealthy"])])
def test_one_of_twenty_in_the_baseline_may_fail_and_two_may_not(make: Any, down: int, expected: list[str]) -> None:
    run = make.changed(
        make.evidence(), lambda one: replace(one, status=500) if int(one.id[1:]) < down else one, phase="baseline"
    )
    assert codes(run) == expected


@pytest.mark.parametrize(("lost", "expected"), [(6, []), (7, ["unattributed"])])
def test_one_in_twenty_attempts_may_be_nobodys(make: Any, lost: int, expected: list[str]) -> None:
    """120 are attributed: 6 of 126 are 4.8 %, 7 of 127 are 5.5 %."""
    run = replace(make.evidence(), unattributed=tuple(make.attempt(at=12 + n) for n in range(lost)))
    assert codes(run) == expected


@pytest.mark.parametrize(("sent", "expected"), [(36, []), (35, ["too_few_requests"])])
def test_nine_in_ten_planned_requests_must_be_sent(make: Any, sent: int, expected: list[str]) -> None:
    kept = tuple(one for one in make.evidence().requests if one.phase != "outage" or int(one.id[1:]) < sent)
    assert codes(make.evidence(requests=kept)) == expected


@pytest.mark.parametrize(("skew_s", "expected"), [(0.2, []), (0.3, ["clocks_disagree"])])
def test_clocks_may_differ_by_a_quarter_of_a_second(make: Any, skew_s: float, expected: list[str]) -> None:
    def early(one: Any) -> Any:
        moved = tuple(replace(a, started_at=one.sent_at - skew_s) for a in one.attempts)
        return replace(one, attempts=moved) if one.id == "b7" else one

    assert codes(make.changed(make.evidence(), early, phase="baseline")) == expected


def test_the_baseline_says_what_became_of_it(make: Any) -> None:
    run = make.changed(make.evidence(), lambda one: replace(one, status=500), phase="baseline")
    (reason,) = reasons(run, [])
    assert reason.sentence == "baseline unhealthy: 95% of its requests must be ok, and they are 20 clean_error"


def test_evidence_that_contradicts_itself_cannot_be_read() -> None:
    assert is_readable([Reason("baseline_unhealthy", "")])
    assert not is_readable([Reason("baseline_unhealthy", ""), Reason("broken_evidence", "")])
    assert not is_readable([Reason("not_a_number", "")])
