"""PASS, FAIL and INVALID; and 57 ways in which a run proves nothing, none of which may pass.

Those on the evidence of real runs are in test_sabotage.py: more than a hundred altogether.
"""

# ruff: noqa: ARG001 - every sabotage is given the builders, whether it needs them or not

from collections.abc import Callable
from dataclasses import replace
from math import inf, nan
from typing import Any

import pytest

from llmops.chaos.experiments.checks.base import make_check
from llmops.chaos.experiments.evidence import Evidence, StateProbe, UserRequest
from llmops.chaos.experiments.verdict import Expectation, ScenarioVerdict, exit_code, judge
from llmops.chaos.proxy.schedule import Schedule, Scope

EXPECTED: dict[str, dict[str, Any]] = {
    "functional_success": {},
    "success_ratio": {},
    "laundered": {},
    "masked_error": {},
    "hang": {},
    "wrong_model": {},
    "attempts": {"at_most": 3},
    "fallback_used": {"within_s": 2.0},
    "alive_afterwards": {"at_least": 0.8},
    "e2e": {"percentile": 90.0, "at_most_s": 5.0},
}


def expectations(**checks: dict[str, Any]) -> list[Expectation]:
    return [Expectation(name, make_check(name, given)) for name, given in (checks or EXPECTED).items()]


def verdict_of(run: Evidence) -> ScenarioVerdict:
    return judge(run, expectations())


# --- the whole run, and what one change does to it


def test_a_run_in_which_the_backup_answers_everything_passes(make: Any) -> None:
    verdict = verdict_of(make.evidence())
    assert (verdict.word, verdict.reason) == ("PASS", "10 of 10 expectations hold")
    assert verdict.outcomes == {"rescued": 40}
    assert [(f.expected, f.fired, f.on_user_requests, f.problem) for f in verdict.firings] == [(40, 40, 40, "")]
    assert verdict.invalid == ()


def test_a_placebo_passes(make: Any) -> None:
    run = make.changed(make.evidence(), lambda one: replace(one, attempts=(make.attempt(at=one.sent_at - make.ZERO),)))
    run = replace(run, phases=(make.BASELINE, replace(make.INJECT, injections=()), make.RECOVER))
    given = {name: EXPECTED[name] for name in EXPECTED if name != "fallback_used"}
    verdict = judge(run, expectations(**given))
    assert (verdict.word, verdict.outcomes) == ("PASS", {"ok": 40})


def one_of(run: Any, change: Callable[[UserRequest], UserRequest]) -> Any:
    """The run with one request of the method changed."""
    return replace(run, requests=tuple(change(one) if one.id == "o7" else one for one in run.requests))


def test_one_laundered_answer_fails(make: Any) -> None:
    verdict = verdict_of(one_of(make.evidence(), lambda one: replace(one, text="Report 0badcafe:")))
    assert verdict.word == "FAIL"
    assert verdict.reason.startswith("laundered: 1 of 40 requests were passed as success although cut or empty")
    assert verdict.outcomes == {"laundered": 1, "rescued": 39}


def test_one_clean_error_is_not_decided(make: Any) -> None:
    """39 of 40: Wilson's interval is 0.871 to 0.996, and 0.9 lies in it."""
    run = one_of(make.evidence(), lambda one: replace(one, status=503, text=""))
    verdict = judge(run, expectations(functional_success={}))
    assert verdict.word == "INVALID"
    assert "of 40 requests got a good answer in time" in verdict.reason


ENDED = "with exit code 1 in recovery: it said nothing"


def test_a_system_that_ends_by_itself_never_passes(make: Any) -> None:
    verdict = verdict_of(replace(make.evidence(), system_ended=ENDED))
    assert (verdict.word, verdict.reason) == ("INVALID", f"system ended: {ENDED}")


def test_and_fails_where_a_check_sees_it(make: Any) -> None:
    run = make.changed(make.evidence(), lambda one: replace(one, status=502, text=""))
    verdict = judge(replace(run, system_ended=ENDED), expectations(functional_success={}))
    assert verdict.word == "FAIL"
    assert verdict.reason.startswith("functional_success: 0 of 40")
    assert [reason.code for reason in verdict.invalid] == ["system_ended"]


