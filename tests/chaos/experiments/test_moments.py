from dataclasses import replace
from typing import Any

import pytest

from llmops.chaos.experiments.moments import moments_of


def after(make: Any, at: float | None) -> float | None:
    return None if at is None else round(at - make.ZERO, 3)


def test_a_backup_that_answers_at_once(make: Any) -> None:
    """The first request is sent at 10 s, refused at 10.01, asked again at 10.1, answered at 10.5; recovery: 51 s."""
    found = moments_of(make.evidence())
    assert after(make, found.first_receipt) == 10.01
    assert after(make, found.detected) == 10.1
    assert after(make, found.mitigated) == 10.5
    assert after(make, found.recovered) == 51.5


def test_it_is_mitigated_where_callers_are_served_from_then_on(make: Any) -> None:
    """The first ten get errors, and the 5th is a lucky one: it is the 11th, sent at 20 s, that ends the trouble."""

    def down(one: Any) -> Any:
        return replace(one, status=503, text="") if int(one.id[1:]) < 10 and one.id != "o4" else one

    assert after(make, moments_of(make.changed(make.evidence(), down)).mitigated) == 20.5


def test_never_mitigated_and_never_recovered_are_none(make: Any) -> None:
    down = make.changed(make.evidence(), lambda one: replace(one, status=503))
    down = make.changed(down, lambda one: replace(one, status=503), phase="recovery")
    found = moments_of(down)
    assert (found.mitigated, found.recovered) == (None, None)
    assert found.first_receipt is not None


def test_the_last_few_good_answers_are_no_end_of_trouble(make: Any) -> None:
    def down(one: Any) -> Any:
        return replace(one, status=503) if int(one.id[1:]) < 36 else one

    assert moments_of(make.changed(make.evidence(), down)).mitigated is None  # four are left; five are needed


def test_the_recovery_counts_from_when_one_attempt_suffices(make: Any) -> None:
    """Until 60 s the backup still answers."""

    def still(one: Any) -> Any:
        return replace(one, attempts=(*one.attempts, make.attempt("backup", 60))) if int(one.id[1:]) < 10 else one

    run = make.changed(make.evidence(), still, phase="recovery")
    assert after(make, moments_of(run).recovered) == pytest.approx(60.5)  # the 11th, sent at 51 + 9 s


def test_below_http_the_state_itself_is_the_first_receipt(make: Any) -> None:
    phase = replace(make.INJECT, injections=(replace(make.FAULT, below_http=True),))
    run = make.changed(
        make.evidence(phases=(make.BASELINE, phase, make.RECOVER)), lambda one: replace(one, attempts=one.attempts[1:])
    )
    found = moments_of(run)
    assert (after(make, found.first_receipt), after(make, found.detected)) == (9.9, 10.1)


def test_without_a_fault_there_are_no_moments(make: Any) -> None:
    found = moments_of(make.evidence(phases=(make.BASELINE,), requests=()))
    assert (found.first_receipt, found.recovered) == (None, None)
