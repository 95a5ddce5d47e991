"""PASS, FAIL or INVALID: a run that proves nothing is not judged by its tolerances."""

from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.experiments.chaostoolkit.verdict import has_deviated

Play = Callable[..., Any]


def test_all_tolerances_met_is_a_pass(ours: Play, build: Any) -> None:
    found = ours(build.experiment(build.action("give")))
    assert (found.verdict.word, found.verdict.reason) == ("PASS", "2 of 2 tolerances are met")
    assert found.verdict.notes == ()
    assert not has_deviated(found.played)


def test_a_tolerance_missed_after_the_method_is_a_fail_with_what_it_was(ours: Play, build: Any) -> None:
    found = ours(build.experiment(build.action("give"), hypothesis=[build.probe("count", 1, "once")]))
    assert found.verdict.word == "FAIL"
    assert found.verdict.reason == "once was not within its tolerance after the method: 2"
    assert has_deviated(found.played)


def test_a_tolerance_missed_in_the_method_is_a_fail(ours: Play, build: Any) -> None:
    found = ours(build.experiment(build.action("give"), build.probe("give", 5, "five")))
    assert (found.verdict.word, has_deviated(found.played)) == ("FAIL", True)


def test_a_probe_that_worked_before_the_method_and_fails_after_it_is_a_fail(ours: Play, build: Any) -> None:
    found = ours(build.experiment(build.action("give"), hypothesis=[build.probe("boom_at", 1, "steady", turn=2)]))
    assert found.verdict.word == "FAIL"
    assert "steady failed after the method: RuntimeError: broken meanwhile" in found.verdict.reason


@pytest.mark.parametrize(
    ("method", "more", "words"),
    [
        (["boom"], {}, "the action 'action boom' failed"),
        (["give"], {"hypothesis": [("give", 2)]}, "was not within its tolerance before the method: 1"),
        (["give"], {"hypothesis": [("boom", 2)]}, "failed before the method: RuntimeError"),
        (["give"], {"rollbacks": ["boom"]}, "the rollback 'action boom' failed"),
        (["give"], {"hypothesis": []}, "nothing was expected, so that nothing could fail"),
        ([], {"hypothesis": []}, "nothing was expected"),
    ],
)
def test_a_run_that_proves_nothing_is_invalid(ours: Play, build: Any, method: Any, more: Any, words: str) -> None:
    given = {**more}
    if "hypothesis" in more:
        given["hypothesis"] = [build.probe(*each) for each in more["hypothesis"]]
    if "rollbacks" in more:
        given["rollbacks"] = [build.action(each) for each in more["rollbacks"]]
    found = ours(build.experiment(*map(build.action, method), **given))
    assert found.verdict.word == "INVALID"
    assert words in found.verdict.reason
    assert "PASS" not in [check.word for check in found.verdict.checks]  # nothing is said to hold


def test_a_probe_of_the_method_that_failed_measured_nothing(ours: Play, build: Any) -> None:
    assert ours(build.experiment(build.action("give"), build.probe("boom", 1))).verdict.word == "INVALID"
    without = ours(build.experiment(build.action("give"), build.probe("boom")))
    assert without.verdict.word == "PASS"  # nothing was expected of it
    assert "the probe 'probe boom' failed" in without.verdict.notes[0]


def test_a_probe_that_says_that_there_is_nothing_to_judge_is_no_finding(
    ours: Play, build: Any, acts: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from llmops.errors import NoData

    def once() -> int:
        if acts.count("once") == 2:
            raise NoData("the fault never fired")
        return 1

    monkeypatch.setattr(acts, "boom", once)
    found = ours(build.experiment(build.action("give"), hypothesis=[build.probe("boom", 1, "verdict")]))
    assert (found.verdict.word, has_deviated(found.played)) == ("INVALID", False)
    assert "the fault never fired" in found.verdict.reason


def test_what_proves_nothing_goes_before_what_was_missed(ours: Play, build: Any) -> None:
    found = ours(build.experiment(build.probe("give", 5), build.action("boom")))
    assert found.verdict.word == "INVALID"


def test_a_method_without_an_action_is_a_placebo_and_says_so(ours: Play, build: Any) -> None:
    found = ours(build.experiment(build.probe("give", 1)))
    assert (found.verdict.word, found.verdict.notes) == ("PASS", ("no action was taken, a placebo",))


def test_an_output_is_told_redacted_and_not_at_length(build: Any, document: Any) -> None:
    import asyncio

    from llmops.chaos.experiments.chaostoolkit.engine import Engine
    from llmops.chaos.experiments.chaostoolkit.verdict import judge

    data = build.experiment(build.probe("give", "x", value="s3cret-value " * 100))
    reason = judge(asyncio.run(Engine(document(data)).run()), lambda text: text.replace("s3cret-value", "***")).reason
    assert "s3cret" not in reason
    assert len(reason) < 400
