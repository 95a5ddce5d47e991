"""What is near the edge of proving something; test_verdict.py has the ways in which nothing is proved."""

from dataclasses import replace
from typing import Any

import pytest

from llmops.chaos.experiments.evidence import ProxyCount
from llmops.chaos.experiments.redaction import redactor
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


FIRST = "the first clean error: status 500"


def test_the_baseline_says_what_was_wrong_with_its_answers(make: Any) -> None:
    run = make.changed(make.evidence(), lambda one: replace(one, text="No."), phase="baseline")
    (reason,) = reasons(run, [])
    assert "the first masked error: another text than the true one, of 3 characters from character 1 on" in reason.text
    run = make.changed(make.evidence(), lambda one: replace(one, text=""), phase="baseline")
    assert reasons(run, [])[0].text.endswith("; the first laundered: status 200 and an empty answer")


def test_the_baseline_says_what_became_of_it(make: Any) -> None:
    run = make.changed(make.evidence(), lambda one: replace(one, status=500), phase="baseline")
    (reason,) = reasons(run, [])
    assert (
        reason.sentence == "baseline unhealthy: 95% of its requests must be ok, and they are 20 clean_error; " + FIRST
    )


def test_evidence_that_contradicts_itself_cannot_be_read() -> None:
    assert is_readable([Reason("baseline_unhealthy", "")])
    assert not is_readable([Reason("baseline_unhealthy", ""), Reason("broken_evidence", "")])
    assert not is_readable([Reason("not_a_number", "")])


# --- what explains the rest is said first, with what to do


def bypassed(make: Any, **more: Any) -> Any:
    return make.evidence(requests=tuple(replace(one, attempts=(), **more) for one in make.evidence().requests))


def test_a_system_whose_requests_pass_no_proxy_is_told_to_look_at_its_base_urls_before_anything_else(make: Any) -> None:
    first = reasons(bypassed(make), [])[0]
    assert first.sentence == (
        "providers not reached: of 80 requests none reached a proxy, most were answered by status 200: is the base URL "
        "of each provider in the system that of its proxy? Does no cache answer?"
    )


def test_it_is_said_before_that_the_run_broke_off_for_it(make: Any) -> None:
    run = replace(bypassed(make, status=502, text=""), broke_off="the baseline is not healthy")
    assert codes(run)[:2] == ["providers_not_reached", "broke_off"]


def test_a_system_that_wants_a_key_is_told_so(make: Any) -> None:
    assert "give the load the system's key" in reasons(bypassed(make, status=401), [])[0].text


def test_a_key_that_was_given_and_refused_is_told_with_what_the_system_said(make: Any) -> None:
    run = bypassed(make, status=401, answer_body=b'{"error": "no such key: Bearer hunter22-of-mine"}')
    run = replace(run, key_given=True, redact=redactor(["hunter22-of-mine"]))
    text = reasons(run, [])[0].text
    assert "was refused: is it the system's own?; it said: " in text
    assert '{"error": "no such key: Bearer [redacted]"}' in text
    assert "give the load" not in text


def test_probes_that_came_show_that_only_the_path_can_be_wrong(make: Any) -> None:
    run = replace(bypassed(make), probes=(make.attempt(dialect=None, route="/chat/completion"),) * 7)
    first = reasons(run, [])[0]
    assert "(7 that were no inference did)" in first.text
    assert "with the path that its providers want" in first.text


def test_a_single_attempt_that_came_is_not_nothing(make: Any) -> None:
    kept = make.evidence().requests[0]
    run = make.evidence(requests=(kept, *bypassed(make).requests[1:]))
    assert "providers_not_reached" not in codes(run)


def test_attempts_of_which_none_can_be_followed_are_told_before_what_that_looks_like(make: Any) -> None:
    run = make.evidence()
    attempts = tuple(attempt for one in run.requests for attempt in one.attempts)
    first, *others = reasons(replace(bypassed(make), unattributed=attempts), [])
    assert first.sentence == (
        "unattributed: all 120 attempts belong to no request, at most 5% may: does the system forward the header "
        "x-llmops-request-id, or else the last user message as it came? Does nobody else use its providers?"
    )
    assert "baseline_unhealthy" in [other.code for other in others]


