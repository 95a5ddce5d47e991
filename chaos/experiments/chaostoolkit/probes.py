"""Probes for Chaos Toolkit: what the faults did, what callers got, and what all of it means."""

from typing import Any, Literal

from llmops.chaos.experiments.chaostoolkit.background import background

__all__ = ["failover_verdict", "faults_on", "latency_s", "provider_attempts", "receipts", "success_ratio"]


def failover_verdict(  # noqa: PLR0913, PLR0917 - the arguments of an activity
    control: str,
    journal: str,
    system: str,
    drill: dict[str, Any],
    key: str = "",
    headers: dict[str, str] | None = None,
    placebo: bool = False,
) -> dict[str, Any]:
    """Before anything was done: whether the system is healthy. Afterwards: the verdict over all that was done and sent.

    Let it be a probe of the hypothesis, with the tolerance {type: regex, target: verdict, pattern: ^PASS$}. `drill` is
    an experiment without system and phases; its `baseline` is sent before the method, its `recovery` after it. A run
    that proves nothing fails the probe, with the reason; so does one without any fault, unless it is a `placebo`.
    """
    from llmops.chaos.experiments.chaostoolkit.drill import drill_at
    from llmops.chaos.experiments.chaostoolkit.settings import experiment_of, headers_of
    from llmops.errors import NoData

    experiment, at = experiment_of(drill, system), drill_at(control)
    sent = headers_of(experiment, key, headers or {})
    if not at.left.phases:
        background().run(at.ask(experiment, "baseline", "baseline", experiment.baseline, sent))
        return _health(at.left.requests)
    if not at.has_injected and not placebo:
        raise NoData(at.left.broke_off or "no fault was on while load was sent in this drill")
    background().run(at.ask(experiment, "recovery", "recover", experiment.recovery, sent))
    return _verdict(background().run(at.verdict(experiment, journal)))


def receipts(control: str, provider: str, name: str) -> int:
    """How many requests (below HTTP: connections) a fault has hit since it was begun. It must be on."""
    from llmops.chaos.experiments.chaostoolkit.drill import drill_at

    return background().run(drill_at(control).hits(provider, name))


def faults_on(control: str) -> int:
    """How many faults are on, whoever began them."""
    from llmops.chaos.experiments.chaostoolkit.drill import drill_at

    return len(background().run(drill_at(control).active()))


def provider_attempts(control: str, journal: str, provider: str) -> int:
    """How many inference requests have reached a provider's proxy since this drill began, by the proxy's journal."""
    from llmops.chaos.experiments.chaostoolkit.drill import drill_at
    from llmops.chaos.experiments.chaostoolkit.proxy_lines import lines_since, settled

    background().run(settled(journal))
    wires = (each for each in lines_since(journal, drill_at(control).began_at) if each["kind"] == "wire")
    return sum(each["provider"] == provider and each["dialect"] is not None for each in wires)


def success_ratio(control: str, phase: str) -> float:
    """How many of the answers of a phase were whole: complete, and the true one where the truth is known."""
    from llmops.chaos.experiments.outcomes import looks_whole

    answers = _answers(control, phase)
    return sum(map(looks_whole, answers)) / len(answers)


def latency_s(
    control: str, phase: str, measure: Literal["ttft", "e2e"] = "e2e", percentile: float = 95.0
) -> float | None:
    """A percentile of the seconds to the first visible token, or to the end; none where too many never came."""
    from math import inf, isfinite

    from llmops.chaos.experiments.percentile import percentile as percentile_of

    ends = [each.first_token_at if measure == "ttft" else each.ended_at for each in _answers(control, phase)]
    begins = [each.scheduled_at for each in _answers(control, phase)]
    seconds = [inf if end is None else end - begin for begin, end in zip(begins, ends, strict=True)]
    found = percentile_of(seconds, percentile)
    return found if found is not None and isfinite(found) else None


def _answers(control: str, phase: str) -> list[Any]:
    from llmops.chaos.experiments.chaostoolkit.drill import drill_at
    from llmops.errors import NoData

    answers = [each for each in drill_at(control).left.requests if each.phase == phase]
    if not answers:
        raise NoData(f"nothing was sent in a phase {phase!r} of this drill")
    return answers


def _health(requests: list[Any]) -> dict[str, Any]:
    """Of the baseline. NoData where it is not healthy: nothing can be shown then."""
    from llmops.chaos.experiments.outcomes import looks_whole
    from llmops.chaos.experiments.validity import HEALTHY_RATIO, LEAST_BASELINE
    from llmops.errors import NoData

    whole = sum(map(looks_whole, requests))
    told = f"{whole} of {len(requests)} answers of the baseline were whole"
    if len(requests) < LEAST_BASELINE or whole < HEALTHY_RATIO * len(requests):
        raise NoData(f"the system is not healthy: {told}")
    return {"verdict": "PASS", "reason": told}


def _verdict(found: Any) -> dict[str, Any]:  # noqa: ANN401 - a ScenarioVerdict, whose module is heavy
    from llmops.errors import NoData

    if found.word == "INVALID":
        raise NoData(found.reason)
    return {
        "verdict": found.word,
        "reason": found.reason,
        "checks": {each.expectation.name: each.result.word for each in found.checks},
        "outcomes": dict(found.outcomes),
        "on_user_requests": sum(firing.on_user_requests for firing in found.firings),
    }
