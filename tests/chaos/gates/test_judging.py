"""Gates against results: what a gate is about, and that nothing is found means INVALID."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from llmops.chaos.gates.grammar import condition_of
from llmops.chaos.gates.judged import Judged
from llmops.chaos.gates.judging import judge
from llmops.chaos.gates.loader import Gate
from llmops.chaos.gates.results.reading import Usable
from llmops.report import Metric, Report, Verdict

Read = Callable[..., Usable]


def gate(text: str, scope: Mapping[str, str] | None = None) -> Gate:
    return Gate(text, condition_of(text), scope or {})


def only(judged: list[Judged]) -> Judged:
    (one,) = judged
    return one


def words(judged: list[Judged]) -> list[tuple[str, str]]:
    return [(one.where, one.found.word) for one in judged]


@pytest.fixture
def two_scenarios(make: SimpleNamespace) -> Report:
    """One good, one that launders three of 80."""
    spoilt = make.run_metrics("stream-end", laundered_ratio=3, functional_success_ratio=77)
    good = make.run()
    scenarios = [*good.scenarios, make.scenario("stream-end", "FAIL", "laundered: 3 of 80")]
    report: Report = make.run(metrics=[*good.metrics, *spoilt], scenarios=scenarios, verdict=make.verdict("FAIL"))
    return report


def test_a_gate_that_names_no_scenario_is_asked_in_each(two_scenarios: Report, usable: Read) -> None:
    judged = judge(gate("laundered == 0"), [usable(two_scenarios)])
    assert words(judged) == [("scenario=stream-cut", "PASS"), ("scenario=stream-end", "FAIL")]
    assert (
        judged[1].found.reason == "laundered_ratio is 3 of 80 (interval 1.283 % to 10.45 %): none at all does not hold"
    )


def test_a_gate_that_names_one_is_asked_there(two_scenarios: Report, usable: Read) -> None:
    scoped = gate("laundered == 0", {"scenario": "stream-cut"})
    assert words(judge(scoped, [usable(two_scenarios)])) == [("scenario=stream-cut", "PASS")]


def test_a_gate_without_scope_is_about_the_whole(make: SimpleNamespace, usable: Read) -> None:
    assert words(judge(gate("ttft_p95_s < 0.6"), [usable(make.load())])) == [("", "PASS")]


def test_a_gate_with_a_scope_is_about_that_part(make: SimpleNamespace, usable: Read) -> None:
    load = usable(make.load())
    assert words(judge(gate("ttft_p95_s < 0.6", {"model": "gpt-4o"}), [load])) == [("model=gpt-4o", "PASS")]
    assert words(judge(gate("ttft_p95_s < 0.6", {"model": "gpt-4o-mini"}), [load])) == [
        ("model=gpt-4o-mini", "INVALID")
    ]


def test_parts_under_a_limit_do_not_stand_for_their_sum(make: SimpleNamespace, usable: Read) -> None:
    """60 and 61 USD are below 100 each; together they are not, and nobody measured that."""
    one = only(judge(gate("catalogue_cost_usd < 100"), [usable(make.load())]))
    assert one.found.word == "INVALID"
    assert one.found.reason == "no result has catalogue_cost_usd as a whole; there is team=search, team=support"


def test_team_is_another_word_for_tenant(make: SimpleNamespace, usable: Read) -> None:
    one = only(judge(gate("catalogue_cost_usd < 60.5", {"tenant": "search"}), [usable(make.load())]))
    assert one.found.word == "PASS"


def test_every_result_that_has_the_metric_is_judged(make: SimpleNamespace, usable: Read) -> None:
    slow = make.with_metrics(make.load(), make.seconds("ttft_p95_s", 0.9, 0.8, 1.0))
    judged = judge(
        gate("ttft_p95_s < 0.6"), [usable(make.load(), "a.json"), usable(slow, "b.json"), usable(make.run(), "c.json")]
    )
    assert [(one.file, one.found.word) for one in judged] == [("a.json", "PASS"), ("b.json", "FAIL")]


def test_a_scenario_without_the_metric_that_the_others_have_is_a_gap(two_scenarios: Report, usable: Read) -> None:
    """Of the two, the one that launders does not say so."""
    metrics = [
        one for one in two_scenarios.metrics if one.name != "laundered_ratio" or "end" not in one.scope["scenario"]
    ]
    read = usable(replace(two_scenarios, metrics=metrics))
    good, gap = judge(gate("laundered == 0"), [read])
    assert (good.found.word, gap.found.word) == ("PASS", "INVALID")
    assert gap.found.reason == "scenario=stream-end has no laundered_ratio"
    scoped = judge(gate("laundered == 0", {"scenario": "stream-cut"}), [read])
    assert [one.found.word for one in scoped] == ["PASS"]


def test_a_result_without_the_metric_that_others_of_its_kind_have_is_a_gap(make: SimpleNamespace, usable: Read) -> None:
    bare = make.load(metrics=[one for one in make.load().metrics if one.name != "ttft_p95_s"])
    results = [usable(make.load(), "a.json"), usable(bare, "b.json"), usable(make.run(), "c.json")]
    judged = judge(gate("ttft_p95_s < 0.6"), results)
    assert [(one.file, one.found.word) for one in judged] == [("a.json", "PASS"), ("b.json", "INVALID")]
    assert judged[1].found.reason == "this load has no ttft_p95_s"
    part = judge(gate("ttft_p95_s < 0.6", {"model": "gpt-4o"}), results)  # not every load asks every model
    assert [(one.file, one.found.word) for one in part] == [("a.json", "PASS")]


@pytest.mark.parametrize(
    ("text", "scope", "reason"),
    [
        ("e2e_p95_s < 3", {}, "no result has e2e_p95_s; there is ttft_p95_s"),
        ("self_host_gpus <= 4", {}, "no result has self_host_gpus"),
        (
            "ttft_p95_s < 1",
            {"model": "gpt-5"},
            "no result has ttft_p95_s of model=gpt-5; there is the whole, model=gpt-4o, model=gpt-4o-mini",
        ),
        ("verdict(stream-cut) == PASS", {}, "no result has a verdict of stream-cut"),
    ],
)
def test_a_metric_that_is_missing_is_invalid_and_says_what_there_is(
    make: SimpleNamespace, usable: Read, text: str, scope: Mapping[str, str], reason: str
) -> None:
    one = only(judge(gate(text, scope), [usable(make.load())]))
    assert (one.found.word, one.found.is_undecided, one.found.reason) == ("INVALID", False, reason)


def test_without_results_there_is_nothing_to_judge_by() -> None:
    assert only(judge(gate("laundered == 0"), [])).found.reason == "there is no result to judge by"


def test_a_scenario_that_proves_nothing_proves_no_gate(make: SimpleNamespace, usable: Read) -> None:
    """None of 80 laundered, because the fault never fired."""
    void = make.scenario(verdict="INVALID", reason="fault not as planned: it never fired")
    read = usable(make.run(scenarios=[void], verdict=make.verdict("INVALID")))
    for text in ("laundered == 0", "functional_success_ratio >= 0.9", "verdict(stream-cut) == PASS"):
        one = only(judge(gate(text), [read]))
        assert one.found.word == "INVALID"
        assert one.found.reason == "stream-cut proves nothing: fault not as planned: it never fired"


def test_a_result_that_proves_nothing_proves_no_gate(make: SimpleNamespace, usable: Read) -> None:
    read = usable(make.load(verdict=make.verdict("INVALID", "it was interrupted")))
    one = only(judge(gate("ttft_p95_s < 0.6"), [read]))
    assert (one.found.word, one.found.reason) == ("INVALID", "load proves nothing: it was interrupted")


def test_a_metric_of_a_scenario_without_a_verdict_proves_nothing(make: SimpleNamespace, usable: Read) -> None:
    read = usable(make.run(scenarios=[make.scenario("another")]))
    reasons = [one.found.reason for one in judge(gate("laundered == 0"), [read]) if one.found.word == "INVALID"]
    assert "of the scenario stream-cut there is no verdict" in reasons


@pytest.mark.parametrize(
    ("is_now", "asked", "word"),
    [("PASS", "PASS", "PASS"), ("FAIL", "PASS", "FAIL"), ("INVALID", "PASS", "INVALID"), ("FAIL", "FAIL", "PASS"),
     ("PASS", "FAIL", "FAIL"), ("INVALID", "FAIL", "INVALID")],
)  # fmt: skip
def test_the_verdict_of_a_scenario(make: SimpleNamespace, usable: Read, is_now: str, asked: str, word: str) -> None:
    read = usable(make.run(scenarios=[make.scenario(verdict=is_now)], verdict=make.verdict(is_now)))
    assert only(judge(gate(f"verdict(stream-cut) == {asked}"), [read])).found.word == word


@pytest.mark.parametrize(("said", "word"), [("BUY", "PASS"), ("BUILD", "FAIL"), ("INCONCLUSIVE", "INVALID")])
def test_the_verdict_of_a_kind_of_result(make: SimpleNamespace, usable: Read, said: str, word: str) -> None:
    read = usable(make.load(kind="tco", verdict=Verdict(said, "the API costs less")))
    assert only(judge(gate("verdict(tco) == BUY"), [read])).found.word == word


def test_a_result_that_decides_nothing_has_no_verdict(make: SimpleNamespace, usable: Read) -> None:
    one = only(judge(gate("verdict(load) == PASS"), [usable(make.load())]))
    assert (one.found.word, one.found.reason) == ("INVALID", "load: it decides nothing")


def test_what_a_result_says_is_quoted(make: SimpleNamespace, usable: Read) -> None:
    reason = "x\n::add-mask::y"
    read = usable(make.run(scenarios=[make.scenario(verdict="FAIL", reason=reason)], verdict=make.verdict("FAIL")))
    said = only(judge(gate("verdict(stream-cut) == PASS"), [read])).found.reason
    assert said == "stream-cut is FAIL: x : :add-mask: :y"
    odd = Metric("requests", 5, scope={"model": "a\n::error::b"})
    there = only(judge(gate("requests >= 5"), [usable(replace(make.load(), metrics=[odd]))])).found.reason
    assert "::" not in there
    assert "\n" not in there


def test_a_verdict_is_asked_of_every_result(make: SimpleNamespace, usable: Read) -> None:
    failed: Any = make.run(scenarios=[make.scenario(verdict="FAIL")], verdict=make.verdict("FAIL"))
    judged = judge(gate("verdict(stream-cut) == PASS"), [usable(make.run(), "a"), usable(failed, "b")])
    assert [(one.file, one.found.word) for one in judged] == [("a", "PASS"), ("b", "FAIL")]
