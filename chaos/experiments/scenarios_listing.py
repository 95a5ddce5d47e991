"""The page of shipped scenarios: what each asks, where it comes from, and what it found on each measured system."""

from collections.abc import Callable, Iterator

from llmops.chaos.experiments import known, shipped
from llmops.chaos.experiments.expected import Expected, expected, measured
from llmops.chaos.experiments.loader import load_experiment
from llmops.chaos.experiments.schema import Experiment


def markdown() -> str:
    """The whole page."""
    systems = {name: expected(name) for name in measured()}
    experiments = [load_experiment(shipped.file_of(name))[0] for name in shipped.names()]
    return "\n".join([*_head(systems), *map(_row_of(systems), experiments), *_details(experiments, systems)])


def _head(systems: dict[str, dict[str, Expected]]) -> Iterator[str]:
    yield "# Scenarios\n"
    yield "Made by `llmops.chaos.experiments.scenarios_listing`; `llmops chaos run NAME --system SYSTEM` runs one.\n"
    for name in systems:
        recipe = known.recipe(name)
        version = "" if recipe.version == "ours" else f" {recipe.version}"
        yield f"- `{name}`: {recipe.title}{version}"
    yield f"\n| scenario | what it asks | {' | '.join(f'`{name}`' for name in systems)} |"
    yield "|---" * (len(systems) + 2) + "|"


def _row_of(systems: dict[str, dict[str, Expected]]) -> Callable[[Experiment], str]:
    def row(experiment: Experiment) -> str:
        found = (each.get(experiment.name) for each in systems.values())
        words = " | ".join("" if one is None else one.verdict for one in found)
        return f"| [`{experiment.name}`](#{experiment.name}) | {experiment.title} | {words} |"

    return row


def _details(experiments: list[Experiment], systems: dict[str, dict[str, Expected]]) -> Iterator[str]:
    for experiment in experiments:
        yield f"\n## {experiment.name}\n"
        faults = dict.fromkeys(f"`{fault.fault}`" for phase in experiment.phases for fault in phase.faults)
        yield f"{experiment.title}. Faults: {', '.join(faults)}. From: {', '.join(experiment.sources)}.\n"
        for system, found in systems.items():
            if one := found.get(experiment.name):
                fails = f" ({', '.join(one.fails)})" if one.fails else ""
                speed = f" At `--speed {one.speed:g}`." if one.speed != 1 else ""
                yield f"- `{system}`: {one.verdict}{fails}. {' '.join(one.evidence.split())}{speed}"
    yield ""
