"""How much of a planned fault must have fired; the verdict's tests show what follows from it."""

from dataclasses import replace
from typing import Any

import pytest

from llmops.chaos.experiments.firing import expected_hits, firing_of
from llmops.chaos.proxy.schedule import Schedule, Scope


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (Schedule(), 40),
        (Schedule(first=10), 10),
        (Schedule(first=100), 40),
        (Schedule(every=4), 10),
        (Schedule(every=4, first=10), 2),  # the 4th and the 8th
        (Schedule(probability=0.25), 10),
        (Schedule(every=4, probability=0.5), 5),
        (Schedule(sticky="client"), None),
    ],
)
def test_how_many_of_forty_a_schedule_hits(schedule: Schedule, expected: float | None) -> None:
    assert expected_hits(schedule, 40) == expected


def firing(make: Any, hit: int, schedule: Schedule, scope: Scope | None = None) -> Any:
    """The first `hit` of 40 requests are hit."""

    def ask(one: Any) -> Any:
        return one if int(one.id[1:]) < hit else replace(one, attempts=(make.attempt(at=one.sent_at - make.ZERO),))

    injection = replace(make.FAULT, schedule=schedule, scope=scope or Scope())
    phase = replace(make.INJECT, injections=(injection,))
    return firing_of(injection, phase, make.changed(make.evidence(phases=(phase,)), ask))


@pytest.mark.parametrize(("hit", "fits"), [(1, False), (2, True), (8, True), (15, True), (16, False), (40, False)])
def test_a_share_of_a_fifth_is_any_that_its_interval_allows(make: Any, hit: int, fits: bool) -> None:
    """Wilson, with the tolerance of 0.05: 1 of 40 to 0.129, 2 to 0.165; 15 of 40 from 0.242, 16 from 0.264."""
    found = firing(make, hit, Schedule(probability=0.2))
    assert (found.problem == "") is fits, found.problem


@pytest.mark.parametrize(("hit", "fits"), [(34, False), (37, True), (40, True)])
def test_a_fault_on_everything_may_miss_only_the_edges(make: Any, hit: int, fits: bool) -> None:
    """Wilson: 37 of 40 to 0.974; 34 of 40 to 0.929, and with the tolerance still below 1."""
    found = firing(make, hit, Schedule())
    assert (found.problem == "") is fits, found.problem


def test_a_wrong_share_is_said_with_both_counts(make: Any) -> None:
    found = firing(make, 30, Schedule())
    assert found.problem == "unavailable (outage) on primary hit 30 of 40 attempts in its scope, and 40 were planned"
    assert (found.expected, found.fired, found.on_user_requests) == (40, 30, 30)


def test_a_ramp_is_expected_on_average(make: Any) -> None:
    """From 0 to 1 over its 40 s: half of the requests."""
    ramp = Schedule(ramp=((0.0, 0.0), (40.0, 1.0)))
    assert firing(make, 20, ramp).problem == ""
    assert firing(make, 40, ramp).problem != ""


def test_of_dice_by_client_any_share_is_right(make: Any) -> None:
    found = firing(make, 3, Schedule(sticky="client"))
    assert (found.expected, found.problem) == (None, "")


def test_attempts_outside_its_scope_are_not_counted(make: Any) -> None:
    assert firing(make, 40, Schedule(), Scope(models=("gpt-4o",))).problem == ""
    assert firing(make, 40, Schedule(), Scope(routes=("openai_chat",))).problem == ""
    assert "never on a request" in firing(make, 40, Schedule(), Scope(stream=False)).problem


def test_the_reason_of_a_fault_that_could_not_be_applied_is_told(make: Any) -> None:
    clean = make.changed(make.evidence(), lambda one: replace(one, attempts=one.attempts[1:]))
    run = replace(clean, receipts=(make.receipt(12, applied=False, reason="the answer is no stream"),))
    found = firing_of(make.FAULT, make.INJECT, run)
    assert found.problem == "unavailable (outage) on primary never fired: the answer is no stream"


def test_who_meets_the_reset_that_another_request_left_was_not_planned(make: Any) -> None:
    """Half of 40 were to be hit; the next request on each of those 20 connections is reset, and is none of the 40."""
    run = make.evidence()
    left = make.receipt(12, call=1, details={"what": "reset", "left_by_call": 0})

    def followed(one: Any) -> Any:
        return replace(one, attempts=(*one.attempts, make.attempt(at=12, receipts=(left,)))) if one.id == "o20" else one

    half = firing(make, 20, Schedule(probability=0.5))
    after = replace(run, requests=tuple(map(followed, run.requests)))
    assert half.problem == ""
    assert firing_of(make.FAULT, make.INJECT, after).expected == firing_of(make.FAULT, make.INJECT, run).expected


def test_receipts_of_the_next_repetition_are_its_own(make: Any) -> None:
    again = replace(make.FAULT, on_at=make.ZERO + 100, off_at=make.ZERO + 140)
    second = replace(make.INJECT, repetition=2, injections=(again,))
    run = replace(make.evidence(), phases=(make.BASELINE, make.INJECT, make.RECOVER, second))
    assert firing_of(make.FAULT, make.INJECT, run).fired == 40
    assert firing_of(again, second, run).problem == "unavailable (outage) on primary never fired"
