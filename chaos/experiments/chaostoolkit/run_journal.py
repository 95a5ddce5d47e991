"""The journal of one of our own runs in the shape of Chaos Toolkit's: as if it had played the exported experiment."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from llmops.chaos.experiments.chaostoolkit.exporting import (
    clear_action,
    document_of,
    inject_action,
    load_action,
    verdict_probe,
)
from llmops.chaos.experiments.chaostoolkit.journal import closing, guarded, opening, run_item
from llmops.chaos.experiments.evidence import Evidence, Injection, Phase
from llmops.chaos.experiments.outcomes import looks_whole
from llmops.chaos.experiments.schema import Experiment
from llmops.chaos.experiments.selection import requests_of
from llmops.chaos.experiments.validity import HEALTHY_RATIO, LEAST_BASELINE
from llmops.chaos.experiments.verdict import ScenarioVerdict


def run_journal(  # noqa: PLR0913 - each is given by name
    experiment: Experiment,
    evidence: Evidence,
    verdict: ScenarioVerdict,
    *,
    speed: float,
    redact: Callable[[str], str],
    now: datetime,
) -> dict[str, Any]:
    """One phase is the action that begins its faults, the load, and the action that ends them."""
    phases = evidence.phases
    began_at = _at(phases[0].began_at) if phases else now
    ended_at = _at(max((phase.ended_at for phase in phases), default=now.timestamp()))
    baselines = [_baseline(experiment, phase, evidence) for phase in phases if phase.kind == "baseline"]
    journal = {
        **opening(document_of(experiment, speed=speed), began_at),
        "status": "failed" if verdict.word == "INVALID" else "completed",
        "deviated": verdict.word == "FAIL",
        "steady_states": {
            "before": baselines[0] if baselines else None,
            "during": baselines[1:],  # of further repetitions
            "after": None if evidence.broke_off else _after(experiment, verdict, phases),
        },
        "run": [
            each for phase in phases if phase.kind == "inject" for each in _items(experiment, phase, evidence, speed)
        ],
        "rollbacks": [],  # each phase ended its own faults
        **closing(began_at, ended_at, verdict.word, verdict.reason),
    }
    return guarded(journal, redact)


def _baseline(experiment: Experiment, phase: Phase, evidence: Evidence) -> dict[str, Any]:
    requests = requests_of(evidence, [phase])
    whole = sum(map(looks_whole, requests))
    healthy = len(requests) >= LEAST_BASELINE and whole >= HEALTHY_RATIO * len(requests)
    told = {"verdict": "PASS" if healthy else "INVALID", "reason": f"{whole} of {len(requests)} answers were whole"}
    return _state(experiment, _at(phase.began_at), _at(phase.ended_at), told)


def _after(experiment: Experiment, verdict: ScenarioVerdict, phases: tuple[Phase, ...]) -> dict[str, Any] | None:
    recoveries = [phase for phase in phases if phase.kind == "recover"]
    if not recoveries:
        return None
    told = {
        "verdict": verdict.word,
        "reason": verdict.reason,
        "checks": {each.expectation.name: each.result.word for each in verdict.checks},
        "outcomes": dict(verdict.outcomes),
        "on_user_requests": sum(firing.on_user_requests for firing in verdict.firings),
    }
    return _state(experiment, _at(recoveries[-1].began_at), _at(recoveries[-1].ended_at), told)


def _state(experiment: Experiment, began_at: datetime, ended_at: datetime, told: dict[str, Any]) -> dict[str, Any]:
    met = told["verdict"] == "PASS"
    failure = told["reason"] if told["verdict"] == "INVALID" else ""
    probe = run_item(verdict_probe(experiment), began_at, ended_at, output=told, failure=failure, met=met)
    return {"steady_state_met": met, "probes": [probe]}


def _items(experiment: Experiment, phase: Phase, evidence: Evidence, speed: float) -> Iterator[dict[str, Any]]:
    planned = next(each for each in experiment.phases if each.name == phase.name)
    began_at, ended_at = _at(phase.began_at), _at(phase.ended_at)
    pairs = list(zip(planned.faults, phase.injections, strict=True))
    for fault, injection in pairs:
        on_at = began_at if injection.on_at is None else _at(injection.on_at)
        failure = "" if injection.on_at is not None else "it was never on"
        yield run_item(inject_action(planned, fault, speed), began_at, on_at, failure=failure)
    answers = requests_of(evidence, [phase])
    told = {"sent": len(answers), "whole": sum(map(looks_whole, answers))}
    last = _last_off(phase.injections)
    yield run_item(load_action(experiment, planned, speed), began_at, last or ended_at, output=told)
    for fault, injection in pairs:
        failure = "" if injection.off_at is not None else "it was not seen to be off"
        yield run_item(clear_action(planned, fault), last or ended_at, ended_at, failure=failure)


def _last_off(injections: tuple[Injection, ...]) -> datetime | None:
    off = [each.off_at for each in injections if each.off_at is not None]
    return _at(max(off)) if off else None


def _at(epoch_s: float) -> datetime:
    return datetime.fromtimestamp(epoch_s, UTC)