@pytest.mark.parametrize("down", [2, 20])
@pytest.mark.parametrize(
    "checks", [{"laundered": {}}, {"recovery_without_stampede": {}}, {"laundered": {"phases": ["recovery"]}}]
)
def test_a_recovery_that_nothing_judges_must_be_as_healthy_as_the_baseline(
    make: Any, checks: dict[str, Any], down: int
) -> None:
    """18 of 20 are 90 %, and 95 % must be good. Neither dead answers nor a lack of stampede break these checks."""
    broken = [f"r{n}" for n in range(down)]
    run = make.evidence()
    run = make.changed(run, lambda one: replace(one, status=502) if one.id in broken else one, "recovery")
    verdict = judge(run, expectations(**checks))
    assert verdict.word == "INVALID"
    assert verdict.reason.startswith(f"not recovered: {20 - down} of 20 answers of the recovery were good, 95% must be")


def test_one_of_twenty_that_is_not_good_is_a_recovery(make: Any) -> None:
    run = make.changed(make.evidence(), lambda one: replace(one, status=502) if one.id == "r3" else one, "recovery")
    assert judge(run, expectations(laundered={})).word == "PASS"


def test_what_the_method_fails_goes_before_a_recovery_that_nothing_judges(make: Any) -> None:
    run = make.changed(make.evidence(), lambda one: replace(one, status=502, text=""), "recovery")
    run = one_of(run, lambda one: replace(one, text=""))
    assert judge(run, expectations(laundered={})).word == "FAIL"


@pytest.mark.parametrize("check", [("alive_afterwards", {}), ("functional_success", {"phases": ["recovery"]})])
def test_a_recovery_that_is_judged_is_judged_by_its_check(make: Any, check: tuple[str, dict[str, Any]]) -> None:
    run = make.changed(make.evidence(), lambda one: replace(one, status=502, text=""), "recovery")
    verdict = judge(run, expectations(**{check[0]: check[1]}))
    assert verdict.word == "FAIL"
    assert not verdict.invalid


def test_a_failure_goes_before_what_is_not_decided(make: Any) -> None:
    run = one_of(make.evidence(), lambda one: replace(one, text=""))
    verdict = judge(run, expectations(functional_success={}, laundered={}))
    assert [each.result.word for each in verdict.checks] == ["INVALID", "FAIL"]
    assert verdict.word == "FAIL"


def test_a_fault_that_never_fired_goes_before_every_check(make: Any) -> None:
    run = one_of(make.evidence(), lambda one: replace(one, text=""))
    run = make.changed(run, lambda one: replace(one, attempts=one.attempts[1:]))
    verdict = judge(run, expectations(laundered={}))
    assert verdict.word == "INVALID"
    found = verdict.checks[0].result
    assert (found.word, found.would) == ("INVALID", "fail")  # said, and not the verdict
    assert found.reason.startswith("would fail: 1 of 1 requests were passed as success")


def test_no_check_is_said_to_pass_in_a_run_that_is_invalid(make: Any) -> None:
    run = replace(make.evidence(), broke_off="the run was interrupted")
    found = [each.result for each in verdict_of(run).checks]
    assert {(each.word, each.would) for each in found} == {("INVALID", "pass")}
    assert all(each.reason.startswith("would pass: ") for each in found)


def test_nor_where_only_another_check_is_not_decided(make: Any) -> None:
    run = one_of(make.evidence(), lambda one: replace(one, status=503, text=""))
    verdict = judge(run, expectations(functional_success={}, laundered={}))
    assert [(each.result.word, each.result.would) for each in verdict.checks] == [("INVALID", ""), ("INVALID", "pass")]


def test_the_tightest_budget_of_attempts_is_what_a_storm_is(make: Any) -> None:
    assert judge(make.evidence(), expectations(attempts={"at_most": 1})).outcomes == {"storm": 40}
    assert judge(make.evidence(), expectations(laundered={})).outcomes == {"rescued": 40}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["PASS", "PASS"], 0),
        (["PASS", "INVALID"], 3),
        (["PASS", "INVALID", "FAIL"], 1),
        (["FAIL"], 1),
        ([], 3),
    ],
)
def test_exit_codes(words: list[Any], code: int) -> None:
    assert exit_code(words) == code


# --- sabotage: each breaks the run in one way, and says what it must be called

Sabotage = Callable[[Any, Any], Any]
SABOTAGE: dict[str, tuple[str, Sabotage]] = {}


