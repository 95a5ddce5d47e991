from collections.abc import Callable
from pathlib import Path

import pytest

from llmops.chaos.experiments.loader import load_experiment
from llmops.chaos.experiments.plan import Plan, plan_of
from llmops.errors import BadInput

Write = Callable[..., Path]


def planned(path: Path, speed: float = 1.0) -> Plan:
    return plan_of(*load_experiment(path), speed=speed)


def refusal(path: Path, speed: float = 1.0) -> BadInput:
    with pytest.raises(BadInput) as caught:
        planned(path, speed)
    return caught.value


def test_a_plan_is_baseline_phases_and_recovery(experiment_file: Write) -> None:
    plan = planned(experiment_file())
    assert [(step.name, step.kind, step.requests) for step in plan.steps] == [
        ("baseline", "baseline", 40),
        ("broken", "inject", 40),
        ("recovery", "recover", 40),
    ]
    assert plan.steps[1].duration_s == pytest.approx(0.4)  # 40 requests at 100 a second
    assert [(each.provider, each.name) for each in plan.steps[1].injections] == [("primary", "unavailable")]
    assert [each.name for each in plan.expectations] == ["functional_success"]


@pytest.mark.parametrize(("speed", "requests", "duration_s"), [(1.0, 200, 2.0), (2.0, 100, 1.0), (0.5, 400, 4.0)])
def test_durations_scale_and_their_requests_with_them(
    experiment_file: Write, speed: float, requests: int, duration_s: float
) -> None:
    step = planned(experiment_file(("requests: 40\n    faults", "duration_s: 2.0\n    faults")), speed).steps[1]
    assert (step.requests, step.duration_s) == (requests, duration_s)


def test_a_number_of_requests_does_not_scale(experiment_file: Write) -> None:
    assert planned(experiment_file(), 10.0).steps == planned(experiment_file()).steps


def with_timers(cooldown_s: float) -> tuple[str, str]:
    return "  base_path: /v1", f"  base_path: /v1\n  timers_s: {{timeout: 0.1, cooldown: {cooldown_s}}}"


def test_a_phase_lasts_at_least_three_times_the_longest_timer(experiment_file: Write) -> None:
    planned(experiment_file(with_timers(0.133)))  # 0.399 s, and each phase lasts 0.4 s
    error = refusal(experiment_file(with_timers(0.134)))  # 0.402 s
    assert ":13: baseline lasts 0.4 s, less than 3 times the system's cooldown of 0.134 s" in str(error)
    assert error.hint.startswith("41 requests at this rate, or 0.402 s")


def test_speed_scales_phases_and_never_timers(experiment_file: Write) -> None:
    path = experiment_file(with_timers(0.1), ("requests: 40\n    faults", "duration_s: 0.7\n    faults"))
    planned(path, 2.0)  # 0.35 s
    error = refusal(path, 2.4)  # 0.292 s
    assert ":15: broken lasts" in str(error)


@pytest.mark.parametrize("speed", [0.0, -1.0, float("inf"), float("nan")])
def test_a_speed_that_is_none_is_refused(experiment_file: Write, speed: float) -> None:
    assert "a speed of" in str(refusal(experiment_file(), speed))


def test_a_phase_too_short_for_one_request_is_refused(experiment_file: Write) -> None:
    chance = ("deadline_s: 5", "deadline_s: 5, arrivals: poisson")
    error = refusal(experiment_file(chance, ("requests: 40\n    faults", "duration_s: 1.0e-6\n    faults")))
    assert "broken lasts 1e-06 s, too short for one request" in str(error)


def test_a_baseline_of_too_few_requests_is_refused(experiment_file: Write) -> None:
    planned(experiment_file(("baseline: {requests: 40}", "baseline: {requests: 10}")))
    error = refusal(experiment_file(("baseline: {requests: 40}", "baseline: {requests: 9}")))
    assert ":12: a baseline of 9 requests shows no health" in str(error)


def test_two_phases_of_one_name_are_refused(experiment_file: Write) -> None:
    twin = "  - {name: broken, requests: 40, faults: []}\nrecovery:"
    assert ":19: two phases are named 'broken'" in str(refusal(experiment_file(("recovery:", twin))))
    assert "two phases are named 'baseline'" in str(refusal(experiment_file(("name: broken", "name: baseline"))))


