"""How checks are made from a file, what they refuse before the run, and how they count."""

from dataclasses import replace
from typing import Any

import pytest

from llmops.chaos.experiments.checks.base import Planned, PlannedPhase, checks, make_check
from llmops.errors import BadInput, UnknownName

PLAN = Planned(
    phases=(
        PlannedPhase("baseline", "baseline", 20, 0, 4.0),
        PlannedPhase("outage", "inject", 40, 40, 40.0),
        PlannedPhase("recovery", "recover", 20, 0, 20.0),
    ),
    providers=("primary", "backup"),
    stream=True,
    priced=True,
)
NEEDED = {"ttft": {"at_most_s": 1.0}, "tpot": {"at_most_s": 1.0}, "e2e": {"at_most_s": 1.0}}


def with_requests(n: int, hit: int | None = None, kind: str = "inject") -> Planned:
    counted = (replace(p, requests=n, hit_requests=hit) if p.kind == kind else p for p in PLAN.phases)
    return replace(PLAN, phases=tuple(counted))


def test_every_check_is_named_as_its_file_and_says_what_it_is() -> None:
    words = "alive_afterwards attempts breaker_closes breaker_opens e2e failover_cost fallback_used functional_success"
    words += " hang honest_error laundered masked_error masked_model no_fallback non_retryable_not_retried"
    words += " recovery_without_stampede retry_after_respected success_ratio tpot ttft wasted_tokens wrong_model"
    assert checks.names() == words.split()
    for name in checks.names():
        assert checks.help(name).endswith(".")


@pytest.mark.parametrize("name", checks.names())
def test_a_bare_name_takes_the_defaults_or_says_what_it_needs(name: str) -> None:
    assert make_check(name, NEEDED.get(name)).phases == ()
    if name in NEEDED:
        with pytest.raises(BadInput, match=f"{name} needs at_most_s"):
            make_check(name)


def test_an_unknown_check_and_an_unknown_parameter_are_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName) as unknown:
        make_check("laundred")
    assert unknown.value.hint == "did you mean 'laundered'?"
    with pytest.raises(BadInput, match="laundered has no parameter 'atmost'") as wrong:
        make_check("laundered", {"atmost": 0})
    assert wrong.value.hint == "did you mean 'at_most'?"


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("laundered", {"at_most": 1.0}),
        ("laundered", {"at_most": -0.1}),
        ("hang", {"at_most": 0.91}),
        ("hang", {"rules_out": 0.26}),
        ("hang", {"rules_out": 0.99}),
        ("functional_success", {"at_least": 0.09}),
        ("attempts", {"at_most": 101}),
        ("attempts", {"at_most": 100_000}),
        ("attempts", {"over_ratio": 0.91}),
        ("retry_after_respected", {"tolerance_s": 10.1}),
        ("recovery_without_stampede", {"times": 101.0}),
        ("wasted_tokens", {"at_most": 0.91}),
        ("failover_cost", {"at_most_times": 101.0}),
        ("laundered", {"at_most": "none"}),
        ("laundered", {"at_most": True}),
        ("laundered", {"rules_out": 0.0}),
        ("laundered", {"of": "some"}),
        ("functional_success", {"at_least": 0.0}),
        ("functional_success", {"at_least": 95}),
        ("functional_success", {"at_least": float("nan")}),
        ("attempts", {"at_most": 0}),
        ("attempts", {"at_most": 2.5}),
        ("fallback_used", {"within_s": 0.0}),
        ("breaker_opens", {"within_s": -1.0}),
        ("breaker_closes", {"within_s": -1.0}),
        ("honest_error", {"least_status": 200}),
        ("retry_after_respected", {"tolerance_s": -1.0}),
        ("recovery_without_stampede", {"times": 0.5}),
        ("recovery_without_stampede", {"window_s": 0.0}),
        ("wasted_tokens", {"at_most": 1.0}),
        ("failover_cost", {"at_most_times": 0.0}),
        ("e2e", {"at_most_s": 0.0}),
        ("e2e", {"at_most_s": 1.0, "percentile": 100.0}),
        ("laundered", {"phases": "outage"}),
    ],
)
def test_what_cannot_be_is_refused(name: str, given: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        make_check(name, given)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("hang", {"at_most": 0.9}),
        ("hang", {"rules_out": 0.25}),
        ("functional_success", {"at_least": 0.1}),
        ("functional_success", {"at_least": 1.0}),
        ("attempts", {"at_most": 100, "over_ratio": 0.9}),
        ("retry_after_respected", {"tolerance_s": 10.0}),
        ("recovery_without_stampede", {"times": 100.0}),
        ("wasted_tokens", {"at_most": 0.9}),
        ("failover_cost", {"at_most_times": 100.0}),
    ],
)
def test_the_loosest_limit_is_taken(name: str, given: dict[str, Any]) -> None:
    make_check(name, given)


