"""How soon a game day was noticed, coped with and over, from the first fault on a request of a user.

Seconds of the run's clock. Two sources stand beside each other: what people marked, and what a detector or the callers'
own answers say. Detection is whichever came first; mitigation and recovery are what callers got.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from llmops.chaos.experiments.moments import Moments
from llmops.chaos.gameday.clock import Gap, stood_s
from llmops.chaos.gameday.detecting import Opening
from llmops.chaos.gameday.words import Mark, Word


@dataclass(frozen=True)
class Reaction:
    """One of the three; None: it did not come to pass, or nobody said so."""

    name: Mark
    marked_s: float | None
    measured_s: float | None
    by: str  # what measured it

    @property
    def first_s(self) -> float | None:
        return min((each for each in (self.marked_s, self.measured_s) if each is not None), default=None)

    @property
    def counted_s(self) -> float | None:
        """Of detection the first of both; else what callers got."""
        return self.first_s if self.name == "detected" else self.measured_s


def reactions(
    moments: Moments, words: Sequence[Word], openings: Sequence[Opening], gaps: Sequence[Gap]
) -> tuple[Reaction, ...]:
    """`moments` are on the clock of the run, all else as it was said. Nothing is measured where no fault hit."""
    first = moments.first_receipt

    def since(at: float | None, *, on_the_clock: bool = False) -> float | None:
        if at is None or first is None:
            return None
        return (at if on_the_clock else at - stood_s(at, gaps)) - first

    def after(moments_s: list[float | None]) -> float | None:
        return min((each for each in moments_s if each is not None and each >= 0), default=None)

    marks = {name: after([since(w.at) for w in words if (w.what, w.text) == ("mark", name)]) for name in _NAMES}
    seen = [(since(one.at), one) for one in openings]
    opened = min(((at, one) for at, one in seen if at is not None and at >= 0), key=lambda each: each[0], default=None)
    by = "no detector" if opened is None else f"the detector, {opened[1].where}: {opened[1].why}"
    return (
        Reaction("detected", marks["detected"], None if opened is None else opened[0], by),
        Reaction("mitigated", marks["mitigated"], since(moments.mitigated, on_the_clock=True), "callers are served"),
        Reaction("resolved", marks["resolved"], since(moments.recovered, on_the_clock=True), "all as before the fault"),
    )


def false_alarms(moments: Moments, openings: Sequence[Opening], gaps: Sequence[Gap]) -> list[Opening]:
    """Openings before any fault hit a request."""
    first = moments.first_receipt
    return [one for one in openings if first is None or one.at - stood_s(one.at, gaps) < first]


_NAMES: tuple[Mark, ...] = ("detected", "mitigated", "resolved")
