from collections.abc import Callable
from pathlib import Path

import pytest

from llmops.chaos.experiments.evidence import Injection
from llmops.chaos.experiments.expectations import expectations_of, planned_hits
from llmops.chaos.experiments.loader import load_experiment
from llmops.chaos.experiments.plan import Step, plan_of
from llmops.chaos.experiments.planned_fault import PlannedFault
from llmops.chaos.proxy.schedule import Schedule
from llmops.errors import BadInput

Write = Callable[..., Path]
EXPECTED = "  - functional_success: {at_least: 0.9}"


def test_an_expectation_is_a_name_or_a_name_with_parameters(experiment_file: Write) -> None:
    found = expectations_of(*load_experiment(experiment_file((EXPECTED, EXPECTED + "\n  - laundered\n  - hang:"))))
    assert [each.name for each in found] == ["functional_success", "laundered", "hang"]
    assert getattr(found[0].check, "at_least", None) == 0.9


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ("  - functional_succes", ":21: no check is named 'functional_succes'"),
        ("  - functional_success: {atleast: 0.9}", ":21: functional_success has no parameter 'atleast'"),
        ("  - functional_success: {at_least: 1.9}", ":21: at_least is 1.9"),
        ("  - functional_success: {at_least: yes}", ":21: functional_success: at_least is True"),
        ("  - functional_success: {at_least: 0.9}\n    laundered: {}", ":21: one expectation has one name"),
        ("  - functional_success: {phases: [brokn]}", ":21: functional_success: no phase is named 'brokn'"),
    ],
)
def test_one_that_cannot_be_is_refused_with_its_line(experiment_file: Write, new: str, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        plan_of(*load_experiment(experiment_file((EXPECTED, new))))
    assert words in str(caught.value)


def test_one_that_its_own_requests_can_never_satisfy_is_refused_with_the_count_it_needs(experiment_file: Write) -> None:
    # 35 requests rule out a tenth (Wilson, 95 %): 3.8415 × 0.9 / 0.1 = 34.6
    plan_of(*load_experiment(experiment_file(("requests: 40\n    faults", "requests: 35\n    faults"))))
    with pytest.raises(BadInput, match="on 34 requests it can never pass: it needs 35"):
        plan_of(*load_experiment(experiment_file(("requests: 40\n    faults", "requests: 34\n    faults"))))


def test_repetitions_add_up(experiment_file: Write) -> None:
    seldom = ("requests: 40\n    faults", "requests: 18\n    faults"), ("seed: 7", "seed: 7\nrepetitions: 2")
    assert plan_of(*load_experiment(experiment_file(*seldom))).experiment.repetitions == 2


def step(*faults: tuple[str, Schedule]) -> Step:
    injections = [Injection(name, f"f{n}", "unavailable", False, schedule) for n, (name, schedule) in enumerate(faults)]
    return Step(
        "p", "inject", tuple(n / 10 for n in range(40)), 4.0, tuple(PlannedFault(each, {}) for each in injections)
    )


@pytest.mark.parametrize(
    ("schedule", "hits"),
    [
        (Schedule(), 40),
        (Schedule(first=3), 3),
        (Schedule(every=7), 5),
        (Schedule(probability=0.25), 10),
        (Schedule(after_s=1.0, until_s=3.0), 20),
        (Schedule(after_s=1.0, until_s=9.0), 30),
        (Schedule(ramp=((0.0, 0.0), (4.0, 1.0))), 20),
        (Schedule(sticky="client", probability=0.5), None),
    ],
)
def test_how_many_requests_should_meet_a_fault(schedule: Schedule, hits: int | None) -> None:
    assert planned_hits(step(("primary", schedule)), "primary") == hits


def test_of_several_faults_the_widest_counts() -> None:
    both = step(("primary", Schedule(first=3)), ("primary", Schedule(every=2)))
    assert planned_hits(both, "primary") == 20


def test_who_comes_to_the_backup_cannot_be_said_beforehand() -> None:
    assert planned_hits(step(("backup", Schedule())), "primary") is None
    assert planned_hits(step(), "primary") is None