def sabotage(code: str) -> Callable[[Sabotage], Sabotage]:
    def add(broken: Sabotage) -> Sabotage:
        SABOTAGE[broken.__name__] = (code, broken)
        return broken

    return add


def phases(make: Any, **injection: Any) -> tuple[Any, ...]:
    return (make.BASELINE, replace(make.INJECT, injections=(replace(make.FAULT, **injection),)), make.RECOVER)


def since(make: Any, one: UserRequest) -> float:
    return float(one.sent_at - make.ZERO)


@sabotage("broke_off")
def the_system_was_never_ready(make: Any, run: Any) -> Any:
    return replace(
        run, broke_off="the system was not ready after 60 s; its last words: bad config", requests=(), phases=()
    )


@sabotage("broke_off")
def the_run_was_aborted_near_its_end(make: Any, run: Any) -> Any:
    return replace(run, broke_off="1 of the last 20 requests succeeded")


@sabotage("system_not_reached")
def no_request_was_sent(make: Any, run: Any) -> Any:
    return replace(run, requests=())


@sabotage("system_not_reached")
def the_load_went_to_a_wrong_port(make: Any, run: Any) -> Any:
    dead: dict[str, Any] = {"status": None, "transport_error": "connect", "attempts": (), "text": ""}
    return replace(run, requests=tuple(replace(one, **dead) for one in run.requests))


@sabotage("baseline_unhealthy")
def the_providers_were_bypassed(make: Any, run: Any) -> Any:
    """The system asks somebody else: its answers are good, and no proxy saw a request."""
    return replace(run, requests=tuple(replace(one, attempts=()) for one in run.requests))


@sabotage("baseline_unhealthy")
def there_was_no_baseline(make: Any, run: Any) -> Any:
    kept = tuple(one for one in run.requests if one.phase != "baseline")
    return replace(run, requests=kept, phases=(make.INJECT, make.RECOVER))


@sabotage("baseline_unhealthy")
def the_baseline_was_dead(make: Any, run: Any) -> Any:
    return make.changed(run, lambda one: replace(one, status=500, text=""), phase="baseline")


@sabotage("baseline_unhealthy")
def the_baseline_was_empty_successes(make: Any, run: Any) -> Any:
    return make.changed(run, lambda one: replace(one, text=""), phase="baseline")


@sabotage("baseline_unhealthy")
def the_baseline_lived_on_its_backup(make: Any, run: Any) -> Any:
    def only_the_backup(one: UserRequest) -> UserRequest:
        at = since(make, one)
        return replace(
            one, attempts=(make.attempt(at=at, status=503, complete=False), make.attempt("backup", at + 0.1))
        )

    return make.changed(run, only_the_backup, phase="baseline")


@sabotage("baseline_unhealthy")
def the_baseline_hung(make: Any, run: Any) -> Any:
    return make.changed(run, lambda one: replace(one, deadline_s=0.4), phase="baseline")


@sabotage("baseline_unhealthy")
def the_baseline_had_a_wrong_model(make: Any, run: Any) -> Any:
    return replace(run, allowed_models=frozenset({"gpt-4o-mini"}))


@sabotage("baseline_unhealthy")
def nobody_said_which_models_may_answer(make: Any, run: Any) -> Any:
    return replace(run, allowed_models=frozenset())


@sabotage("baseline_unhealthy")
def the_fault_was_on_in_the_baseline_already(make: Any, run: Any) -> Any:
    return make.changed(
        run, lambda one: replace(one, attempts=(make.refused(since(make, one)), *one.attempts)), phase="baseline"
    )


@sabotage("baseline_unhealthy")
def a_harmless_fault_was_on_in_the_baseline(make: Any, run: Any) -> Any:
    def slowed(one: UserRequest) -> UserRequest:
        return replace(one, attempts=(replace(one.attempts[0], receipts=(make.receipt(since(make, one)),)),))

    return make.changed(run, slowed, phase="baseline")


@sabotage("baseline_unhealthy")
def the_load_was_one_request_a_phase(make: Any, run: Any) -> Any:
    kept = tuple(one for one in run.requests if one.id in {"b0", "o0", "r0"})
    ones = tuple(replace(phase, planned_requests=1) for phase in run.phases)
    return replace(run, requests=kept, phases=ones)


