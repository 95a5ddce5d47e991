"""PASS, FAIL or INVALID of a Chaos Toolkit experiment: first whether it proves anything, then its tolerances."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from llmops.chaos.experiments.chaostoolkit.engine import Item, Played
from llmops.scenario import Word

SHOWN_CHARACTERS = 300  # of an output
IN_WORDS = {"before": "before the method", "method": "in the method", "after": "after the method"}


@dataclass(frozen=True)
class Judged:
    """One tolerance and what came of it."""

    name: str
    word: Word
    reason: str


@dataclass(frozen=True)
class Verdict:
    """What a run means."""

    word: Word
    reason: str
    checks: tuple[Judged, ...] = ()
    notes: tuple[str, ...] = ()  # what the reader must know besides


def judge(played: Played, redact: Callable[[str], str] = lambda text: text) -> Verdict:
    """The verdict. A run that proves nothing is INVALID, whatever its tolerances say. Outputs are told redacted."""
    checks = tuple(
        _told(item, redact) for item in played.items if item.activity.tolerance is not None and _is_judged(item)
    )
    notes = tuple(_notes(played))
    invalid = next(_invalid(played, checks), None)
    if invalid is not None:
        return Verdict("INVALID", invalid, tuple(map(_unproven, checks)), notes)
    missed = [check for check in checks if check.word == "FAIL"]
    if missed:
        return Verdict("FAIL", "; ".join(f"{check.name} {check.reason}" for check in missed), checks, notes)
    return Verdict("PASS", f"{len(checks)} of {len(checks)} tolerances are met", checks, notes)


def _unproven(check: Judged) -> Judged:
    """In a run that proves nothing no tolerance is said to hold."""
    return check if check.word != "PASS" else replace(check, word="INVALID", reason=f"would pass: {check.reason}")


def has_deviated(played: Played) -> bool:
    """Whether a tolerance was not met once the method had begun. What says itself that it judged nothing is none."""
    later = [*played.of("method"), *played.of("after")]
    return any(_judged(item).word == "FAIL" for item in later if item.activity.tolerance is not None)


def _is_judged(item: Item) -> bool:
    return item.where != "rollbacks"


def _told(item: Item, redact: Callable[[str], str]) -> Judged:
    """With what the probe gave instead, where that was not within its tolerance."""
    found = _judged(item)
    if found.word == "PASS" or item.failure:
        return found
    output = item.output.get("reason", item.output) if isinstance(item.output, Mapping) else item.output
    text = redact(" ".join(str(output).split()))
    shown = text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"
    return replace(found, reason=f"{found.reason}: {shown}")


def _judged(item: Item) -> Judged:
    name, where = item.activity.name, IN_WORDS[item.where]
    if item.met:
        return Judged(name, "PASS", f"was within its tolerance {where}")
    if not item.failure:
        word: Word = "INVALID" if item.where == "before" else "FAIL"
        return Judged(name, word, f"was not within its tolerance {where}")
    # After the method the very probe fails that worked before it: that is a finding, and no failure to look.
    word = "FAIL" if item.where == "after" and not item.proves_nothing else "INVALID"
    return Judged(name, word, f"failed {where}: {item.failure}")


def _invalid(played: Played, checks: tuple[Judged, ...]) -> Iterator[str]:
    """Why it proves nothing, the first reason first."""
    unmet = next((check for check in checks if check.word == "INVALID"), None)
    if unmet is not None:
        yield f"{unmet.name} {unmet.reason}"
    if played.broke_off:
        yield played.broke_off
    for item in played.of("rollbacks"):
        if item.failure:
            yield f"the rollback {item.activity.name!r} failed: {item.failure}: what it undoes may still be there"
    if not any(item.activity.tolerance is not None for item in [*played.of("method"), *played.of("after")]):
        yield "nothing was expected, so that nothing could fail: no probe has a tolerance"


def _notes(played: Played) -> Iterator[str]:
    method = played.of("method")
    if not played.broke_off and not any(item.activity.type == "action" for item in method):
        yield "no action was taken, a placebo"
    for item in method:
        if item.failure and item.activity.type == "probe" and item.activity.tolerance is None:
            yield f"the probe {item.activity.name!r} failed: {item.failure}"
