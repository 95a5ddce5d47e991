"""Expectations that no run could keep together are refused; those that some run could are not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.experiments.checks.base import Planned, PlannedPhase, make_check
from llmops.chaos.experiments.contradictions import refuse_contradicting
from llmops.chaos.experiments.loader import Source, load_experiment
from llmops.chaos.experiments.plan import plan_of
from llmops.chaos.experiments.verdict import Expectation
from llmops.errors import BadInput

Write = Callable[..., Path]
Expected = list[tuple[str, dict[str, Any]]]


def phase(name: str, requests: int = 40, hit: int | None = None, *, below_http: bool = False) -> PlannedPhase:
    return PlannedPhase(name, "inject", requests, hit, 4.0, below_http)


def refused(expected: Expected, *phases: PlannedPhase) -> bool:
    given = Planned(phases or (phase("one", hit=40), phase("two", hit=40)), ("primary", "backup"), True, True)
    expectations = [Expectation(name, make_check(name, parameters)) for name, parameters in expected]
    try:
        refuse_contradicting(expectations, given, Source("x.yaml"))
    except BadInput:
        return True
    return False


def test_the_line_and_both_names_are_told(experiment_file: Write) -> None:
    expected = "  - functional_success: {at_least: 0.9}"
    both = f"{expected}\n  - honest_error"
    with pytest.raises(BadInput) as caught:
        plan_of(*load_experiment(experiment_file((expected, both))))
    assert ":22: honest_error and functional_success: no request can be both, and they are asked" in str(caught.value)
    assert caught.value.hint == "limit each to `phases` of its own, or take one away"


@pytest.mark.parametrize(
    ("expected", "is_refused"),
    [
        ([("fallback_used", {}), ("no_fallback", {})], True),
        ([("no_fallback", {}), ("fallback_used", {"at_least": 0.2})], True),
        ([("fallback_used", {"at_least": 0.5}), ("no_fallback", {"at_most": 0.5})], False),
        ([("fallback_used", {"at_least": 0.6}), ("no_fallback", {"at_most": 0.5})], True),
        ([("functional_success", {}), ("honest_error", {})], True),
        ([("success_ratio", {}), ("honest_error", {})], True),
        ([("alive_afterwards", {"phases": ["one"]}), ("honest_error", {})], True),
        ([("functional_success", {"at_least": 0.5}), ("honest_error", {"at_least": 0.5})], False),
        ([("fallback_used", {}), ("attempts", {"at_most": 1})], True),
        ([("fallback_used", {}), ("attempts", {"at_most": 2})], False),
        ([("fallback_used", {"at_least": 0.5}), ("attempts", {"at_most": 1, "over_ratio": 0.6})], False),
        ([("functional_success", {}), ("laundered", {}), ("hang", {}), ("no_fallback", {})], False),
        ([("honest_error", {}), ("alive_afterwards", {})], False),  # of the recovery
    ],
)
def test_what_one_request_cannot_be_is_not_asked_of_the_same_ones(expected: Expected, is_refused: bool) -> None:
    assert refused(expected) is is_refused


@pytest.mark.parametrize(
    ("first", "second"), [("fallback_used", "no_fallback"), ("functional_success", "honest_error")]
)
def test_each_in_a_phase_of_its_own_is_no_contradiction(first: str, second: str) -> None:
    assert not refused([(first, {"phases": ["one"]}), (second, {"phases": ["two"]})])
    assert refused([(first, {"phases": ["one"]}), (second, {"phases": ["one"]})])
    assert refused([(first, {}), (second, {"phases": ["two"]})])


def test_an_overlap_is_counted() -> None:
    """Nine in ten of 400 and 40 good, and the 40 all told an error: 396 + 40 are asked of 440 and 40 of them both."""
    wide = phase("one", 400, 400), phase("two", 40, 40)
    expected: Expected = [("functional_success", {}), ("honest_error", {"phases": ["two"]})]
    assert not refused(expected, *wide)  # 0.9 * 440 + 0.9 * 40 = 432, and there are 440
    assert refused([("functional_success", {"at_least": 0.95}), expected[1]], *wide)  # 418 + 36 = 454


def test_requests_that_the_fault_spares_may_be_good() -> None:
    """Half of 40 are hit and told so: 20 may be good, and 18 of 20 told an error."""
    half = phase("one", 40, 20)
    assert not refused([("functional_success", {"at_least": 0.5}), ("honest_error", {})], half)  # 20 + 18 of 40
    assert refused([("functional_success", {"at_least": 0.6}), ("honest_error", {})], half)  # 24 + 18


def test_where_dice_do_not_tell_who_is_hit_only_equal_questions_contradict() -> None:
    unknown = phase("one", 40, None)
    assert not refused([("functional_success", {}), ("honest_error", {})], unknown)
    assert refused([("functional_success", {"of": "hit"}), ("honest_error", {})], unknown)
    assert refused([("fallback_used", {}), ("no_fallback", {})], unknown)


def test_below_http_the_backup_is_the_only_attempt_that_is_seen() -> None:
    below = phase("one", 40, 40, below_http=True)
    assert not refused([("fallback_used", {}), ("attempts", {"at_most": 1})], below)
    assert refused([("fallback_used", {}), ("no_fallback", {})], below)