@sabotage("baseline_unhealthy")
def the_baseline_of_nine_is_too_small(make: Any, run: Any) -> Any:
    kept = tuple(one for one in run.requests if one.phase != "baseline" or int(one.id[1:]) < 9)
    return replace(run, requests=kept, phases=(replace(make.BASELINE, planned_requests=9), *run.phases[1:]))


@sabotage("baseline_unhealthy")
def the_second_repetition_did_not_begin_well(make: Any, run: Any) -> Any:
    """Its baseline still goes to the backup: the breaker of the first repetition is open."""
    later = 100.0

    def again(one: Any) -> Any:
        moved = replace(
            one,
            id=f"{one.id}-2",
            repetition=2,
            scheduled_at=one.scheduled_at + later,
            sent_at=one.sent_at + later,
            ended_at=one.sent_at + later + 0.5,
        )
        at = since(make, moved)
        if one.phase == "baseline":
            return replace(moved, attempts=(make.attempt(at=at, status=503), make.attempt("backup", at + 0.1)))
        return replace(
            make.rescued(0, at) if one.phase == "outage" else make.healthy("x", at, one.phase),
            id=moved.id,
            phase=one.phase,
            repetition=2,
        )

    second = tuple(again(one) for one in run.requests)
    moved = tuple(
        replace(
            phase,
            repetition=2,
            began_at=phase.began_at + later,
            ended_at=phase.ended_at + later,
            injections=tuple(replace(i, on_at=i.on_at + later, off_at=i.off_at + later) for i in phase.injections),
        )
        for phase in run.phases
    )
    return make.evidence(requests=(*run.requests, *second), phases=(*run.phases, *moved))


@sabotage("too_few_requests")
def the_method_was_skipped(make: Any, run: Any) -> Any:
    kept = tuple(one for one in run.requests if one.phase != "outage")
    return replace(run, requests=kept, phases=(make.BASELINE, make.RECOVER), receipts=())


@sabotage("too_few_requests")
def most_of_the_load_was_never_sent(make: Any, run: Any) -> Any:
    kept = tuple(one for one in run.requests if one.phase != "outage" or int(one.id[1:]) < 35)
    return make.evidence(requests=kept)


@sabotage("too_few_requests")
def the_recovery_was_never_watched(make: Any, run: Any) -> Any:
    return make.evidence(requests=tuple(one for one in run.requests if one.phase != "recovery"))


@sabotage("unattributed")
def the_majority_of_attempts_belongs_to_nobody(make: Any, run: Any) -> Any:
    return replace(run, unattributed=tuple(make.attempt(at=10 + n / 10) for n in range(200)))


@sabotage("unattributed")
def one_in_ten_attempts_belongs_to_nobody(make: Any, run: Any) -> Any:
    return replace(run, unattributed=tuple(make.attempt(at=10 + n) for n in range(14)))  # of 134


@sabotage("clocks_disagree")
def the_proxys_clock_is_a_minute_behind(make: Any, run: Any) -> Any:
    def behind(one: UserRequest) -> UserRequest:
        return replace(
            one,
            attempts=tuple(replace(a, started_at=a.started_at - 60, ended_at=a.ended_at - 60) for a in one.attempts),
        )

    return replace(run, requests=tuple(map(behind, run.requests)))


@sabotage("clocks_disagree")
def the_proxys_clock_is_a_minute_ahead(make: Any, run: Any) -> Any:
    def ahead(one: UserRequest) -> UserRequest:
        return replace(
            one,
            attempts=tuple(replace(a, started_at=a.started_at + 60, ended_at=a.ended_at + 60) for a in one.attempts),
        )

    return replace(run, requests=tuple(map(ahead, run.requests)))


@sabotage("broken_evidence")
def two_requests_have_one_id(make: Any, run: Any) -> Any:
    return one_of(run, lambda one: replace(one, id="o8"))


@sabotage("broken_evidence")
def one_attempt_belongs_to_two_requests(make: Any, run: Any) -> Any:
    stolen = run.requests[28].attempts[0]
    return one_of(run, lambda one: replace(one, attempts=(stolen, *one.attempts[1:])))


@sabotage("broken_evidence")
def a_request_is_of_no_phase(make: Any, run: Any) -> Any:
    return one_of(run, lambda one: replace(one, phase="another"))


@sabotage("broken_evidence")
def requests_are_counted_in_the_wrong_phase(make: Any, run: Any) -> Any:
    return replace(run, requests=tuple(replace(one, phase="outage") for one in run.requests))


