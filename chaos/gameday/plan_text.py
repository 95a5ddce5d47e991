"""A plan as the YAML text that people read and change: every section says what it is for."""

import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmops.chaos.experiments.schema import Experiment, Phase
from llmops.chaos.gameday.planning import Draft
from llmops.chaos.gameday.schema import Gameday, Safety

WIDTH = 110
MANY = 12  # entries of a mapping that are not worth a line each, such as tenants
PLAIN = re.compile(r"[A-Za-z][\w./*-]*(?: [\w./*-]+)*")
SENTENCE = re.compile(r"[A-Za-z][^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]*")
AMBIGUOUS = re.compile(r": |:$| #| $")  # in a plain text: a key, or a comment


def plan_text(draft: Draft, file: str) -> str:
    """The file; read by the plans' own loader it is the draft again."""
    return "\n".join([*_head(draft, file), *_experiment(draft.experiment, draft), *_gameday(draft.gameday), ""])


def block(value: Any) -> str:  # noqa: ANN401 - plain data
    """Data behind a key or a dash, where commas mean nothing: sentences need no quotes."""
    if isinstance(value, str) and SENTENCE.fullmatch(value) and not AMBIGUOUS.search(value) and not _is_no_text(value):
        return value
    return flow(value)


def flow(value: Any) -> str:  # noqa: ANN401 - plain data
    """Data on one line, as a person would write it: YAML in its flow style."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{flow(name)}: {flow(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:  # noqa: PLR2004 - exact so far
        return str(int(value))
    if isinstance(value, float) and "e" in (digits := repr(value)):  # YAML 1.1 takes 1e-09 for text
        return digits if "." in digits else digits.replace("e", ".0e")
    if isinstance(value, str) and PLAIN.fullmatch(value) and not _is_no_text(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _is_no_text(word: str) -> bool:
    """What YAML 1.1 takes for a truth value or nothing."""
    return word.lower() in {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}


def _head(draft: Draft, file: str) -> Iterator[str]:
    name = draft.preset.experiment.name
    yield f"# A game day's plan, made from {name} at a speed of {draft.speed:g}."
    yield from _comment(draft.preset.about)
    yield "#"
    yield "#   1. Fill in what is `to be filled`; read the phases, the limits and the blast radius aloud."
    yield f"#   2. llmops gameday check {file}"
    yield f"#   3. llmops gameday run {file}"
    yield "#"
    yield "# It is an experiment (docs/experiments.md) with one more key (docs/gameday.md)."


def _experiment(experiment: Experiment, draft: Draft) -> Iterator[str]:
    data = experiment.model_dump(exclude_unset=True, exclude={"phases"})
    told = data.pop("expectations")
    published = {phase.name: phase for phase in draft.preset.experiment.phases}
    for name in ("schema_version", "name", "title", "source", "seed"):
        if name in data:
            yield from _entry(name, data[name])
    yield ""
    for name in ("system", "proxy", "providers"):
        if name in data:
            yield from _entry(name, _said(data[name]), NOTES[name])
    yield from _entry("load", data["load"], NOTES["load"])
    yield ""
    yield f"baseline: {flow(_hold(experiment.baseline))} # all must be well before anything is broken"
    yield ""
    yield "phases: # in this order; faults are off between them"
    for phase in experiment.phases:
        yield from _phase(phase, published[phase.name], draft.speed)
    yield ""
    yield f"recovery: {flow(_hold(experiment.recovery))}"
    yield ""
    yield "expectations: # what the run is judged by, as any experiment is"
    yield from (f"  - {_bare(each)}" for each in told)
    for name in ("abort", "repetitions"):
        if name in data:
            yield from _entry(name, data[name])


def _phase(phase: Phase, published: Phase, speed: float) -> Iterator[str]:
    yield f"  - name: {phase.name}"
    for name, value in _hold(phase).items():
        told = published.duration_s is not None and speed != 1
        in_life = f" # {clock(published.duration_s or 0.0)} in the preset" if told else ""
        yield f"    {name}: {flow(value)}{in_life}"
    if not phase.faults:
        yield "    faults: [] # none: does everything find back?"
        return
    yield "    faults:"
    for fault in phase.faults:
        yield from _wrapped("      - ", fault.model_dump(exclude_unset=True, exclude_defaults=True))


def _gameday(gameday: Gameday) -> Iterator[str]:
    yield ""
    yield "gameday:"
    yield "  goal: >-"
    yield from (f"    {line}" for line in textwrap.wrap(gameday.goal, WIDTH, break_on_hyphens=False))
    yield f"  duration_s: {flow(gameday.duration_s)} # baseline, phases and recovery together last no longer"
    yield f"  blind: {flow(gameday.blind)} # true: responders do not see what was injected, and when"
    yield ""
    yield "  hypotheses: # what you believe; `check` says how it is decided (docs/verdicts.md)"
    for each in gameday.hypotheses:
        yield f"    - name: {each.name}"
        yield f"      says: {block(each.says)}"
        yield f"      check: {flow(each.check)}"
        if each.phases:
            yield f"      phases: {flow(each.phases)}"
    yield ""
    yield "  roles: # one person may have several, but nobody commands and responds"
    yield from (f"    {name}: {flow(value)}{ROLES[name]}" for name, value in gameday.roles.model_dump().items())
    yield ""
    yield "  blast_radius: # held against the receipts: more than that, and it is said so"
    yield f"    says: {block(gameday.blast_radius.says)}"
    yield f"    request_ratio: {flow(gameday.blast_radius.request_ratio)} # of each phase's requests, at most"
    yield ""
    yield "  notes: # what to watch, by phase"
    yield from (f"    {name}: {block(says)}" for name, says in gameday.notes.items())
    yield ""
    yield from _safety(gameday.safety)
    yield ""
    yield from _detector(gameday)
    yield from _people(gameday)


def _safety(safety: Safety) -> Iterator[str]:
    budget, abort = safety.error_budget, safety.abort_when.model_dump(exclude_none=True)
    yield "  safety:"
    yield "    error_budget: # burn rate: the failed ratio over 1 - target"
    yield f"      target_ratio: {flow(budget.target_ratio)} # of good answers: your own objective"
    yield f"      window_days: {flow(budget.window_days)}"
    yield f"      expected_failed_ratio: {flow(budget.expected_failed_ratio)} # of callers' requests, by phase"
    yield "    abort_when: # any of these ends it, and every fault with it"
    yield from (f"      {name}: {flow(value)}{ABORT.get(name, '')}" for name, value in abort.items())
    yield f"    canary: {flow(safety.canary.model_dump())} # a fault before the start: it must end by its lease"


def _detector(gameday: Gameday) -> Iterator[str]:
    if gameday.detector is None:
        return
    yield "  detector: # the breaker on three signals that watches beside you (docs/detection.md)"
    yield from (f"    {name}: {flow(value)}" for name, value in gameday.detector.model_dump(exclude_unset=True).items())
    yield ""


def _people(gameday: Gameday) -> Iterator[str]:
    yield "  communication:"
    yield "    channels:"
    yield from (f"      - {block(each)}" for each in gameday.communication.channels)
    yield "    tell:"
    yield from (f"      - {flow(each.model_dump(exclude_none=True))}" for each in gameday.communication.tell)
    yield ""
    yield "  checklists:"
    for name, points in gameday.checklists.model_dump().items():
        yield f"    {name}:"
        yield from (f"      - {block(each)}" for each in points)


NOTES = {
    "system": "what is tested: `url` of one that runs already, `known` or a `command`",
    "proxy": "runs already",
    "providers": "the preferred one first; the proxies stand before them",
    "load": "an open loop: it does not wait for answers",
}
ROLES = {
    "commander": " # starts, aborts, ends",
    "driver": " # at the keyboard of `llmops gameday run`",
    "responders": " # who would be on call",
    "scribe": " # keeps `llmops gameday note`",
}
ABORT = {
    "burn_over_expected": " # times what the phase is expected to burn",
    "functional_success_below": " # the share of good answers",
    "usd_over": " # of all attempts since the start",
    "over_requests": " # so many last requests of a phase are looked at",
}


def _entry(name: str, value: Any, note: str = "") -> Iterator[str]:  # noqa: ANN401 - plain data
    """`name: value`, on more lines where one is too long."""
    comment = f" # {note}" if note else ""
    line = f"{name}: {flow(value)}"
    if len(line + comment) <= WIDTH or not isinstance(value, Mapping | list):
        yield line + comment
    elif isinstance(value, Mapping) and len(value) > MANY:
        yield f"{name}:{comment}"
        yield from (f"  {line}" for line in textwrap.wrap(flow(value), WIDTH, break_on_hyphens=False))
    elif isinstance(value, Mapping):
        yield f"{name}:{comment}"
        for key, each in value.items():
            yield from _indented(_entry(flow(key), each))
    else:
        yield f"{name}:{comment}"
        for each in value:
            yield from _wrapped("  - ", each)


def _wrapped(start: str, value: Any) -> Iterator[str]:  # noqa: ANN401 - plain data
    """A list's item; a mapping that is too long for a line has one key a line."""
    if isinstance(value, Mapping) and len(start + flow(value)) > WIDTH:
        for at, (key, each) in enumerate(value.items()):
            yield f"{' ' * len(start) if at else start}{flow(key)}: {flow(each)}"
    else:
        yield start + flow(value)


