from collections.abc import Callable
from pathlib import Path

import pytest

from llmops.chaos.experiments.checks.functional_success import FunctionalSuccess
from llmops.chaos.gameday.loader import load_plan, steps_of
from llmops.errors import BadInput

Write = Callable[..., Path]


def line_of(path: Path, words: str) -> int:
    return 1 + next(at for at, line in enumerate(path.read_text(encoding="utf-8").splitlines()) if words in line)


def test_a_plan_is_its_experiment_and_what_people_need(plan_file: Write) -> None:
    plan = load_plan(plan_file())
    assert plan.experiment.phases[0].name == "broken"
    assert plan.gameday.roles.commander == "Ada"
    assert plan.gameday.roles.scribe == "to be filled"
    good, waits = plan.hypotheses
    assert good.expectation.check == FunctionalSuccess(phases=("broken",), at_least=0.9)
    assert (waits.name, waits.expectation.name) == ("nobody-waits", "hang")
    assert [(step.name, step.requests) for step in steps_of(plan).steps] == [
        ("baseline", 60),
        ("broken", 200),  # 20 s at 10 a second
        ("recovery", 60),
    ]


def test_a_speed_is_that_of_experiments(plan_file: Write) -> None:
    assert [step.requests for step in steps_of(load_plan(plan_file()), speed=2).steps] == [60, 100, 60]


@pytest.mark.parametrize(
    ("change", "words", "at"),
    [
        (("    abort_when: {burn_over_expected: 2.0, functional_success_below: 0.5, usd_over: 5}\n", ""),
         "the plan has no abort conditions", "safety:"),
        (("{burn_over_expected: 2.0, functional_success_below: 0.5, usd_over: 5}", "{}"),
         "the plan has no abort conditions", "abort_when:"),
        (("{burn_over_expected: 2.0, functional_success_below: 0.5, usd_over: 5}", "{over_requests: 30}"),
         "the plan has no abort conditions", "abort_when:"),
        (("burn_over_expected: 2.0, functional_success_below: 0.5, usd_over", "usd_ovr"),
         "unknown key 'gameday.safety.abort_when.usd_ovr'", "abort_when:"),
        (("notes: {broken: ", "notes: {brokn: "), "no phase is named 'brokn'", "notes:"),
        (("phases: [broken]}", "phases: [brokn]}"), "no phase is named 'brokn'", "backup-answers"),
        (("request_ratio: {broken", "request_ratio: {baseline"), "no phase is named 'baseline'", "blast_radius"),
        (("expected_failed_ratio: {broken: 0.05}", "expected_failed_ratio: {recovery: 0.05}"),
         "no phase is named 'recovery'", "error_budget"),
        (("functional_success_below: 0.5", "functional_success_below: {brokn: 0.5}"),
         "no phase is named 'brokn'", "abort_when"),
        (("duration_s: 60", "duration_s: 19"), "broken lasts 20 s, longer than the plan with 19 s", "duration_s: 20"),
        (("check: hang", "check: hangg"), "no check is named 'hangg'", "nobody-waits"),
        (("check: hang", "check: {hang: {at_least: 1}}"), "hang has no parameter 'at_least'", "nobody-waits"),
        (("check: hang", "check: {hang: {}, attempts: {}}"), "a hypothesis has one check", "nobody-waits"),
        (("check: hang", "check: [hang]"), "a hypothesis has one check", "nobody-waits"),
        (("{at_least: 0.9}}, phases", "{phases: [broken]}}, phases"), "the phases of backup-answers are said twice",
         "backup-answers"),
        (("name: nobody-waits", "name: backup-answers"), "two hypotheses are named 'backup-answers'", "No request"),
        (("fault: unavailable", "fault: unavailabel"), "no fault is named 'unavailabel'", "fault:"),
        (("fault: unavailable", "fault: zero_vector"), "zero_vector can never be seen at primary: openai_chat has no",
         "fault:"),
        (("gameday:\n  goal:", "gameday:\n  gaol:"), "unknown key 'gameday.gaol'", "gaol:"),
        (("expected_failed_ratio: {broken: 0.05}", "expected_failed_ratio: {}"),
         "burn_over_expected has nothing to compare with in broken", "error_budget"),
        (("expected_failed_ratio: {broken: 0.05}", "expected_failed_ratio: {broken: 0.5}"),
         "2 times what is expected to fail is all there is", "error_budget"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_with_its_line(change: tuple[str, str], words: str, at: str, plan_file: Write) -> None:
    path = plan_file(change)
    with pytest.raises(BadInput, match=words.replace("[", r"\[")) as caught:
        load_plan(path)
    assert str(caught.value).startswith(f"{path}:{line_of(path, at)}: ")
    assert caught.value.hint


@pytest.mark.parametrize(
    ("change", "words", "at"),
    [
        (("duration_s: 60", "duration_s: 25"), "baseline, phases and recovery last 32 s, and the plan 25 s",
         "duration_s: 25"),  # 60 / 10 + 20 + 60 / 10
        (("usd_over: 5}", "usd_over: 5, over_requests: 201}"),
         "abort conditions look at 201 requests, and no phase has more than 200", "abort_when"),
        (("at_least: 0.9}}, phases", "at_least: 0.999}}, phases"),
         "the hypothesis backup-answers can never be shown: on 200 requests", "backup-answers"),
    ],
)  # fmt: skip
def test_what_can_never_be_decided_or_stopped_is_told_with_its_line(
    change: tuple[str, str], words: str, at: str, plan_file: Write
) -> None:
    path = plan_file(change)
    with pytest.raises(BadInput, match=words) as caught:
        steps_of(load_plan(path))
    assert str(caught.value).startswith(f"{path}:{line_of(path, at)}: ")


def test_an_experiment_is_no_plan(plan_file: Write) -> None:
    path = plan_file()
    text = path.read_text(encoding="utf-8")
    path.write_text(text.partition("gameday:")[0], encoding="utf-8")
    with pytest.raises(BadInput, match="this is an experiment and no plan") as caught:
        load_plan(path)
    assert "gameday plan" in caught.value.hint


def test_a_plan_is_named_as_its_file(plan_file: Write) -> None:
    with pytest.raises(BadInput, match=r"named 'tiny' and its file 'other\.yaml'"):
        load_plan(plan_file(name="other"))
    with pytest.raises(BadInput, match="broken lasts 20 s"):  # what else is wrong is told first
        load_plan(plan_file(("duration_s: 60", "duration_s: 1"), name="other"))
    with pytest.raises(BadInput, match="cannot read"):
        load_plan(Path("nowhere.yaml"))