@sabotage("broken_evidence")
def an_answer_came_before_its_question(make: Any, run: Any) -> Any:
    return one_of(run, lambda one: replace(one, ended_at=one.sent_at - 1))


@sabotage("broken_evidence")
def a_provider_nobody_knows_was_reached(make: Any, run: Any) -> Any:
    return one_of(run, lambda one: replace(one, attempts=(make.attempt("elsewhere", since(make, one)),)))


@sabotage("broken_evidence")
def the_method_ends_before_it_begins(make: Any, run: Any) -> Any:
    return replace(run, phases=(make.BASELINE, replace(make.INJECT, ended_at=make.ZERO), make.RECOVER))


@sabotage("not_a_number")
def a_time_is_nan(make: Any, run: Any) -> Any:
    return one_of(run, lambda one: replace(one, ended_at=nan))


@sabotage("not_a_number")
def a_deadline_is_infinite(make: Any, run: Any) -> Any:
    return one_of(run, lambda one: replace(one, deadline_s=inf))


@sabotage("not_a_number")
def an_attempts_time_is_nan(make: Any, run: Any) -> Any:
    return one_of(run, lambda one: replace(one, attempts=(replace(one.attempts[0], ended_at=nan),)))


@sabotage("not_a_number")
def a_phases_time_is_nan(make: Any, run: Any) -> Any:
    return replace(run, phases=(make.BASELINE, replace(make.INJECT, began_at=nan), make.RECOVER))


@sabotage("fault_not_as_planned")
def the_fault_was_never_put_on(make: Any, run: Any) -> Any:
    return replace(run, phases=phases(make, on_at=None, off_at=None))


@sabotage("fault_not_as_planned")
def no_receipt_was_ever_written(make: Any, run: Any) -> Any:
    def unharmed(one: UserRequest) -> UserRequest:
        return replace(one, attempts=tuple(replace(attempt, receipts=()) for attempt in one.attempts))

    return make.changed(run, unharmed)


@sabotage("fault_not_as_planned")
def the_fault_fired_on_probe_traffic_only(make: Any, run: Any) -> Any:
    clean = make.changed(run, lambda one: replace(one, attempts=one.attempts[1:]))
    return replace(clean, receipts=tuple(make.receipt(11 + n, call=9000 + n) for n in range(20)))


@sabotage("fault_not_as_planned")
def the_fault_could_not_be_applied(make: Any, run: Any) -> Any:
    clean = make.changed(
        run, lambda one: replace(one, attempts=(replace(one.attempts[0], receipts=()), one.attempts[1]))
    )
    missed = tuple(make.receipt(11 + n, applied=False, reason="the answer is no stream") for n in range(40))
    return replace(clean, receipts=missed)


@sabotage("fault_not_as_planned")
def the_fault_hit_half_of_what_it_should(make: Any, run: Any) -> Any:
    def every_other(one: UserRequest) -> UserRequest:
        whole = make.attempt(at=since(make, one))
        return one if int(one.id[1:]) % 2 else replace(one, attempts=(whole,))

    return make.changed(run, every_other)


@sabotage("fault_not_as_planned")
def the_fault_hit_all_and_should_have_hit_a_fifth(make: Any, run: Any) -> Any:
    return replace(run, phases=phases(make, schedule=Schedule(probability=0.2)))


@sabotage("fault_not_as_planned")
def the_fault_hit_all_and_should_have_hit_every_fourth(make: Any, run: Any) -> Any:
    return replace(run, phases=phases(make, schedule=Schedule(every=4)))


@sabotage("fault_not_as_planned")
def the_fault_hit_all_and_should_have_hit_the_first_ten(make: Any, run: Any) -> Any:
    return replace(run, phases=phases(make, schedule=Schedule(first=10)))


@sabotage("fault_not_as_planned")
def the_schedule_never_opened(make: Any, run: Any) -> Any:
    return replace(run, phases=phases(make, schedule=Schedule(after_s=3600.0)))


@sabotage("fault_not_as_planned")
def the_scope_was_another_model(make: Any, run: Any) -> Any:
    return replace(run, phases=phases(make, scope=Scope(models=("claude-*",))))


@sabotage("fault_not_as_planned")
def the_receipts_are_of_another_injection(make: Any, run: Any) -> Any:
    return replace(run, phases=phases(make, name="another"))


