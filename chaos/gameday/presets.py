"""The incidents that are shipped: those scenarios whose name says when they happened."""

import re
from dataclasses import dataclass

from llmops.chaos.experiments import shipped
from llmops.chaos.experiments.loader import Source, load_experiment, read_text
from llmops.chaos.experiments.schema import Experiment

DATED = re.compile(r"-20\d\d-\d\d(-\d\d)?(-|$)")
SPEED = re.compile(r"`--speed (\d+)`")


@dataclass(frozen=True)
class Preset:
    """An incident as an experiment, with what its file says about it."""

    experiment: Experiment
    source: Source
    about: str  # the comment at its head: when, what was published, and what is ours
    speed: int  # with which its file says that it is practised

    @property
    def duration_s(self) -> float:
        """Of the incident itself, as published."""
        return sum(phase.duration_s or 0.0 for phase in self.experiment.phases)


def names() -> list[str]:
    """All of them, sorted."""
    return [name for name in shipped.names() if DATED.search(name)]


def preset(word: str) -> Preset:
    """An incident, any other shipped scenario, or an experiment of one's own. UnknownName, BadInput."""
    path = shipped.file_of(word)
    experiment, source = load_experiment(path)
    about = _head(read_text(path))
    named = SPEED.search(about)
    return Preset(experiment, source, about, int(named[1]) if named else 1)


def _head(text: str) -> str:
    """The comment at the head of a file, as one paragraph."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# ").rstrip())
    return " ".join(lines)