def _bare(check: Any) -> str:  # noqa: ANN401 - a name, or a mapping of one
    """An expectation without its outer braces."""
    if isinstance(check, Mapping) and len(check) == 1:
        name, parameters = next(iter(check.items()))
        return f"{name}: {flow(parameters)}"
    return flow(check)


def _said(section: Mapping[str, Any]) -> dict[str, Any]:
    """Without what says nothing."""
    return {name: value for name, value in section.items() if value not in (None, {}, [])}


def _indented(lines: Iterator[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)


def _comment(text: str) -> Sequence[str]:
    words = textwrap.wrap(text, WIDTH, break_on_hyphens=False) if text else []
    return [f"# {line}" for line in words]


def _hold(hold: Any) -> dict[str, Any]:  # noqa: ANN401 - a Hold, or a Phase
    if hold.requests is not None:
        return {"requests": hold.requests}
    return {"duration_s": hold.duration_s}


def clock(seconds: float) -> str:
    """A length of time in words: 38 min, 4 h 22 min, 24 d."""
    units = (("d", 86_400), ("h", 3600), ("min", 60))
    for at, (name, size) in enumerate(units):
        if seconds >= size:
            whole, rest = divmod(round(seconds), size)
            smaller = units[at + 1] if at + 1 < len(units) else ("s", 1)
            more = round(rest / smaller[1])
            return f"{whole} {name}" + (f" {more} {smaller[0]}" if more else "")
    return f"{seconds:.3g} s"