@sabotage("fault_not_as_planned")
def the_receipts_are_of_another_provider(make: Any, run: Any) -> Any:
    return replace(run, phases=phases(make, provider="backup"))


@sabotage("fault_not_as_planned")
def one_of_two_faults_never_fired(make: Any, run: Any) -> Any:
    second = replace(make.FAULT, provider="backup", name="second")
    return replace(run, phases=(make.BASELINE, replace(make.INJECT, injections=(make.FAULT, second)), make.RECOVER))


@sabotage("fault_stayed")
def the_fault_was_never_taken_off(make: Any, run: Any) -> Any:
    return replace(run, phases=phases(make, off_at=None))


@sabotage("fault_stayed")
def the_fault_went_on_in_the_recovery(make: Any, run: Any) -> Any:
    def still(one: UserRequest) -> UserRequest:
        at = since(make, one)
        return replace(one, attempts=(make.refused(at), make.attempt("backup", at + 0.1)))

    return make.changed(run, still, phase="recovery")


# below HTTP: the twin of these is `below`


def below(make: Any, run: Any) -> Any:
    """The primary refuses every connection: no attempt of a request reaches it, and a probe sees that."""
    refusing = make.changed(run, lambda one: replace(one, attempts=one.attempts[1:]))
    states = tuple(make.receipt(at, state=state, fault="refused") for at, state in ((9.9, "on"), (50.0, "off")))
    probes = tuple(StateProbe("primary", "outage", make.ZERO + at, True, "refused") for at in (10.5, 30.0, 49.0))
    return replace(
        refusing, receipts=states, state_probes=probes, phases=phases(make, below_http=True, fault="refused")
    )


@sabotage("fault_not_as_planned")
def nobody_looked_whether_the_state_held(make: Any, run: Any) -> Any:
    return replace(below(make, run), state_probes=())


@sabotage("fault_not_as_planned")
def a_probe_was_served_while_the_state_should_hold(make: Any, run: Any) -> Any:
    broken = below(make, run)
    return replace(
        broken, state_probes=(*broken.state_probes, StateProbe("primary", "outage", make.ZERO + 40, False, "served"))
    )


@sabotage("fault_not_as_planned")
def the_only_probes_were_before_and_after(make: Any, run: Any) -> Any:
    probes = tuple(StateProbe("primary", "outage", make.ZERO + at, True, "refused") for at in (5.0, 55.0))
    return replace(below(make, run), state_probes=probes)


@sabotage("fault_not_as_planned")
def no_receipt_says_that_the_state_was_on(make: Any, run: Any) -> Any:
    return replace(below(make, run), receipts=())


@sabotage("fault_not_as_planned")
def attempts_came_through_on_open_connections(make: Any, run: Any) -> Any:
    def through(one: UserRequest) -> UserRequest:
        return replace(one, attempts=(make.attempt(at=since(make, one)), *one.attempts)) if one.id == "o20" else one

    broken = below(make, run)
    return replace(broken, requests=tuple(map(through, broken.requests)))


@sabotage("fault_not_as_planned")
def the_state_hit_only_some_connections(make: Any, run: Any) -> Any:
    broken = below(make, run)
    half = replace(broken.phases[1].injections[0], schedule=Schedule(probability=0.5))
    return replace(broken, phases=(make.BASELINE, replace(make.INJECT, injections=(half,)), make.RECOVER))


@sabotage("fault_not_as_planned")
def nobody_was_due_while_the_state_held(make: Any, run: Any) -> Any:
    broken = below(make, run)
    short = replace(broken.phases[1].injections[0], on_at=make.ZERO + 45.5, off_at=make.ZERO + 48.6)
    probes = (StateProbe("primary", "outage", make.ZERO + 47, True, "refused"),)
    states = (make.receipt(45.5, state="on", fault="refused"),)
    phased = (make.BASELINE, replace(make.INJECT, injections=(short,)), make.RECOVER)
    return replace(broken, phases=phased, state_probes=probes, receipts=states)


@pytest.mark.parametrize("name", SABOTAGE)
def test_a_run_that_proves_nothing_is_invalid_and_says_why(make: Any, name: str) -> None:
    code, break_it = SABOTAGE[name]
    run = make.evidence()
    assert verdict_of(run).word == "PASS"
    verdict = verdict_of(break_it(make, run))
    assert verdict.word == "INVALID", verdict.reason
    assert code in [reason.code for reason in verdict.invalid], verdict.invalid
    assert verdict.reason == verdict.invalid[0].sentence


