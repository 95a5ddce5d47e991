"""A result beside an earlier one."""

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from llmops.chaos.gates.baseline import Comparison, compared
from llmops.chaos.gates.results.reading import Usable
from llmops.chaos.gates.schema import Tolerances
from llmops.chaos.gates.worsening import SINGLE, WORSE
from llmops.metrics import METRICS
from llmops.report import Metric, Report

Compare = Callable[..., Comparison]


@pytest.fixture
def compare(usable: Callable[..., Usable]) -> Compare:
    """Two reports, the first a week older unless it says so itself."""

    def beside(before: Report, now: Report, gated: Mapping[str, Any] | None = None, **tolerances: float) -> Comparison:
        return compared([usable(now, "now.json")], usable(before, "before.json"), gated or {}, Tolerances(**tolerances))

    return beside


def told(comparison: Comparison) -> list[tuple[str, str, str]]:
    return [(one.name, one.found.word, one.where) for one in comparison.told]


@pytest.fixture
def old(make: SimpleNamespace) -> dict[str, Any]:
    """What makes a report an earlier one."""
    return {"id": "old", "started_at": make.now.replace(day=18)}


def run(make: SimpleNamespace, n: int = 80, **more: Any) -> Report:
    counts = {name: more.pop(name) for name in [*more] if name.endswith("_ratio")}
    report: Report = make.run(metrics=make.run_metrics(n=n, **counts), **more)
    return report


def test_the_same_figures_are_no_regression(compare: Compare, make: SimpleNamespace, old: dict[str, Any]) -> None:
    comparison = compare(make.run(**old), make.run())
    assert told(comparison) == []
    assert comparison.held == 9  # two shares, five of what should never be, attempts, and the verdict


def test_one_that_launders_where_none_did_is_named(
    compare: Compare, make: SimpleNamespace, old: dict[str, Any]
) -> None:
    comparison = compare(run(make, **old), run(make, laundered_ratio=1))
    assert told(comparison) == [("newly laundered", "FAIL", "scenario=stream-cut")]
    assert (
        comparison.told[0].found.reason
        == "newly laundered: laundered_ratio of scenario=stream-cut is 1 of 80 and was 0 of 80"
    )


def test_what_launders_as_before_is_not_new(compare: Compare, make: SimpleNamespace, old: dict[str, Any]) -> None:
    assert told(compare(run(make, laundered_ratio=3, **old), run(make, laundered_ratio=3))) == []


def test_a_ratio_is_worse_beyond_the_tolerance_and_where_intervals_are_apart(
    compare: Compare, make: SimpleNamespace, old: dict[str, Any]
) -> None:
    """80 of 80 begins at 0.954; 60 of 80 ends at 0.831; 78 of 80 begins at 0.913."""
    good = run(make, **old)
    assert told(compare(good, run(make, functional_success_ratio=60))) == [
        ("newly failing", "FAIL", "scenario=stream-cut")
    ]
    noisy = compare(good, run(make, functional_success_ratio=77))  # 0.9625: 3.75 points worse, ends at 0.987
    assert (told(noisy), noisy.noise) == ([], 1)
    tolerated = compare(good, run(make, functional_success_ratio=79))  # 1.25 points
    assert (told(tolerated), tolerated.noise) == ([], 0)
    assert told(compare(good, run(make, functional_success_ratio=60), worse_ratio=0.3)) == []


def test_what_a_gate_names_must_be_decided(compare: Compare, make: SimpleNamespace, old: dict[str, Any]) -> None:
    noisy = compare(run(make, **old), run(make, functional_success_ratio=77), {"functional_success_ratio": "fail"})
    assert told(noisy) == [("newly failing", "INVALID", "scenario=stream-cut")]
    assert "more than 2 points worse, and it may be chance" in noisy.told[0].found.reason
    assert noisy.told[0].found.is_undecided


