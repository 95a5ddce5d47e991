from dataclasses import replace
from typing import Any

from llmops.chaos.experiments.selection import first_hit, hit_requests, is_on, judged, phases_of, requests_of
from llmops.chaos.proxy.schedule import Schedule


def test_phases_by_name_or_by_kind(make: Any) -> None:
    run = make.evidence()
    assert [phase.name for phase in phases_of(run)] == ["outage"]
    assert [phase.name for phase in phases_of(run, ("baseline", "recovery"))] == ["baseline", "recovery"]
    assert [phase.name for phase in phases_of(run, kind="recover")] == ["recovery"]


def test_requests_stand_as_they_were_due_whatever_order_they_came_in(make: Any) -> None:
    run = make.evidence()
    turned = replace(run, requests=run.requests[::-1])
    assert [one.id for one in requests_of(turned, phases_of(run))] == [f"o{n}" for n in range(40)]


def test_a_request_of_another_repetition_is_of_another_phase(make: Any) -> None:
    run = make.evidence()
    moved = replace(run, requests=tuple(replace(one, repetition=2) for one in run.requests))
    assert requests_of(moved, phases_of(run)) == []


def test_hit_is_what_a_receipt_of_the_phases_own_injection_names(make: Any) -> None:
    def other(one: Any) -> Any:
        strange = make.refused(one.sent_at - make.ZERO, injection="another")
        return replace(one, attempts=(strange, one.attempts[1])) if int(one.id[1:]) % 2 else one

    run = make.changed(make.evidence(), other)
    assert len(hit_requests(run, phases_of(run))) == 20
    assert len(judged(run, phases_of(run), "hit")) == 20
    assert len(judged(run, phases_of(run), "all")) == 40


def test_where_no_fault_is_planned_every_request_is_judged(make: Any) -> None:
    assert len(judged(make.evidence(), [make.RECOVER], "hit")) == 20


def test_below_http_a_request_is_hit_that_was_sent_while_the_state_held(make: Any) -> None:
    state = replace(make.FAULT, below_http=True, on_at=make.ZERO + 20, off_at=make.ZERO + 29.5)
    phase = replace(make.INJECT, injections=(state,))
    run = make.changed(make.evidence(phases=(phase,)), lambda one: replace(one, attempts=()))
    assert [one.id for one in hit_requests(run, [phase])] == [f"o{n}" for n in range(10, 20)]


def test_an_injection_is_on_by_its_schedules_own_time_too(make: Any) -> None:
    late = replace(make.FAULT, on_at=make.ZERO, off_at=make.ZERO + 10, schedule=Schedule(after_s=2, until_s=5))
    on = [at for at in range(-1, 12) if is_on(late, make.ZERO + at)]
    assert on == [2, 3, 4]
    assert not is_on(replace(make.FAULT, off_at=None), make.ZERO + 20)


def test_the_first_hit_is_the_first_attempt_with_a_receipt(make: Any) -> None:
    whole, hit = make.attempt(), make.refused(0.2)
    assert first_hit(make.request(attempts=(whole, hit)), make.INJECT) is hit
    assert first_hit(make.request(attempts=(whole,)), make.INJECT) is None
