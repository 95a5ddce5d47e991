"""What a game day looks like at one moment: frozen, to be shown at a terminal or told in a line.

In blind mode it shows what responders would see of a real outage: callers, attempts, burn and cost, and no word of what
was injected, where or when; nor what the detector found, for finding it is their part.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from llmops.chaos.experiments.evidence import UserRequest
from llmops.chaos.experiments.outcomes import claims_success, is_hang, looks_whole
from llmops.chaos.gameday.burn import Burn
from llmops.chaos.gameday.conductor import RUNNING, Conductor
from llmops.chaos.gameday.loader import GamedayPlan
from llmops.chaos.gameday.phase import RunningPhase
from llmops.money import shown_usd

SEEN = ("whole", "error", "bad 200", "hang")
LAST_EVENTS = 4
HOUR_S = 3600
PREPARING = "preparing"  # all that blind mode says before the first requests


@dataclass(frozen=True)
class Event:
    """Something that was said, or that a detector found."""

    at: float  # epoch seconds
    text: str


@dataclass(frozen=True)
class Snapshot:
    """One moment."""

    name: str  # empty in blind mode: it may name the incident
    doing: str
    run_s: float  # since it began
    blind: bool
    phase: str = ""
    place: str = ""  # which of how many
    phase_s: float | None = None
    duration_s: float | None = None
    paused: bool = False
    faults: tuple[str, ...] = ()
    planned: int = 0
    seen: Mapping[str, int] = field(default_factory=dict)  # what callers saw, of the phase's requests
    attempts: int = 0
    burn: Burn | None = None
    usd: Decimal | None = None
    unmeasured: int = 0  # attempts whose cost is not known
    usd_over: float | None = None
    events: tuple[Event, ...] = ()
    at: float = 0.0

    @property
    def ended(self) -> int:
        return sum(self.seen.values())

    @property
    def attempts_each(self) -> float | None:
        return self.attempts / self.ended if self.ended else None


def snapshot_of(
    plan: GamedayPlan, conductor: Conductor, began_at: float, *, blind: bool, now: Callable[[], float] = time.time
) -> Snapshot:
    """This moment."""
    running, spent, at = conductor.phase, conductor.tally.spent, now()
    cap = plan.gameday.safety.abort_when.usd_over
    shared = Snapshot(
        "" if blind else plan.experiment.name,
        _doing_blind(conductor) if blind else conductor.doing,
        at - began_at,
        blind,
        paused=conductor.wishes.paused,
        usd=spent.known_usd if spent.measured or not spent.unmeasured else None,
        unmeasured=spent.unmeasured,
        usd_over=cap,
        events=_events(conductor, blind=blind),
        at=at,
    )
    if running is None:
        return shared
    return replace(shared, **(_last_ones(plan, conductor) if blind else _of_phase(plan, conductor, running)))


def _doing_blind(conductor: Conductor) -> str:
    """What is done between phases would tell when they begin."""
    return PREPARING if conductor.phase is None else RUNNING


def _of_phase(plan: GamedayPlan, conductor: Conductor, running: RunningPhase) -> dict[str, Any]:
    names = ["baseline", *(phase.name for phase in plan.experiment.phases), "recovery"]
    step = running.step
    return {
        "phase": step.name,
        "place": f"{names.index(step.name) + 1} of {len(names)}",
        "phase_s": min(running.pace.phase_s, step.duration_s),
        "duration_s": step.duration_s,
        "faults": tuple(f"{name} on {provider}" for provider, name in running.faults_on),
        "planned": step.requests,
        "seen": seen_by_callers(running.requests),
        "attempts": conductor.tally.attempts_since(running.began_at),
        "burn": running.safety.burn,
    }


def _last_ones(plan: GamedayPlan, conductor: Conductor) -> dict[str, Any]:
    """Over the last requests, whichever phase they are of: a count that begins anew would tell of a phase."""
    last, budget = list(conductor.recent), plan.gameday.safety.error_budget
    seen = seen_by_callers(last)
    failed = len(last) - seen["whole"]
    since = min((each.sent_at for each in last), default=0.0)
    return {
        "seen": seen,
        "attempts": conductor.tally.attempts_since(since),
        "burn": Burn(failed, len(last), budget.target_ratio, budget.window_days),
    }


def seen_by_callers(requests: Sequence[UserRequest]) -> dict[str, int]:
    """As far as callers can see it: whole answers, errors, a 2xx that is no whole answer, and no end in time."""
    counts = Counter(map(_seen, requests))
    return {name: counts[name] for name in SEEN}


def _seen(request: UserRequest) -> str:
    if is_hang(request):
        return "hang"
    if looks_whole(request):
        return "whole"
    return "bad 200" if claims_success(request) else "error"


def _events(conductor: Conductor, *, blind: bool) -> tuple[Event, ...]:
    said = [Event(word.at, f"{word.what.replace('_', ' ')} {word.text}".strip()) for word in conductor.words]
    found = [] if blind or conductor.detecting is None else conductor.detecting.openings
    opened = [Event(one.at, f"detector: {one.where}: {one.why}") for one in found]
    return tuple(sorted([*said, *opened], key=lambda event: event.at)[-LAST_EVENTS:])


# --- in words


def where(shot: Snapshot) -> str:
    """Which phase, and how far; in blind mode only that it goes on."""
    if shot.doing != RUNNING:
        return shot.doing
    if shot.blind:
        return "paused: no fault is on" if shot.paused else "running, blind"
    clock = f"{shot.phase_s or 0:.0f} of {shot.duration_s or 0:.0f} s"
    standing = ", paused: the clock stands" if shot.paused else ""
    return f"{shot.phase} ({shot.place}), {clock}{standing}"


def faults(shot: Snapshot) -> str:
    if shot.blind:
        return "not shown: blind"
    return ", ".join(shot.faults) or "none"


def callers(shot: Snapshot) -> str:
    if not shot.ended:
        return "nothing yet"
    told = ", ".join(f"{shot.seen[name]} {name}" for name in SEEN if shot.seen.get(name))
    return (
        f"{told} of the last {shot.ended}" if shot.blind else f"{told} of {shot.ended} so far, {shot.planned} planned"
    )


def burning(shot: Snapshot) -> str:
    """The rate of the last requests, how long the budget would last, and what is expected."""
    burn = shot.burn
    if burn is None or burn.rate is None:
        return "nothing yet"
    lasts = (
        ""
        if burn.budget_lasts_s is None
        else f", {burn.window_days:g} days of budget gone in {long(burn.budget_lasts_s)}"
    )
    expected = "" if shot.blind or burn.expected_rate is None else f" (expected {burn.expected_rate:.3g}×)"
    return f"{burn.rate:.3g}×{expected} over the last {burn.requests}{lasts}"


def cost(shot: Snapshot) -> str:
    if shot.usd is None:
        return "not measured"
    cap = "" if shot.usd_over is None else f", stops over {shot.usd_over:g}"
    unknown = f", {shot.unmeasured} attempts not measured" if shot.unmeasured else ""
    return f"{shown_usd(shot.usd)} USD{unknown}{cap}"


def long(seconds: float) -> str:
    """A length of time for people."""
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds:.0f} s"
    if seconds < HOUR_S:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / HOUR_S:.1f} h" if seconds < 48 * HOUR_S else f"{seconds / 24 / HOUR_S:.1f} days"


def line_of(shot: Snapshot) -> str:
    """All of it in one line, where there is no terminal."""
    parts = [f"{shot.run_s:4.0f} s", where(shot)]
    if shot.doing == RUNNING:
        parts.append(f"faults {faults(shot)}")
    if shot.ended:
        each = "" if shot.attempts_each is None else f"{shot.attempts_each:.2f} attempts each"
        parts += [f"callers {callers(shot)}", each, f"burn {burning(shot)}", f"cost {cost(shot)}"]
    return " · ".join(filter(None, parts))