def test_a_metric_that_a_gate_names_and_the_baseline_has_not_is_a_gap(
    compare: Compare, make: SimpleNamespace, old: dict[str, Any]
) -> None:
    gated = {"laundered_ratio": "fail"}
    before = make.run(**old)
    renamed = [one for one in before.metrics if one.name != "laundered_ratio"]
    gap = compare(make.run(metrics=renamed, **old), make.run(), gated)
    assert told(gap) == [("newly laundered", "INVALID", "scenario=stream-cut")]
    assert gap.told[0].found.reason == "laundered_ratio cannot be compared with before.json: it is not in it"
    assert not gap.told[0].found.is_undecided
    few = compare(run(make, n=9, **old), make.run(), gated)
    assert [one.found.reason for one in few.told] == [
        "laundered_ratio cannot be compared with before.json: it was measured on 9 samples, and that takes 10"
    ]
    assert told(compare(make.run(metrics=renamed, **old), make.run())) == []  # no gate names it


def test_a_scenario_that_is_new_is_no_gap(compare: Compare, make: SimpleNamespace, old: dict[str, Any]) -> None:
    both = [*make.run_metrics(), *make.run_metrics("stream-end", laundered_ratio=3)]
    now = make.run(metrics=both, scenarios=[make.scenario(), make.scenario("stream-end")])
    comparison = compare(make.run(**old), now, {"laundered_ratio": "fail"})
    assert (told(comparison), comparison.new) == ([], 8)


def slower(make: SimpleNamespace, value: float, low: float | None, high: float | None) -> Report:
    report: Report = make.with_metrics(make.load(), make.seconds("ttft_p95_s", value, low, high))
    return report


def test_a_time_is_newly_slower_beyond_the_tolerance(
    compare: Compare, make: SimpleNamespace, old: dict[str, Any]
) -> None:
    """It was 0.5 s (0.45 to 0.55)."""
    before = make.load(**old)
    found = compare(before, slower(make, 0.6, 0.56, 0.7))
    assert told(found) == [("newly slower", "FAIL", "")]
    assert found.told[0].found.reason == (
        "newly slower: ttft_p95_s is 0.6 s (interval 0.56 s to 0.7 s) and was 0.5 s (interval 0.45 s to 0.55 s), "
        "and 10 % is tolerated"
    )
    assert told(compare(before, slower(make, 0.55, 0.55, 0.6))) == []  # 10 % and no more
    assert told(compare(before, slower(make, 0.6, 0.56, 0.7), slower_ratio=0.2)) == []
    assert told(compare(before, slower(make, 0.4, 0.3, 0.44))) == []  # faster
    assert told(compare(before, slower(make, 0.7, 0.5, 0.9))) == []  # they meet: noise
    assert told(compare(before, slower(make, 0.7, None, 0.9))) == []
    assert told(compare(before, slower(make, 0.7, 0.5, 0.9), {"ttft_p95_s": "fail"})) == [
        ("newly slower", "INVALID", "")
    ]


def test_a_cost_is_newly_dearer(compare: Compare, make: SimpleNamespace, old: dict[str, Any]) -> None:
    """It was 3.9912: a tenth more is 4.39032."""

    def costing(usd: float, n: int = 200) -> Report:
        report: Report = make.with_metrics(make.load(), Metric("usd_per_1k_requests", usd, n))
        return report

    before = make.load(**old)
    assert told(compare(before, costing(4.3904))) == [("newly dearer", "FAIL", "")]
    assert told(compare(before, costing(4.3903))) == []
    assert told(compare(before, costing(9.0), dearer_ratio=2)) == []
    few = compare(before, costing(9.0, n=9))
    assert (told(few), few.new) == ([], 1)


def test_more_attempts_are_named(compare: Compare, make: SimpleNamespace, old: dict[str, Any]) -> None:
    more = Metric("mean_attempts", 3.0, 80, scope={"scenario": "stream-cut"}, numerator=240, denominator=80)
    assert told(compare(make.run(**old), make.with_metrics(make.run(), more))) == [
        ("newly retrying", "FAIL", "scenario=stream-cut")
    ]


