"""PASS, FAIL or INVALID: first whether the run proves anything, then what its checks say."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

from llmops.chaos.experiments.checks.attempts import Attempts
from llmops.chaos.experiments.checks.base import AtLeast, Check, CheckResult
from llmops.chaos.experiments.evidence import Evidence
from llmops.chaos.experiments.firing import Firing, firing_of
from llmops.chaos.experiments.moments import Moments, moments_of
from llmops.chaos.experiments.outcomes import OUTCOMES, Outcome, outcome_of
from llmops.chaos.experiments.selection import attempts_in, phases_of, requests_of
from llmops.chaos.experiments.spending import usd_of
from llmops.chaos.experiments.validity import YIELDS_TO_A_FAIL, Reason, is_readable, not_recovered, reasons
from llmops.chaos.intervals import Word
from llmops.errors import ExitCode


@dataclass(frozen=True)
class Expectation:
    """A check under its name."""

    name: str
    check: Check


@dataclass(frozen=True)
class Judged:
    """An expectation and what came of it."""

    expectation: Expectation
    result: CheckResult


@dataclass(frozen=True)
class ScenarioVerdict:
    """What a run means."""

    scenario: str
    word: Word
    reason: str
    checks: tuple[Judged, ...] = ()
    outcomes: Mapping[str, int] = field(default_factory=dict)  # of the requests of the method's phases
    firings: tuple[Firing, ...] = ()
    moments: Moments = field(default_factory=Moments)
    usd: Decimal | None = None  # of all attempts; None: not measured
    invalid: tuple[Reason, ...] = ()  # every reason why it proves nothing, or what a FAIL says more of


def judge(evidence: Evidence, expectations: Sequence[Expectation]) -> ScenarioVerdict:
    """The verdict of one scenario. A run that proves nothing is INVALID, whatever its checks say."""
    evidence = replace(evidence, attempts_budget=_budget(expectations, evidence.attempts_budget))
    firings = tuple(firing_of(one, phase, evidence) for phase in evidence.phases for one in phase.injections)
    invalid = reasons(evidence, firings)
    if not expectations:
        invalid.append(Reason("no_expectations", "nothing was expected, so that nothing could fail"))
    elif not any(_judges_recovery(each.check, evidence) for each in expectations):
        invalid.extend(not_recovered(evidence))
    if not is_readable(invalid):
        return ScenarioVerdict(evidence.scenario, "INVALID", invalid[0].sentence, invalid=tuple(invalid))
    judged = tuple(Judged(each, each.check.judge(evidence)) for each in expectations)
    word, reason = _of_checks(judged, invalid)
    inject = requests_of(evidence, phases_of(evidence))
    return ScenarioVerdict(
        scenario=evidence.scenario,
        word=word,
        reason=reason,
        checks=judged if word != "INVALID" else tuple(map(_unproven, judged)),
        outcomes=_counted(outcome_of(request, evidence) for request in inject),
        firings=firings,
        moments=moments_of(evidence),
        usd=usd_of([*(a for _, a in attempts_in(evidence)), *evidence.unattributed], evidence.price_of),
        invalid=tuple(invalid),
    )


def exit_code(words: Iterable[Word]) -> ExitCode:
    """Any FAIL is 1, else any INVALID is 3; no verdict at all proves nothing."""
    given = set(words)
    if "FAIL" in given:
        return ExitCode.FAILED
    return ExitCode.PASS if given == {"PASS"} else ExitCode.NO_DATA


def _budget(expectations: Sequence[Expectation], default: int) -> int:
    """What is a storm: the tightest budget of attempts that is expected."""
    return min((e.check.at_most for e in expectations if isinstance(e.check, Attempts)), default=default)


def _judges_recovery(check: Check, evidence: Evidence) -> bool:
    """Whether it fails where nothing is answered after the fault: so many must be good, of a recovery's requests."""
    return isinstance(check, AtLeast) and any(
        phase.kind == "recover" for phase in phases_of(evidence, check.phases, check.kind)
    )


def _of_checks(judged: Sequence[Judged], invalid: Sequence[Reason]) -> tuple[Word, str]:
    failed = [each for each in judged if each.result.word == "FAIL"]
    if invalid and not (failed and all(reason.code in YIELDS_TO_A_FAIL for reason in invalid)):
        return "INVALID", invalid[0].sentence
    words: tuple[Word, ...] = ("FAIL", "INVALID")
    for word in words:
        found = [each for each in judged if each.result.word == word]
        if found:
            return word, "; ".join(f"{each.expectation.name}: {each.result.reason}" for each in found)
    return "PASS", f"{len(judged)} of {len(judged)} expectations hold"


def _unproven(judged: Judged) -> Judged:
    """What a check found in a run that is INVALID: nobody may take it for a verdict."""
    found = judged.result
    if found.word == "INVALID":
        return judged
    would: Literal["pass", "fail"] = "pass" if found.word == "PASS" else "fail"
    return replace(judged, result=replace(found, word="INVALID", reason=f"would {would}: {found.reason}", would=would))


def _counted(outcomes: Iterable[Outcome]) -> dict[str, int]:
    counts = Counter(outcomes)
    return {outcome: counts[outcome] for outcome in OUTCOMES if counts[outcome]}
