"""The expectations of an experiment as checks; one that its run could never satisfy is refused."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from llmops.chaos.experiments.checks.base import Planned, PlannedPhase, make_check
from llmops.chaos.experiments.firing import schedule_hits
from llmops.chaos.experiments.loader import Path_, Source
from llmops.chaos.experiments.schema import Experiment
from llmops.chaos.experiments.verdict import Expectation
from llmops.errors import LlmopsError

if TYPE_CHECKING:
    from llmops.chaos.experiments.plan import Step


def expectations_of(experiment: Experiment, source: Source) -> tuple[Expectation, ...]:
    """The checks under their names. BadInput with the line of the first that is none."""
    found = []
    for path, name, parameters in _expectations(experiment, source):
        try:
            found.append(Expectation(name, make_check(name, parameters)))
        except LlmopsError as error:
            raise source.refusal(str(error), *path, hint=error.hint) from error
    return tuple(found)


def _expectations(experiment: Experiment, source: Source) -> Iterator[tuple[Path_, str, dict[str, Any]]]:
    for at, each in enumerate(experiment.expectations):
        if isinstance(each, str):
            yield ("expectations", at), each, {}
        elif len(each) != 1:
            hint = "begin each with a dash of its own; parameters stand in braces behind the name"
            raise source.refusal("one expectation has one name", "expectations", at, hint=hint)
        else:
            name, parameters = next(iter(each.items()))
            yield ("expectations", at, name), name, parameters or {}


def refuse_unsatisfiable(expectations: Sequence[Expectation], given: Planned, source: Source) -> None:
    """BadInput, with the line, for a check that says it can never pass on what it is given."""
    for at, each in enumerate(expectations):
        why = each.check.refusal(given)
        if why:
            hint = "change the phases, or the expectation"
            raise source.refusal(f"{each.name}: {why}", "expectations", at, each.name, hint=hint)


def planned(experiment: Experiment, steps: "Sequence[Step]", *, priced: bool) -> Planned:
    """What a run of these steps will give its checks."""
    preferred = next(iter(experiment.providers))
    phases = tuple(
        PlannedPhase(
            step.name,
            step.kind,
            step.requests * experiment.repetitions,
            _times(planned_hits(step, preferred), experiment.repetitions),
            step.duration_s,
            any(injection.below_http for injection in step.injections),
        )
        for step in steps
    )
    load = experiment.load
    return Planned(phases, tuple(experiment.providers), load.stream, priced, load.deadline_s)


def _times(count: int | None, repetitions: int) -> int | None:
    return None if count is None else count * repetitions


def planned_hits(step: "Step", preferred: str) -> int | None:
    """How many requests of a step should meet its faults; None where it cannot be said beforehand.

    Every request tries the preferred provider; whether it comes to another is up to the system.
    """
    hits = [
        schedule_hits(injection.schedule, step.requests, step.duration_s)
        for injection in step.injections
        if injection.provider == preferred
    ]
    known = [each for each in hits if each is not None]
    return int(max(known)) if known and len(known) == len(hits) else None
