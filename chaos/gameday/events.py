"""Everything that happened in a game day, in the order of time, for the report's timeline."""

from collections.abc import Iterator
from dataclasses import dataclass

from llmops.chaos.gameday.judging import Found
from llmops.chaos.gameday.past import CRASHED, Past, moment

CANARY_WORDS = {
    "canary on": "the canary is on {provider}, with a lease of {lease_s:g} s",
    "canary seen": "a request of ours at {provider} saw the canary: status {status}",
    "canary ended by its lease": "the canary on {provider} ended by its lease after {lasted_s:.1f} s",
    "healthy after the canary": "{provider} is healthy again: status {status}",
    "rollback proven": "rollback is proven",
}


@dataclass(frozen=True)
class Happened:
    """One thing."""

    at: float  # epoch seconds, of the wall
    who: str  # run, fault, detector, operator, callers
    what: str


def happened(past: Past, found: Found) -> list[Happened]:
    """In the order of time."""
    return sorted([*_run(past), *_faults(past, found), *_people(past), *_measured(found)], key=lambda each: each.at)


def _run(past: Past) -> Iterator[Happened]:
    if past.began_at is not None:
        yield Happened(past.began_at, "run", "began")
    for line in past.canaries:
        yield Happened(moment(line), "run", CANARY_WORDS.get(line["what"], line["what"]).format_map(line))
    for each in past.phases:
        yield Happened(each.began_at, "run", f"{each.step.name} began")
        if each.ended_at is not None:
            yield Happened(each.ended_at, "run", f"{each.step.name} ended{', skipped' if each.skipped else ''}")
    for gap in past.gaps:
        where = f" in {gap.phase}" if gap.phase else ""
        how = "its process was killed" if gap.why == CRASHED else gap.why
        yield Happened(gap.from_at, "run", f"{how}{where}: the clock stood {gap.length_s:.1f} s")
        yield Happened(gap.to_at, "run", f"taken up{where}" if gap.why == CRASHED else f"went on{where}")
    if past.broke_off:
        yield Happened(past.last_sign_at, "run", f"broke off: {past.broke_off}")


def _faults(past: Past, found: Found) -> Iterator[Happened]:
    faults = {(one.provider, one.name): one.fault for each in found.phases for one in each.phase.injections}
    for each in past.phases:
        for key, on_at in each.on_at.items():
            provider, name = key
            shown = faults.get(key, name)
            yield Happened(on_at, "fault", f"{shown} on {provider} is on")
            if each.off_at is not None:
                yield Happened(each.off_at, "fault", f"{shown} on {provider} is off")


def _people(past: Past) -> Iterator[Happened]:
    for word in past.words:
        said = word.text if word.what == "note" else f"{word.what.replace('_', ' ')} {word.text}".strip()
        yield Happened(word.at, "operator", said)
    for one in past.openings:
        yield Happened(one.at, "detector", f"{one.where}: {one.why}")


def _measured(found: Found) -> Iterator[Happened]:
    """Moments of the run's clock, put back on the wall."""
    moments = found.verdict.moments
    named = (
        (moments.first_receipt, "fault", "the first receipt on a request of a user"),
        (moments.mitigated, "callers", "served again, from here on"),
        (moments.recovered, "callers", "all as before the fault, from here on"),
    )
    for at, who, what in named:
        if at is not None:
            yield Happened(on_the_wall(at, found), who, what)


def on_the_wall(at: float, found: Found) -> float:
    """When a moment of the run's clock was."""
    for gap in sorted(found.gaps, key=lambda gap: gap.from_at):
        if at > gap.from_at:
            at += gap.length_s
    return at
