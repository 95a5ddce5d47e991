"""Results that contradict themselves, and those that do not."""

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from llmops.chaos.gates.results.contradictions import contradictions
from llmops.chaos.gates.results.reading import Usable
from llmops.chaos.gates.results.schema import Check, Interval, Metric, Receipts, Result, Verdict


@pytest.fixture
def run(make: SimpleNamespace, usable: Callable[..., Usable]) -> Result:
    return usable(make.run()).result


def changed(result: Result, **changes: Any) -> Result:
    return result.model_copy(update=changes)


def with_metric(result: Result, name: str, **changes: Any) -> Result:
    metrics = [one.model_copy(update=changes) if one.name == name else one for one in result.metrics]
    assert metrics != result.metrics
    return changed(result, metrics=metrics)


def with_scenario(result: Result, **changes: Any) -> Result:
    return changed(result, scenarios=[result.scenarios[0].model_copy(update=changes)])


def test_good_results_agree_with_themselves(make: SimpleNamespace, usable: Callable[..., Usable]) -> None:
    failed = {"scenarios": [make.scenario(verdict="FAIL")], "verdict": make.verdict("FAIL")}
    for report in (make.run(), make.load(), make.run(metrics=make.run_metrics(n=0), **failed)):
        assert not list(contradictions(usable(report).result))


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("laundered_ratio", {"unit": "percent"}, "laundered_ratio is in percent, and should be in ratio"),
        ("laundered_ratio", {"value": Decimal("-0.1")}, "laundered_ratio is -0.1"),
        ("success_ratio", {"value": Decimal("1.1")}, "a ratio ends at 1"),
        ("success_ratio", {"numerator": Decimal(81)}, "success_ratio is 81 of 80"),
        ("success_ratio", {"numerator": Decimal(-1)}, "success_ratio is -1 of 80"),
        ("laundered_ratio", {"numerator": Decimal(3)}, "laundered_ratio is 0, which 3 of 80 is not"),
        ("laundered_ratio", {"value": Decimal("0.1")}, "laundered_ratio is 0.1, which 0 of 80 is not"),
        ("laundered_ratio", {"value": None}, "laundered_ratio is not known, and 0 of 80"),
        ("laundered_ratio", {"denominator": Decimal(0), "n": 0}, "laundered_ratio is 0"),
        ("laundered_ratio", {"n": 800}, "laundered_ratio is of 80, and of 800"),
        ("laundered_ratio", {"n": 0}, "laundered_ratio is of 80, and of 0"),
        ("mean_attempts", {"value": Decimal("1.5")}, "mean_attempts is 1.5, which 160 of 80 is not"),
        (
            "laundered_ratio",
            {"interval": Interval(low=Decimal("0.1"), high=Decimal("0.5"), level=None)},
            "laundered_ratio is not between the ends of its interval",
        ),
        ("time_to_detect_s", {"value": Decimal("-0.05")}, "time_to_detect_s is -0.05"),
        (
            "laundered_ratio",
            {"interval": Interval(low=Decimal("0.5"), high=Decimal("0.1"), level=None)},
            "laundered_ratio is not between the ends of its interval",
        ),
    ],
)
def test_a_metric_that_cannot_be_is_found(run: Result, name: str, changes: dict[str, Any], words: str) -> None:
    assert words in " ".join(contradictions(with_metric(run, name, **changes)))


def test_a_share_of_unknown_parts_is_none(run: Result) -> None:
    """A log that does not tell failures has a whole and no part."""
    unknown = with_metric(run, "success_ratio", numerator=None, value=None)
    assert not list(contradictions(unknown))


def test_quotients_may_be_rounded_as_floats_are(run: Result) -> None:
    rounded = {
        "value": Decimal("0.3333333333333333"),
        "numerator": Decimal(1),
        "denominator": Decimal(3),
        "n": 3,
        "interval": None,
    }
    assert not list(contradictions(with_metric(run, "success_ratio", **rounded)))


