"""The experiment's expectations as the team's hypotheses: each under a name, in words, with its own check."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmops.chaos.experiments.checks.base import checks
from llmops.chaos.experiments.schema import Experiment
from llmops.chaos.gameday.schema import Hypothesis

WORDS = {
    "functional_success": ("good-answers", "Callers go on to get good answers."),
    "success_ratio": ("statuses-stay-good", "What a dashboard of statuses shows stays good."),
    "fallback_used": ("fallback-answers", "A request that meets the fault is answered by the fallback."),
    "no_fallback": ("stays-where-it-is", "The fallback is left alone."),
    "attempts": ("retries-do-not-multiply", "No request costs more attempts than are configured."),
    "hang": ("nobody-waits", "Nobody waits past the deadline."),
    "honest_error": ("errors-are-told", "Who cannot be served is told by an error, in time."),
    "masked_error": ("no-error-as-success", "No broken answer is passed off as a good one."),
    "laundered": ("nothing-cut", "Nothing that is cut or empty is passed off as whole."),
    "ttft": ("first-tokens-in-time", "First tokens come in time."),
    "e2e": ("answers-in-time", "Whole answers come in time."),
    "recovery_without_stampede": ("no-stampede", "What waited does not fall on the provider at once."),
    "alive_afterwards": ("well-afterwards", "When the provider is well, callers are too."),
}
"""The checks that incidents ask for most; others are told by the first line of their own file."""


def hypotheses_of(experiment: Experiment) -> list[Hypothesis]:
    """One for each expectation; where a check is asked twice, the phases tell the names apart."""
    found: list[Hypothesis] = []
    for name, parameters in _asked(experiment):
        phases = [str(each) for each in parameters.pop("phases", [])]
        word, says = WORDS.get(name, (name.replace("_", "-"), checks.help(name)))
        taken = {each.name for each in found}
        free = next(each for each in _names(word, phases) if each not in taken)
        found.append(Hypothesis(name=free, says=says, check={name: parameters} if parameters else name, phases=phases))
    return found


def _asked(experiment: Experiment) -> Iterator[tuple[str, dict[str, Any]]]:
    for each in experiment.expectations:
        asked: Mapping[str, Any] = {each: None} if isinstance(each, str) else each
        for name, parameters in asked.items():
            yield name, dict(parameters or {})


def _names(word: str, phases: Sequence[str]) -> Iterator[str]:
    yield word
    if phases:
        yield f"{word}-{phases[0]}"
    number = 2
    while True:
        yield f"{word}-{number}"
        number += 1
