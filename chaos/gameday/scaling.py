"""An incident in the time there is: durations are divided, rates, delays and counts of requests stay."""

import math

from llmops.chaos.experiments.planned_fault import scaled
from llmops.chaos.experiments.schema import Experiment, Hold, Phase
from llmops.chaos.proxy.config import ScheduleSection
from llmops.errors import BadInput

MOST_REQUESTS = 500_000  # a plan of more is a load test, and no game day


def speed_for(experiment: Experiment, duration_s: float) -> float:
    """With which the whole run takes so many seconds: only what is held for a time is shortened. BadInput."""
    holds = (experiment.baseline, *experiment.phases, experiment.recovery)
    fixed_s = sum((each.requests or 0) / experiment.load.requests_per_second for each in holds)
    timed_s = sum(each.duration_s or 0.0 for each in holds)
    if not timed_s:
        raise BadInput(f"{experiment.name} counts requests, and no time", hint="leave --duration out")
    if duration_s <= fixed_s:
        message = f"baseline and recovery alone take {fixed_s:g} s of the {duration_s:g} s"
        raise BadInput(message, hint="give a longer --duration")
    return timed_s / (duration_s - fixed_s)


def scaled_experiment(experiment: Experiment, speed: float, name: str) -> Experiment:
    """The same at this speed, by the experiments' own rule, under another name. BadInput where it is far too long."""
    if not 0 < speed < math.inf:
        raise BadInput(f"a speed of {speed:g}", hint="2 halves all durations, 0.5 doubles them")
    found = experiment.model_copy(
        update={
            "name": name,
            "baseline": _shorter(experiment.baseline, speed),
            "phases": [_phase(each, speed) for each in experiment.phases],
            "recovery": _shorter(experiment.recovery, speed),
        }
    )
    _refuse_too_long(found, experiment.name)
    return found


def _shorter(hold: Hold, speed: float) -> Hold:
    return hold if hold.duration_s is None else Hold(duration_s=_divided(hold.duration_s, speed))


def _phase(phase: Phase, speed: float) -> Phase:
    timed = [each.model_copy(update={"schedule": _scaled(each.schedule, speed)}) for each in phase.faults]
    length = {} if phase.duration_s is None else {"duration_s": _divided(phase.duration_s, speed)}
    return phase.model_copy(update={"faults": timed, **length})


def _scaled(schedule: ScheduleSection, speed: float) -> ScheduleSection:
    found = scaled(schedule, speed)
    ramp = [(rounded(at), ratio) for at, ratio in found.ramp]
    until_s = None if found.until_s is None else rounded(found.until_s)
    return found.model_copy(update={"after_s": rounded(found.after_s), "until_s": until_s, "ramp": ramp})


def _divided(duration_s: float, speed: float) -> float:
    found = rounded(duration_s / speed)
    if not found > 0:
        raise BadInput(f"at a speed of {speed:g} nothing is left of {duration_s:g} s", hint="lower the speed")
    return found


def rounded(seconds: float) -> float:
    """As a plan states it."""
    return round(seconds, 2)


def _refuse_too_long(experiment: Experiment, preset: str) -> None:
    holds = (experiment.baseline, *experiment.phases, experiment.recovery)
    rate = experiment.load.requests_per_second
    requests = sum(each.requests or (each.duration_s or 0.0) * rate for each in holds)
    if requests > MOST_REQUESTS:
        message = f"{preset} would last {requests / rate / 3600:,.0f} h, with {requests:,.0f} requests"
        raise BadInput(message, hint="give --duration 30min, or a --speed")