def test_a_system_that_never_answered_is_not_told_of_its_providers(make: Any) -> None:
    assert codes(bypassed(make, status=None, transport_error="connect"))[0] == "system_not_reached"


@pytest.mark.parametrize(("lost", "told"), [(10, False), (11, True)])
def test_a_path_that_the_provider_does_not_have_is_told_with_where_it_comes_from(
    make: Any, lost: int, told: bool
) -> None:
    """More than half of 20."""

    def not_found(one: Any) -> Any:
        there = replace(one.attempts[0], status=404, upstream_status=404, route="/chat/completions?x=1")
        return replace(one, attempts=(there,), status=404, text="") if int(one.id[1:]) < lost else one

    found = reasons(make.changed(make.evidence(), not_found, phase="baseline"), [])
    assert (found[0].code == "route_not_found") is told
    if told:
        assert found[0].text == (
            "11 of 20 attempts of the baseline found nothing: primary answered 404 at /chat/completions. Is that a "
            "path of its API? `{NAME.base_url}` has the path of its `upstream`, which for OpenAI's is /v1. And has it "
            "the model?"
        )


def test_a_404_that_a_fault_gave_is_no_lost_path(make: Any) -> None:
    gone = make.refused(status=404)
    run = make.changed(make.evidence(), lambda one: replace(one, attempts=(gone,)), phase="baseline")
    assert "route_not_found" not in codes(run)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("connect", "none of 80 requests was answered: nothing listens at the system's URL, or it takes no connection"),
        ("timeout", "none of 80 requests was answered: the system said nothing before the deadline"),
        ("closed_early", "none of 80 requests was answered: no head of an answer came"),
    ],
)
def test_a_dead_system_is_told_in_words_before_that_the_run_broke_off_for_it(make: Any, error: str, words: str) -> None:
    run = replace(bypassed(make, status=None, transport_error=error), broke_off="the baseline is not healthy")
    first = reasons(run, [])[0]
    assert (first.code, first.text) == ("system_not_reached", words)


def test_a_run_that_sent_nothing_because_it_broke_off_says_why_it_did(make: Any) -> None:
    assert codes(make.evidence(requests=(), broke_off="never ready"))[0] == "broke_off"
    assert codes(make.evidence(requests=()))[0] == "system_not_reached"


@pytest.mark.parametrize(("off_at", "expected"), [(49.0, []), (48.7, ["fault_stayed"])])
def test_a_fault_is_not_applied_after_it_was_off_not_even_in_its_own_phase(
    make: Any, off_at: float, expected: list[str]
) -> None:
    """The last attempt that it hit began at 49.01, and a quarter of a second is the clocks'."""
    short = replace(make.FAULT, off_at=make.ZERO + off_at)
    run = make.evidence(phases=(make.BASELINE, replace(make.INJECT, injections=(short,)), make.RECOVER))
    assert codes(run) == expected


@pytest.mark.parametrize(
    ("hit", "applied", "written", "disagrees"),
    [
        (40, 40, 0, True),
        (40, 0, 0, True),
        (40, 40, 35, True),
        (40, 40, 36, False),
        (40, 40, 40, False),
        (0, 0, 0, False),
    ],
)  # fmt: skip
def test_a_proxy_whose_counts_and_receipts_disagree_is_broken_evidence(
    make: Any, hit: int, applied: int, written: int, disagrees: bool
) -> None:
    run = make.evidence()
    run = replace(run, receipts=run.receipts[:written], proxy_counts=(ProxyCount("primary", "outage", hit, applied),))
    found = [reason.text for reason in reasons(run, []) if reason.code == "broken_evidence"]
    assert len(found) == disagrees
    if disagrees:
        said = (
            f"outage on primary hit {hit} requests and did something to {applied}, and it wrote receipts of {written}"
        )
        assert found[0].startswith("the proxy's own counts and receipts disagree: it says that " + said)


def test_counts_of_an_injection_that_no_phase_planned_say_nothing(make: Any) -> None:
    run = replace(make.evidence(), proxy_counts=(ProxyCount("primary", "canary", 40, 40),))
    assert reasons(run, []) == []