CHANGES = {
    ("PASS", "FAIL"): [("newly failing", "FAIL", "stream-cut")],
    ("PASS", "INVALID"): [("newly unproven", "INVALID", "stream-cut")],
    ("FAIL", "INVALID"): [("newly unproven", "INVALID", "stream-cut")],
    ("FAIL", "PASS"): [],
    ("FAIL", "FAIL"): [],
    ("PASS", "PASS"): [],
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_scenario_that_passed_and_does_not_is_named(
    compare: Compare, make: SimpleNamespace, old: dict[str, Any], change: tuple[str, str]
) -> None:
    was, is_now = change
    before = make.run(scenarios=[make.scenario(verdict=was)], verdict=make.verdict(was), **old)
    now = make.run(scenarios=[make.scenario(verdict=is_now)], verdict=make.verdict(is_now))
    assert told(compare(before, now)) == CHANGES[change]


def test_a_baseline_that_proves_nothing_is_compared_with_nothing(
    compare: Compare, make: SimpleNamespace, old: dict[str, Any]
) -> None:
    before = make.run(scenarios=[make.scenario(verdict="INVALID")], verdict=make.verdict("INVALID"), **old)
    comparison = compare(before, run(make, laundered_ratio=3))
    assert [name for name, _, _ in told(comparison)] == ["baseline"]
    assert comparison.told[0].found.reason == "before.json and the results have no figure in common"


def test_the_run_itself_and_a_later_one_are_no_baseline(compare: Compare, make: SimpleNamespace) -> None:
    same = compare(make.run(), make.run())
    assert told(same) == [("baseline", "INVALID", "")]
    assert same.told[0].found.reason == "the baseline before.json is the run that is judged"
    later = compare(make.run(id="later", started_at=make.now.replace(minute=1)), make.run())
    assert later.told[0].found.reason == "the baseline before.json is later than now.json"


def test_results_of_another_kind_have_nothing_in_common_with_it(
    compare: Compare, make: SimpleNamespace, old: dict[str, Any]
) -> None:
    comparison = compare(make.load(**old), make.run())
    assert told(comparison) == [("baseline", "INVALID", "")]


def test_a_scenario_that_only_the_baseline_has_is_told(
    compare: Compare, make: SimpleNamespace, old: dict[str, Any]
) -> None:
    before = make.run(scenarios=[make.scenario(), make.scenario("stream-end")], **old)
    assert compare(before, make.run()).gone == ["stream-end"]


def test_figures_that_the_baseline_has_not_are_counted(
    compare: Compare, make: SimpleNamespace, old: dict[str, Any]
) -> None:
    new = make.seconds("ttft_p50_s", 0.3, 0.2, 0.4, model="new")
    assert compare(make.load(**old), make.with_metrics(make.load(), new)).new == 1


@pytest.mark.parametrize(
    ("name", "values", "word"),
    [
        ("time_to_mitigate_s", (4.0, 4.4), ""),
        ("time_to_mitigate_s", (4.0, 4.5), "INVALID"),
        ("time_to_mitigate_s", (None, 4.0), "INVALID"),
        ("incident_cost_usd", (4.0, 4.5), "FAIL"),
        ("incident_cost_usd", (-4.0, -4.0), ""),  # a saving: 10 percent more would be -3.6
        ("incident_cost_usd", (-4.0, -3.5), "FAIL"),
    ],
)
def test_a_single_figure_is_compared_where_a_gate_names_it(  # noqa: PLR0917 - fixtures and a row
    compare: Compare, make: SimpleNamespace, old: dict[str, Any], name: str, values: Any, word: str
) -> None:
    scope = {"scenario": "stream-cut"}
    before = make.with_metrics(make.run(**old), Metric(name, values[0], scope=scope))
    after = make.with_metrics(make.run(), Metric(name, values[1], scope=scope))
    found = compare(before, after, {name: "fail"})
    assert [one.found.word for one in found.told] == ([word] if word else [])
    assert name not in found.not_compared
    ungated = compare(before, after)
    assert name in ungated.not_compared
    assert told(ungated) == []


def test_all_that_can_worsen_are_metrics() -> None:
    assert {*WORSE, *SINGLE} <= {*METRICS}
    assert all(METRICS[name] == "ratio" for name, worse in WORSE.items() if worse.how in {"more", "less"})
    assert all(METRICS[name] == "s" for name, worse in WORSE.items() if worse.how == "slower")
