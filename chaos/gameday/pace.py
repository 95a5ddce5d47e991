"""The clock of one phase, and the requests that are due by it: while it is paused it stands, and the load goes on."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from llmops.chaos.load.plan import PlannedCall

Sent = Callable[[PlannedCall, int, float], None]
"""Told of each request of the phase before it goes out: its number from 0, and when it is due (epoch seconds)."""


@dataclass
class Pace:
    """From `elapsed_s` into the phase on. `now` gives epoch seconds."""

    elapsed_s: float = 0.0  # of the phase, when this began
    now: Callable[[], float] = time.time
    began_at: float = field(init=False)
    pauses: list[tuple[float, float]] = field(default_factory=list)  # those that are over
    paused_at: float | None = None
    is_over: bool = False  # no more requests

    def __post_init__(self) -> None:
        self.began_at = self.now()

    def begin(self) -> None:
        """The load begins now."""
        self.began_at = self.now()

    def pause(self) -> None:
        self.paused_at = self.now() if self.paused_at is None else self.paused_at

    def go_on(self) -> tuple[float, float]:
        """From when to when it stood."""
        assert self.paused_at is not None  # noqa: S101 - it was paused
        stood = (self.paused_at, self.now())
        self.pauses.append(stood)
        self.paused_at = None
        return stood

    @property
    def stood_s(self) -> float:
        """How long it has stood, until now."""
        standing = 0.0 if self.paused_at is None else self.now() - self.paused_at
        return sum(to_at - from_at for from_at, to_at in self.pauses) + standing

    @property
    def phase_s(self) -> float:
        """How far into the phase it is."""
        return self.elapsed_s + self.now() - self.began_at - self.stood_s

    def was_paused(self, at: float) -> bool:
        """Whether the clock stood at this moment."""
        now = self.paused_at is not None and at >= self.paused_at
        return now or any(from_at <= at < to_at for from_at, to_at in self.pauses)


def paced(  # noqa: PLR0913 - each is given by name
    pace: Pace, calls: Iterator[PlannedCall], fillers: Iterator[PlannedCall], *, first: int, every_s: float, sent: Sent
) -> Iterator[PlannedCall]:
    """The calls from the `first` on, when the pace has them due; while it is paused `fillers`, one `every_s`.

    At most one call that was under way to its moment goes out while it is paused.
    """
    pace.begin()
    last_s = 0.0
    for number, call in enumerate(calls):
        if number < first:
            continue
        while pace.paused_at is not None and not pace.is_over:
            last_s = max(last_s, pace.now() - pace.began_at) + every_s
            yield replace(next(fillers), at_s=last_s)
        if pace.is_over:
            return
        due_s = max(last_s, call.at_s - pace.elapsed_s + pace.stood_s)
        sent(call, number, pace.began_at + due_s)
        last_s = due_s
        yield replace(call, at_s=due_s)
