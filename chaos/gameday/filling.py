"""What a plan is filled with: the limits that follow from its faults, and the words that every game day needs."""

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from llmops.chaos.experiments.plan import Plan, Step
from llmops.chaos.experiments.schema import Experiment
from llmops.chaos.faults.base import faults
from llmops.chaos.gameday.scaling import rounded
from llmops.chaos.gameday.schema import (
    AbortWhen,
    BlastRadius,
    Checklists,
    Communication,
    Detector,
    ErrorBudget,
    Safety,
    Told,
)
from llmops.chaos.gameday.shares import failed_ratio, radius_ratio

TARGET_RATIO = 0.99
BURN_OVER_EXPECTED = 2.0
OFTEN_FAILED = 0.25  # beyond it, half of the answers are no floor
LEAST_OVER, MOST_OVER = 20, 50  # requests that abort conditions look at
UNKNOWN_CAP_USD = 10.0
IN_WINDOW = 100  # requests of a detector's window: a share of 16 % stands out of 5 %, and it is seen soon
SHORTEST_WINDOW_S, LONGEST_WINDOW_S = 5.0, 60.0
SURE_QUALITY = 0.95  # of the baseline's: with 16 % of answers spoiled the breaker's own 0.85 would never be sure
WATCH = {
    "http": "status codes, attempts at each provider, who answers",
    "transport": "latency, timeouts, open connections, who answers",
    "stream": "streams that end early, error events inside a 200",
    "content": "the answers themselves, by tenant: statuses stay green",
    "embeddings": "what is found by search: statuses stay green",
}


CHECKLISTS = Checklists(
    before=[
        "Every role has a name, and everyone has read the hypotheses.",
        "Support, and whoever shares the system, know when it begins and when it ends.",
        "Dashboards and alerts of the system are open on the responders' screens.",
        "No deployment, and no real incident, is going on.",
        "The driver has shown `llmops gameday abort`, and what it ends.",
    ],
    during=[
        "The scribe writes down who saw what, and when: `llmops gameday note`.",
        "Responders say aloud when they notice, mitigate and are done: `llmops gameday mark`.",
        "The commander asks at the end of each phase: go on, or abort?",
    ],
    after=[
        "No fault is on, and the system is as it was before.",
        "Everyone who was told of the start is told of the end.",
        "Each hypothesis has its verdict, and each that failed an owner and a date.",
        "The runbook says what was really done.",
    ],
)
COMMUNICATION = Communication(
    channels=["to be filled: where the team talks", "to be filled: where everyone else is told"],
    tell=[
        Told(who="support, and who shares the system", when="a day before", what="when, and for how long"),
        Told(who="everyone on call", when="at the start and at the end", what="that it is practice"),
        Told(who="the commander", when="at once", what="whatever looks like a real outage: it ends the game day"),
    ],
)


def radius(experiment: Experiment, steps: Plan) -> BlastRadius:
    real = [name for name, each in experiment.providers.items() if each.simulate is None]
    at = "a system that runs already" if experiment.system.url else "a system that is started for it"
    behind = f"and at {', '.join(real)}, which are no simulations" if real else "with simulated providers behind it"
    others = " Whoever else calls it is hit too." if experiment.system.url else " No customer is hit."
    ratios = {step.name: _up(radius_ratio(step, experiment)) for step in steps.steps if step.injections}
    return BlastRadius(says=f"The plan's own load at {at}, {behind}.{others}", request_ratio=ratios)


def note(step: Step) -> str:
    """What to watch in a phase."""
    if step.kind == "baseline":
        return "All is well. Say aloud what well looks like on your dashboards."
    if step.kind == "recover":
        return "The faults are off. Watch who is used again, and how fast."
    if not step.injections:
        return "No fault is on: watch whether the system, and the people, find back."
    families = dict.fromkeys(faults.get(one.fault).family for one in step.injections)
    return f"Watch {'; '.join(WATCH[each] for each in families)}."


def safety(experiment: Experiment, steps: Plan, expected_usd: Decimal | None) -> Safety:
    inject = [step for step in steps.steps if step.kind == "inject"]
    failed = {step.name: _up(failed_ratio(step, experiment)) for step in inject}
    has_burn = any(BURN_OVER_EXPECTED * each < 1 for each in failed.values())
    floors = {name: floor for name, each in failed.items() if (floor := _floor(each)) is not None}
    same = len(floors) == len(failed) and len(set(floors.values())) == 1
    abort = AbortWhen(
        burn_over_expected=BURN_OVER_EXPECTED if has_burn else None,
        functional_success_below=next(iter(floors.values())) if same else floors or None,
        usd_over=_cap_usd(expected_usd),
        over_requests=_over(inject),
    )
    budget = ErrorBudget(target_ratio=TARGET_RATIO, expected_failed_ratio=failed)
    return Safety(error_budget=budget, abort_when=abort)


def _over(inject: Sequence[Step]) -> int:
    """As many as the shortest phase has, within bounds; never more than the longest."""
    counts = [step.requests for step in inject]
    return min(max(LEAST_OVER, min(MOST_OVER, *counts)), max(counts))


def _floor(failed: float) -> float | None:
    """Half of the answers; less where many are expected to fail; none where most are."""
    if failed <= OFTEN_FAILED:
        return 0.5
    return round((1 - failed) / 2, 2) if failed < 1 / 2 else None


def _cap_usd(expected: Decimal | None) -> float:
    """Three times what the load costs when every request is answered once, and at least a dollar; 10 if unknown."""
    return UNKNOWN_CAP_USD if expected is None else float(max(1, math.ceil(3 * expected)))


def detector(steps: Plan) -> Detector:
    """Windows of so many requests, as short as the phases: a minute's window would mix them all."""
    baseline = steps.steps[0]
    inject = [step for step in steps.steps if step.kind == "inject"]
    families = {faults.get(one.fault).family for step in inject for one in step.injections}
    half_s = min(step.duration_s for step in inject) / 2
    full_s = IN_WINDOW / steps.experiment.load.requests_per_second
    window_s = rounded(min(LONGEST_WINDOW_S, max(SHORTEST_WINDOW_S, min(half_s, full_s))))
    more: dict[str, Any] = {"quality_factor": SURE_QUALITY} if families & {"content", "embeddings"} else {}
    return Detector(
        window_s=window_s,
        min_qualities=min(50, max(10, baseline.requests // 2)),  # of what is sampled in it
        cool_down_s=window_s,
        baseline_s=max(1.0, math.floor(baseline.duration_s * 0.8)),
        **more,
    )


def _up(ratio: float) -> float:
    """Two digits, never less."""
    return min(1.0, math.ceil(round(ratio * 100, 6)) / 100)