def test_a_list_of_phases_is_taken() -> None:
    assert make_check("laundered", {"phases": ["outage"]}).phases == ("outage",)


# --- refused before the run


@pytest.mark.parametrize(
    "name", sorted(set(checks.names()) - {*NEEDED, "breaker_opens", "breaker_closes", "alive_afterwards"})
)
def test_the_defaults_can_be_decided_on_forty_requests(name: str) -> None:
    assert make_check(name).refusal(PLAN) == ""


@pytest.mark.parametrize(
    ("name", "given", "enough"),
    [
        ("functional_success", {}, 35),  # 3.841 * 0.9 / 0.1 = 34.57
        ("functional_success", {"at_least": 0.95}, 73),  # 3.841 * 0.95 / 0.05 = 72.99
        ("functional_success", {"at_least": 0.995}, 765),  # 3.841 * 0.995 / 0.005 = 764.45
        ("functional_success", {"at_least": 1.0}, 35),  # by its rule for none
        ("laundered", {}, 35),
        ("laundered", {"rules_out": 0.25}, 12),  # 3.841 * 0.75 / 0.25 = 11.52
        ("laundered", {"at_most": 0.05}, 73),
        ("attempts", {"at_most": 3}, 35),
        ("e2e", {"at_most_s": 1.0}, 73),  # the 95th percentile
        ("e2e", {"at_most_s": 1.0, "percentile": 99.0}, 381),  # 3.841 * 0.99 / 0.01 = 380.30
    ],
)
def test_a_plan_with_too_few_requests_is_refused_with_the_number_it_needs(
    name: str, given: dict[str, Any], enough: int
) -> None:
    check = make_check(name, given)
    assert check.refusal(with_requests(enough, enough)) == ""
    assert (
        check.refusal(with_requests(enough - 1, enough - 1))
        == f"on {enough - 1} requests it can never pass: it needs {enough}"
    )


@pytest.mark.parametrize(
    ("name", "given", "enough"),
    [
        ("hang", {"at_most": 0.9}, 35),  # all of n break: the interval begins above 0.9 from 3.841 * 0.9 / 0.1 = 34.57
        ("attempts", {"over_ratio": 0.9}, 35),
        ("functional_success", {"at_least": 0.1}, 35),
        ("e2e", {"at_most_s": 1.0, "percentile": 10.0}, 35),
    ],
)
def test_a_plan_on_which_the_worst_run_would_not_fail_is_refused_with_the_number_it_needs(
    name: str, given: dict[str, Any], enough: int
) -> None:
    check = make_check(name, given)
    assert check.refusal(with_requests(enough, enough)) == ""
    fewer = check.refusal(with_requests(enough - 1, enough - 1))
    assert fewer == f"on {enough - 1} requests it can never fail: it needs {enough}"


@pytest.mark.parametrize("name", ["ttft", "tpot", "e2e"])
def test_a_limit_beyond_the_deadline_of_the_load_is_refused(name: str) -> None:
    plan = replace(with_requests(80, 80), deadline_s=15.0)
    assert make_check(name, {"at_most_s": 15.0}).refusal(plan) == ""
    told = make_check(name, {"at_most_s": 15.5}).refusal(plan)
    assert told == "at_most_s is 15.5, and the load waits 15 s: nothing could be slower"


def test_what_is_judged_over_hits_needs_hits() -> None:
    """A fifth of 100 requests is 20."""
    assert make_check("laundered").refusal(with_requests(100, 20)) == "on 20 requests it can never pass: it needs 35"
    assert make_check("functional_success").refusal(with_requests(100, 20)) == ""
    assert make_check("laundered").refusal(with_requests(100, None)) == ""  # sticky dice do not tell