def test_two_faults_of_one_name_on_a_provider_are_refused(experiment_file: Write) -> None:
    twin = "fault: unavailable\n      - {provider: primary, fault: unavailable}"
    error = refusal(experiment_file(("fault: unavailable", twin)))
    assert ":19: two faults of primary are named 'unavailable'" in str(error)
    named = twin.replace("fault: unavailable}", "fault: delayed_answer, name: again}")
    assert len(planned(experiment_file(("fault: unavailable", named))).steps[1].faults) == 2


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        ("fault: unavailable", "fault: internal_error", True),
        ("fault: unavailable, schedule: {probability: 0.5}", "fault: internal_error", False),
        ("fault: unavailable, schedule: {until_s: 0.2}", "fault: internal_error", False),
        ("fault: unavailable, scope: {models: [gpt-4o]}", "fault: internal_error", False),
        ("fault: unavailable, scope: {models: [gpt-4o]}", "fault: internal_error, scope: {models: [gpt-4o]}", True),
        ("fault: unavailable", "fault: delayed_answer", False),  # it changes an answer, whoever gives it
        ("fault: delayed_answer", "fault: unavailable", False),
        ("fault: rate_limiter, parameters: {requests_per_minute: 5}", "fault: unavailable", False),  # lets some pass
    ],
)
def test_a_fault_behind_one_that_answers_everything_never_fires(
    experiment_file: Write, first: str, second: str, refused: bool
) -> None:
    both = f"faults:\n      - {{provider: primary, {first}}}\n      - {{provider: primary, {second}}}"
    path = experiment_file(("faults:\n      - provider: primary\n        fault: unavailable", both))
    if refused:
        assert ":18: internal_error would never fire: unavailable answers every request before it" in str(refusal(path))
    else:
        planned(path)


def test_a_phase_without_faults_is_a_placebo(experiment_file: Write) -> None:
    fault = "faults:\n      - provider: primary\n        fault: unavailable"
    assert planned(experiment_file((fault, "faults: []"))).steps[1].faults == ()


def test_a_stop_that_can_never_come_is_refused(experiment_file: Write) -> None:
    stop = "expectations:", "abort: [{functional_success_below: 0.1, over_requests: %d}]\nexpectations:"
    planned(experiment_file((stop[0], stop[1] % 40)))
    error = refusal(experiment_file((stop[0], stop[1] % 41)))
    assert ":20: it looks at 41 requests, and no phase has more than 40" in str(error)


def test_a_stop_below_nothing_is_refused(experiment_file: Write) -> None:
    stop = "abort: [{functional_success_below: 0, over_requests: 10}]\nexpectations:"
    assert ":20: no ratio is below 0" in str(refusal(experiment_file(("expectations:", stop))))


def test_an_unknown_fault_is_refused_with_its_line(experiment_file: Write) -> None:
    error = refusal(experiment_file(("fault: unavailable", "fault: unavailible")))
    assert ":17: no fault is named 'unavailible'" in str(error)
    assert error.hint == "did you mean 'unavailable'?"


def test_a_known_system_that_nobody_knows_is_refused_with_its_line(experiment_file: Write) -> None:
    path = experiment_file(("base_path: /v1\n  ready: {path: /health, timeout_s: 20}", "known: litelm"))
    path.write_text("\n".join(line for line in path.read_text().splitlines() if "command" not in line))
    assert ":5: no system is known as 'litelm'" in str(refusal(path))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("baseline: {requests: 40}", "baseline: {requests: 1000000000}", "1000000000 requests: each is kept"),
        ("requests: 40\n    faults", "requests: 1000001\n    faults", "1000001 requests: each is kept"),
        ("recovery: {requests: 40}", "recovery: {duration_s: 10001.0}", "10001 s at 100 requests a second are 1e+06"),
    ],
)
def test_more_requests_than_a_machine_can_keep_are_refused_before_any_is_planned(
    experiment_file: Write, old: str, new: str, words: str
) -> None:
    error = refusal(experiment_file((old, new)))
    assert words in str(error)
    assert error.hint.startswith("at most 1,000,000")


def test_speed_divides_a_duration_before_its_requests_are_counted(experiment_file: Write) -> None:
    file = experiment_file(("recovery: {requests: 40}", "recovery: {duration_s: 10001.0}"))
    assert planned(file, speed=1000).steps[-1].requests == 1001
