from dataclasses import replace
from typing import Any

import pytest

from llmops.chaos.experiments import known
from llmops.chaos.experiments.plan import Step, plan_of
from llmops.chaos.experiments.schema import Experiment
from llmops.chaos.gameday.presets import preset
from llmops.chaos.gameday.shares import LEAST_FAILED, failed_ratio, radius_ratio
from llmops.randomness import stream


def steps(name: str) -> tuple[Experiment, dict[str, Step]]:
    found = preset(name)
    ours = found.experiment.model_copy(update={"system": known.instead(found.experiment.system, "gateway")})
    plan = plan_of(ours, found.source, speed=found.speed)
    return ours, {step.name: step for step in plan.steps}


@pytest.mark.parametrize(
    ("name", "phase", "hit", "failed"),
    [
        ("openrouter-2026-02-17-fake401", "errors-500", 0.2, LEAST_FAILED),  # the backup is well
        ("openrouter-2026-02-17-fake401", "recovering", 0.425, LEAST_FAILED),  # the mean of a ramp from 0.85 to 0
        ("azure-openai-2025-05-16", "restarts", 0.6, LEAST_FAILED),  # three windows of 600 of 3000 s
        ("cloudflare-2025-11-18-html5xx", "all", 1.0, 1.0),  # both
        ("cloudflare-2025-11-18-html5xx", "partly", 0.3, 0.09),  # 0.3 at one times 0.3 at the other
        ("multi-2024-06-04-stampede", "fallback-full", 1.0, 0.9),
        ("gcp-2025-06-12", "both-hit", 1 - 0.2 * 0.3, (1 - 0.2 * 0.3) * 0.5),  # two dice at the primary
        ("openrouter-2025-08-28", "refused", 1.0, LEAST_FAILED),  # below HTTP
        ("anthropic-2026-04-15", "quiet", 0.0, LEAST_FAILED),  # a placebo
        ("anthropic-2025-08-misroute", "few", 0.008, LEAST_FAILED),
    ],
)
def test_shares_follow_from_the_schedules(name: str, phase: str, hit: float, failed: float) -> None:
    experiment, by_name = steps(name)
    assert radius_ratio(by_name[phase], experiment) == pytest.approx(hit, abs=0.005)
    assert failed_ratio(by_name[phase], experiment) == pytest.approx(failed, abs=0.005)


def test_both_recovering_at_different_times_lose_what_both_lose_at_once() -> None:
    experiment, by_name = steps("anthropic-2026-05-15-overloaded")
    # the fallback falls from 0.9 to 0 in the first half: 0.9 * (0.9 / 2) / 2 = 0.2025
    assert failed_ratio(by_name["fallback-recovers"], experiment) == pytest.approx(0.2025, abs=0.005)


def test_of_a_sticky_fault_the_seed_says_which_callers_it_is_for() -> None:
    experiment, by_name = steps("anthropic-2025-08-misroute")
    dice = [stream(1, f"primary:wrong_language:sticky:t{number:02}").random() for number in range(1, 26)]
    share = sum(each < 0.16 for each in dice) / 25
    assert 0 < share < 0.5
    assert radius_ratio(by_name["many"], experiment) == pytest.approx(share)
    assert failed_ratio(by_name["many"], experiment) == pytest.approx(share)  # no gateway looks at the words
    unnamed = experiment.model_copy(update={"load": experiment.load.model_copy(update={"tenant_header": "x-other"})})
    assert radius_ratio(by_name["many"], unnamed) == 1.0  # of callers nobody knows all may be hit


def test_the_first_so_many_and_every_so_many_are_shares_too() -> None:
    experiment, by_name = steps("openrouter-2026-02-17-fake401")
    step = by_name["keys-refused"]
    (injection,) = step.injections

    def with_schedule(**more: Any) -> Step:
        schedule = replace(injection.schedule, probability=1.0, **more)
        fault = replace(step.faults[0], injection=replace(injection, schedule=schedule))
        return replace(step, faults=(fault,))

    assert radius_ratio(with_schedule(every=4), experiment) == pytest.approx(0.25)
    assert radius_ratio(with_schedule(first=60), experiment) == pytest.approx(60 / step.requests)
