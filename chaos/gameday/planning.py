"""From a preset to a plan that a team can hold: scaled to the time there is, and filled as far as data can fill it."""

import math
from dataclasses import dataclass, replace
from decimal import Decimal

from llmops.chaos.experiments import known
from llmops.chaos.experiments.plan import Plan, plan_of
from llmops.chaos.experiments.schema import Experiment, System
from llmops.chaos.gameday import filling
from llmops.chaos.gameday.hypotheses import hypotheses_of
from llmops.chaos.gameday.presets import Preset
from llmops.chaos.gameday.schema import Gameday
from llmops.chaos.gameday.shown_faults import refuse_unseen


@dataclass(frozen=True)
class Draft:
    """A plan before it is written."""

    preset: Preset
    experiment: Experiment  # scaled, under the plan's name
    gameday: Gameday
    steps: Plan
    speed: float


def steps_of_preset(preset: Preset, experiment: Experiment) -> Plan:
    """The steps of an experiment that is scaled already. BadInput, with the preset's line, for what cannot work."""
    refuse_unseen(experiment, preset.source)
    return replace(plan_of(startable(experiment), preset.source, priced=True), experiment=experiment)


def draft(preset: Preset, experiment: Experiment, steps: Plan, speed: float, expected_usd: Decimal | None) -> Draft:
    """The plan, filled in; `expected_usd` of the load when each request is answered once, None is not known."""
    gameday = Gameday(
        goal=f"{experiment.title or experiment.name}. Callers stay served as the hypotheses say, the people on call "
        "notice it by themselves, and everyone has seen the way back.",
        duration_s=float(math.ceil(sum(step.duration_s for step in steps.steps))),
        hypotheses=hypotheses_of(experiment),
        blast_radius=filling.radius(experiment, steps),
        notes={step.name: filling.note(step) for step in steps.steps},
        checklists=filling.CHECKLISTS,
        communication=filling.COMMUNICATION,
        safety=filling.safety(experiment, steps, expected_usd),
        detector=filling.detector(steps),
    )
    return Draft(preset, experiment, gameday, steps, speed)


def startable(experiment: Experiment) -> Experiment:
    """The same where its system is not installed here: a plan may be written where it is not held."""
    name = experiment.system.known
    if name is None or known.is_installed(name):
        return experiment
    recipe = known.recipe(name)
    settings = {**recipe.settings, **experiment.system.settings}
    timers = {timer.removesuffix("_s"): float(settings[timer]) for timer in recipe.timers if settings[timer]}
    return experiment.model_copy(update={"system": System(command=[name], timers_s=timers)})
