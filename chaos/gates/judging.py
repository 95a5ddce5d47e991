"""Every gate against every result it is about: one verdict each, and why."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from llmops.chaos.gates.conditions import Bound, SameSystem, VerdictIs
from llmops.chaos.gates.judged import Judged
from llmops.chaos.gates.loader import Gate, in_words
from llmops.chaos.gates.measured import Found, found
from llmops.chaos.gates.quoting import quoted
from llmops.chaos.gates.results.reading import Usable
from llmops.chaos.gates.results.schema import Metric, Scenario
from llmops.chaos.gates.schema import SAME_SCOPES
from llmops.chaos.gates.systems import systems, why_no_systems
from llmops.chaos.intervals import Word

SHOWN_SCOPES = 5
PROVES_NOTHING = {"INVALID", "INCONCLUSIVE"}


def judge(gate: Gate, results: Sequence[Usable]) -> list[Judged]:
    """What the results say to a gate; something always: no data is INVALID."""
    judge_each = {VerdictIs: _verdicts, SameSystem: systems, Bound: _metrics}[type(gate.condition)]
    judged = list(judge_each(gate, results))
    return judged or [Judged(gate, Found("INVALID", quoted(_why_nothing(gate, results))))]


# --- bounds


def _metrics(gate: Gate, results: Sequence[Usable]) -> Iterator[Judged]:
    bound = gate.condition
    assert isinstance(bound, Bound)  # noqa: S101 - the other kind has its own function
    having = {one.file: [each for each in one.result.metrics if _is_asked(each, bound, gate)] for one in results}
    kinds = {one.result.kind for one in results if having[one.file]}
    for one in results:
        for metric in having[one.file]:
            why = why_nothing_is_proven(metric, one)
            said = Found("INVALID", why) if why else found(metric, bound)
            yield Judged(gate, said, one.file, quoted(in_words(metric.scope)))
        if one.result.kind in kinds:
            yield from _lacking(gate, bound, one, having[one.file])


def _is_asked(metric: Metric, bound: Bound, gate: Gate) -> bool:
    return metric.name == bound.metric and is_of(metric, gate)


def _lacking(gate: Gate, bound: Bound, one: Usable, having: Sequence[Metric]) -> Iterator[Judged]:
    """Where others of its kind have the metric, a result has it too, and each of its scenarios: a gap is no pass."""
    if not having and not gate.scope:
        yield Judged(gate, Found("INVALID", f"this {quoted(one.result.kind)} has no {bound.metric}"), one.file)
    with_it = {metric.scope["scenario"] for metric in having if "scenario" in metric.scope}
    for scenario in one.result.scenarios if with_it and "scenario" not in gate.scope else ():
        if scenario.name not in with_it:
            where = quoted(in_words({"scenario": scenario.name}))
            yield Judged(gate, Found("INVALID", f"{where} has no {bound.metric}"), one.file, where)


def is_of(metric: Metric, gate: Gate) -> bool:
    """Whether a gate is about it: of the very scope, and where the gate names no scenario, of each of them.

    Nothing else may be left out: that each tenant costs less than a limit does not say that all together do.
    """
    scope = {SAME_SCOPES.get(name, name): value for name, value in metric.scope.items()}
    if "scenario" not in gate.scope:
        scope.pop("scenario", None)
    return scope == gate.scope


def why_nothing_is_proven(metric: Metric, one: Usable) -> str:
    """Of a metric whose scenario, or whose whole result, proves nothing; else empty."""
    result = one.result
    if "scenario" not in metric.scope:
        verdict = result.verdict
        is_void = verdict is not None and verdict.word == "INVALID"
        return quoted(f"{result.kind} proves nothing: {verdict.because}") if verdict and is_void else ""
    scenario = next((each for each in result.scenarios if each.name == metric.scope["scenario"]), None)
    if scenario is None:
        return quoted(f"of the scenario {metric.scope['scenario']} there is no verdict")
    return _void(scenario) if scenario.verdict == "INVALID" else ""


# --- verdicts


def _verdicts(gate: Gate, results: Sequence[Usable]) -> Iterator[Judged]:
    asked = gate.condition
    assert isinstance(asked, VerdictIs)  # noqa: S101 - the other kind has its own function
    for one in results:
        for scenario in one.result.scenarios:
            if scenario.name == asked.name:
                void = _void(scenario)
                yield Judged(gate, _verdict(asked, scenario.verdict, scenario.reason, void), one.file)
        if one.result.kind == asked.name:
            verdict = one.result.verdict
            word, because = (verdict.word, verdict.because) if verdict else ("INVALID", "it decides nothing")
            yield Judged(gate, _verdict(asked, word, because, quoted(f"{asked.name}: {because}")), one.file)


def _verdict(asked: VerdictIs, word: str, reason: str, void: str) -> Found:
    if word in PROVES_NOTHING:
        return Found("INVALID", void)
    said: Word = "PASS" if word == asked.word else "FAIL"
    return Found(said, quoted(f"{asked.name} is {word}: {reason}"))


def _void(scenario: Scenario) -> str:
    return quoted(f"{scenario.name} proves nothing: {scenario.reason}")


# --- nothing to judge


def _why_nothing(gate: Gate, results: Sequence[Usable]) -> str:
    if not results:
        return "there is no result to judge by"
    if isinstance(gate.condition, VerdictIs):
        known = {name for one in results for name in (one.result.kind, *(each.name for each in one.result.scenarios))}
        return f"no result has a verdict of {gate.condition.name}{_nearest(gate.condition.name, known)}"
    if isinstance(gate.condition, SameSystem):
        return why_no_systems(gate.condition, results)
    metric = gate.condition.metric
    scopes = [each.scope for one in results for each in one.result.metrics if each.name == metric]
    if not scopes:
        known = {each.name for one in results for each in one.result.metrics}
        return f"no result has {metric}{_nearest(metric, known)}"
    of = f" of {in_words(gate.scope)}" if gate.scope else " as a whole"
    there = dict.fromkeys(in_words(scope) or "the whole" for scope in scopes)
    more = f" and {len(there) - SHOWN_SCOPES} more" if len(there) > SHOWN_SCOPES else ""
    return f"no result has {metric}{of}; there is {', '.join([*there][:SHOWN_SCOPES])}{more}"


def _nearest(name: str, known: set[str]) -> str:
    near = get_close_matches(name, sorted(known), n=1)
    return f"; there is {near[0]}" if near else ""
