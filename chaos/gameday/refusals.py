"""What of a plan contradicts itself or its experiment: refused with its line, before anything starts."""

from collections.abc import Iterator

from llmops.chaos.experiments.loader import Path_, Source
from llmops.chaos.experiments.schema import Experiment
from llmops.chaos.gameday.schema import Gameday
from llmops.errors import nearest_hint

AROUND = ("baseline", "recovery")
"""Phases that every experiment has; no fault is in them."""


def refuse_what_cannot_be(experiment: Experiment, gameday: Gameday, source: Source) -> None:
    """BadInput, with the line, for the first thing that cannot be."""
    _check_names(gameday, source)
    _check_phases(experiment, gameday, source)
    _check_lengths(experiment, gameday, source)
    _check_radius(experiment, gameday, source)
    _check_burn(experiment, gameday, source)


def _check_names(gameday: Gameday, source: Source) -> None:
    seen: set[str] = set()
    for at, each in enumerate(gameday.hypotheses):
        if each.name in seen:
            path = ("gameday", "hypotheses", at, "name")
            raise source.refusal(f"two hypotheses are named {each.name!r}", *path, hint="name one otherwise")
        seen.add(each.name)


def _check_phases(experiment: Experiment, gameday: Gameday, source: Source) -> None:
    of_faults = [phase.name for phase in experiment.phases]
    everywhere = [*of_faults, *AROUND]
    for path, name, around in _named(gameday):
        known = everywhere if around else of_faults
        if name not in known:
            raise source.refusal(f"no phase is named {name!r}", *path, hint=nearest_hint(name, known))


def _named(gameday: Gameday) -> Iterator[tuple[Path_, str, bool]]:
    """Where phases are named, and whether baseline and recovery are meant too."""
    for at, each in enumerate(gameday.hypotheses):
        yield from ((("gameday", "hypotheses", at, "phases"), name, True) for name in each.phases)
    safety = gameday.safety
    yield from ((("gameday", "notes", name), name, True) for name in gameday.notes)
    radius = ("gameday", "blast_radius", "request_ratio")
    yield from (((*radius, name), name, False) for name in gameday.blast_radius.request_ratio)
    expected = ("gameday", "safety", "error_budget", "expected_failed_ratio")
    yield from (((*expected, name), name, False) for name in safety.error_budget.expected_failed_ratio)
    below = safety.abort_when.functional_success_below
    floors = ("gameday", "safety", "abort_when", "functional_success_below")
    yield from (((*floors, name), name, False) for name in (below if isinstance(below, dict) else ()))


def _check_lengths(experiment: Experiment, gameday: Gameday, source: Source) -> None:
    """A phase by itself; whether all of them together fit is known when their requests have their times."""
    for at, phase in enumerate(experiment.phases):
        if gameday.duration_s is not None and (phase.duration_s or 0) > gameday.duration_s:
            message = f"{phase.name} lasts {phase.duration_s:g} s, longer than the plan with {gameday.duration_s:g} s"
            raise source.refusal(message, "phases", at, "duration_s", hint="shorten it, or raise gameday.duration_s")


def _check_radius(experiment: Experiment, gameday: Gameday, source: Source) -> None:
    for phase in experiment.phases:
        if not phase.faults and gameday.blast_radius.request_ratio.get(phase.name):
            path = ("gameday", "blast_radius", "request_ratio", phase.name)
            raise source.refusal(f"{phase.name} has no fault that could hit a request", *path, hint="take it away")


def _check_burn(experiment: Experiment, gameday: Gameday, source: Source) -> None:
    """A multiple of what nobody has stated, or of more than can fail, would never stop the run."""
    factor = gameday.safety.abort_when.burn_over_expected
    if factor is None:
        return
    expected = gameday.safety.error_budget.expected_failed_ratio
    path = ("gameday", "safety", "error_budget", "expected_failed_ratio")
    for phase in experiment.phases:
        if phase.name not in expected:
            message = f"burn_over_expected has nothing to compare with in {phase.name}"
            raise source.refusal(message, *path, hint=f"{{{phase.name}: 0.05}} expects 5 % of its requests to fail")
    if all(factor * expected[phase.name] >= 1 for phase in experiment.phases):
        message = f"{factor:g} times what is expected to fail is all there is, in every phase"
        raise source.refusal(message, *path, hint="nothing would stop the run: expect less, or lower the factor")