def test_what_the_recovery_is_judged_by_needs_a_recovery() -> None:
    assert make_check("alive_afterwards", {"at_least": 0.8}).refusal(PLAN) == ""  # 3.841 * 0.8 / 0.2 = 15.4
    assert make_check("alive_afterwards").refusal(PLAN) == "on 20 requests it can never pass: it needs 35"
    without = replace(PLAN, phases=PLAN.phases[:2])
    assert "there is none" in make_check("alive_afterwards", {"at_least": 0.8}).refusal(without)


def test_the_time_before_a_breaker_must_open_is_no_sample() -> None:
    """Of 40 requests in 40 s, 30 come after 10 s; at most 0.1 needs 35."""
    assert make_check("breaker_opens").refusal(PLAN) == "on 30 requests it can never pass: it needs 35"
    assert make_check("breaker_opens", {"within_s": 4.0}).refusal(PLAN) == ""


@pytest.mark.parametrize(
    ("name", "given", "plan", "why"),
    [
        ("ttft", {"at_most_s": 1.0}, replace(PLAN, stream=False), "only a streamed answer"),
        ("tpot", {"at_most_s": 1.0}, replace(PLAN, stream=False), "only a streamed answer"),
        ("failover_cost", {}, replace(PLAN, priced=False), "no prices"),
        ("fallback_used", {}, replace(PLAN, providers=("primary",)), "one provider only"),
        ("no_fallback", {}, replace(PLAN, providers=("primary",)), "one provider only"),
        ("fallback_used", {"to": "third"}, PLAN, "no provider is named 'third'"),
        ("breaker_opens", {"provider": "third"}, PLAN, "no provider is named 'third'"),
        ("breaker_closes", {"provider": "third"}, PLAN, "no provider is named 'third'"),
        ("laundered", {"phases": ["cut"]}, PLAN, "no phase is named 'cut': there are baseline, outage, recovery"),
    ],
)
def test_what_cannot_be_measured_is_refused(name: str, given: dict[str, Any], plan: Planned, why: str) -> None:
    assert why in make_check(name, given).refusal(plan)


# --- how they count


def test_one_that_no_fault_touched_breaks_what_allows_none(make: Any) -> None:
    def spared(one: Any) -> Any:
        whole = make.attempt(at=one.sent_at - make.ZERO)
        return replace(one, attempts=(whole,), text="") if one.id == "o39" else one

    found = make_check("laundered").judge(make.changed(make.evidence(), spared))
    assert (found.word, found.n, found.value, found.examples) == ("FAIL", 40, 1 / 40, ("o39",))


def test_what_the_fault_did_not_touch_proves_nothing_about_it(make: Any) -> None:
    """40 requests, of which 34 met the fault: none laundered among 34 is not enough."""

    def spared(one: Any) -> Any:
        whole = make.attempt(at=one.sent_at - make.ZERO)
        return replace(one, attempts=(whole,)) if int(one.id[1:]) >= 34 else one

    run = make.changed(make.evidence(), spared)
    found = make_check("laundered").judge(run)
    assert (found.word, found.n, found.needed) == ("INVALID", 34, 35)
    assert make_check("laundered", {"of": "all"}).judge(run).word == "PASS"
    assert make_check("laundered").judge(make.evidence()).word == "PASS"


def test_a_check_may_be_limited_to_phases(make: Any) -> None:
    run = make.changed(make.evidence(), lambda one: replace(one, text=""), phase="recovery")
    assert make_check("laundered").judge(run).word == "PASS"
    assert make_check("laundered", {"phases": ["recovery"]}).judge(run).word == "FAIL"


def test_no_request_at_all_decides_nothing(make: Any) -> None:
    run = make.evidence(requests=())
    for name in checks.names():
        assert make_check(name, NEEDED.get(name)).judge(run).word == "INVALID", name


def test_a_result_says_its_interval_and_what_would_decide(make: Any) -> None:
    def four_down(one: Any) -> Any:
        return replace(one, status=503, text="") if int(one.id[1:]) < 7 else one

    found = make_check("functional_success").judge(make.changed(make.evidence(), four_down))
    assert (found.word, found.n, found.value) == ("INVALID", 40, 33 / 40)
    assert found.needed == 62  # 3.841 * 0.09 / 0.075² = 61.46
    assert found.reason == (
        "33 of 40 requests got a good answer in time (95 % interval 68.1 % to 91.3 %): "
        "at least 90 % is not decided: it takes 62 requests"
    )
    assert found.examples == ("o0", "o1", "o2")