def test_a_metric_of_a_later_version_is_not_known_to_be_wrong(run: Result) -> None:
    new = Metric(
        name="novel", value=Decimal(-5), n=None, interval=None, scope={}, numerator=None, denominator=None, unit="x"
    )
    assert not list(contradictions(changed(run, metrics=[*run.metrics, new])))


def test_the_same_metric_twice_is_one_too_many(run: Result) -> None:
    twice = changed(run, metrics=[*run.metrics, run.metrics[0]])
    assert "success_ratio is there twice" in list(contradictions(twice))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"checks": []}, "stream-cut says PASS and expected nothing"),
        ({"outcomes": {}}, "stream-cut says PASS on no request"),
        ({"checks": [Check(name="hang", verdict="FAIL")]}, "stream-cut says PASS and its hang FAIL"),
        ({"checks": [Check(name="hang", verdict="INVALID")]}, "stream-cut says PASS and its hang INVALID"),
        ({"checks": [Check(name="hang", verdict="PASS", n=0)]}, "stream-cut says PASS and judged no request"),
        ({"receipts": Receipts(expected=80, fired=0)}, "stream-cut says PASS and no fault of it fired"),
        ({"receipts": Receipts(expected=None, fired=0)}, "stream-cut says PASS and no fault of it fired"),
        ({"outcomes": {"laundered": 80}}, "stream-cut says PASS and 80 of 80 are laundered"),
        ({"outcomes": {"laundered": 80}}, "laundered_ratio counts 0, and 80 of stream-cut are laundered"),
        ({"outcomes": {"rescued": 79, "hang": 1}}, "hang_ratio counts 0, and 1 of stream-cut are hang"),
        ({"verdict": "FAIL"}, "it says PASS, and its scenario stream-cut FAIL"),
        ({"verdict": "INVALID"}, "it says PASS, and its scenario stream-cut INVALID"),
    ],
)
def test_a_scenario_that_cannot_have_passed_is_found(run: Result, changes: dict[str, Any], words: str) -> None:
    assert words in " ".join(contradictions(with_scenario(run, **changes)))


def test_what_expects_no_fault_and_what_tolerates_some_agree_with_themselves(run: Result) -> None:
    without_faults = with_scenario(run, receipts=Receipts(expected=0, fired=0))
    assert not list(contradictions(without_faults))
    check = Check(name="laundered", verdict="PASS", n=80, limit=Decimal("0.1"))
    some = with_scenario(run, checks=[check], outcomes={"laundered": 2, "rescued": 78})
    found = [one.model_copy(update={"numerator": 2, "value": Decimal("0.025"), "interval": None}) for one in run.metrics
             if one.name == "laundered_ratio"]  # fmt: skip
    assert not list(contradictions(changed(some, metrics=found)))


@pytest.mark.parametrize("kind", ["chaos-run", "gameday"])
def test_a_pass_of_no_scenario_is_found(run: Result, kind: str) -> None:
    assert "it says PASS of no scenario" in list(contradictions(changed(run, kind=kind, scenarios=[])))


def test_a_scenario_that_is_there_twice_is_found(run: Result) -> None:
    twice = changed(run, scenarios=[run.scenarios[0], run.scenarios[0]])
    assert "the scenario stream-cut is there twice" in list(contradictions(twice))


@pytest.mark.parametrize(("word", "code"), [("PASS", 1), ("PASS", 3), ("FAIL", 0), ("INVALID", 0)])
def test_a_verdict_and_its_exit_code_agree(run: Result, word: str, code: int) -> None:
    verdict = Verdict(word=word, because="why", exit_code=code)
    assert f"it says {word} and exit code {code}" in list(contradictions(changed(run, verdict=verdict)))


def test_what_is_inconclusive_may_end_either_way(run: Result) -> None:
    """A decision is no test: `tco` says INCONCLUSIVE with 0 or 3."""
    for code in (0, 3):
        verdict = Verdict(word="INCONCLUSIVE", because="why", exit_code=code)
        assert not list(contradictions(changed(run, verdict=verdict)))


def test_an_end_before_the_beginning_is_found(run: Result) -> None:
    assert "it ended before it began" in list(
        contradictions(changed(run, finished_at=run.started_at.replace(year=2020)))
    )