def test_nothing_expected_is_invalid(make: Any) -> None:
    verdict = judge(make.evidence(), [])
    assert (verdict.word, verdict.invalid[0].code) == ("INVALID", "no_expectations")


# --- the twins of the sabotaged runs, unbroken


def test_a_state_that_held_has_fired(make: Any) -> None:
    verdict = verdict_of(below(make, make.evidence()))
    assert verdict.word == "PASS", verdict.reason
    assert [(f.expected, f.fired, f.problem) for f in verdict.firings] == [(40, 40, "")]
    assert verdict.outcomes == {"rescued": 40}


def test_a_fault_that_stayed_on_its_share_has_fired(make: Any) -> None:
    """Every fourth request, as planned."""

    def fourth(one: UserRequest) -> UserRequest:
        return one if int(one.id[1:]) % 4 == 3 else replace(one, attempts=(make.attempt(at=since(make, one)),))

    run = replace(make.changed(make.evidence(), fourth), phases=phases(make, schedule=Schedule(every=4)))
    verdict = judge(run, expectations(functional_success={}))
    assert verdict.word == "PASS", verdict.reason
    assert [(f.expected, f.on_user_requests) for f in verdict.firings] == [(10, 10)]


def test_the_first_ten_as_planned(make: Any) -> None:
    def first(one: UserRequest) -> UserRequest:
        return one if int(one.id[1:]) < 10 else replace(one, attempts=(make.attempt(at=since(make, one)),))

    run = replace(make.changed(make.evidence(), first), phases=phases(make, schedule=Schedule(first=10)))
    assert judge(run, expectations(functional_success={})).word == "PASS"


def test_a_few_attempts_of_nobody_are_borne(make: Any) -> None:
    run = replace(make.evidence(), unattributed=tuple(make.attempt(at=10 + n) for n in range(6)))  # 6 of 126
    assert verdict_of(run).word == "PASS"


def test_probes_beside_the_load_change_nothing(make: Any) -> None:
    run = make.evidence()
    probes = tuple(make.attempt(at=n, dialect=None, route="/v1/models") for n in range(30))
    more = (*run.receipts, *(make.receipt(12, call=9000 + n) for n in range(3)))
    verdict = verdict_of(replace(run, probes=probes, receipts=more))
    assert verdict.word == "PASS"
    assert (verdict.firings[0].fired, verdict.firings[0].on_user_requests) == (43, 40)


def test_one_attempt_on_the_edge_may_miss_its_fault(make: Any) -> None:
    def whole(one: UserRequest) -> UserRequest:
        return replace(one, attempts=(make.attempt(at=since(make, one)),)) if one.id == "o0" else one

    assert verdict_of(make.changed(make.evidence(), whole)).word == "PASS"


def test_a_receipt_may_come_after_the_fault_is_off_when_its_attempt_began_before(make: Any) -> None:
    """A stream that was slow is cut when the recovery has begun already."""

    def cut(one: UserRequest) -> UserRequest:
        late = make.refused(since(make, one) - 1.1)
        return (
            replace(one, scheduled_at=one.scheduled_at - 1.1, sent_at=one.sent_at - 1.1, attempts=(late, *one.attempts))
            if one.id == "r0"
            else one
        )

    run = make.changed(make.evidence(), cut, phase="recovery")
    assert "fault_stayed" not in [reason.code for reason in verdict_of(run).invalid]


def test_two_repetitions_that_begin_well_pass(make: Any) -> None:
    run = SABOTAGE["the_second_repetition_did_not_begin_well"][1](make, make.evidence())

    def well(one: UserRequest) -> UserRequest:
        return replace(one, attempts=one.attempts[:1]) if one.repetition == 2 and one.phase == "baseline" else one

    healed = make.changed(
        run,
        lambda one: replace(well(one), attempts=tuple(replace(a, status=200) for a in well(one).attempts)),
        phase="baseline",
    )
    verdict = verdict_of(healed)
    assert verdict.word == "PASS", verdict.reason
    assert [(f.expected, f.fired) for f in verdict.firings] == [(40, 40), (40, 40)]
    assert verdict.outcomes == {"rescued": 80}
