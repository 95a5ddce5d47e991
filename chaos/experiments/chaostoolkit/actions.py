"""Actions for Chaos Toolkit: faults on a proxy that runs already, held by leases, and load for the system behind it."""

from typing import Any

from llmops.chaos.experiments.chaostoolkit.background import background

__all__ = ["clear", "clear_all", "inject", "send_load"]


def inject(  # noqa: PLR0913, PLR0917 - the arguments of an activity
    control: str,
    provider: str,
    fault: str,
    parameters: dict[str, Any] | None = None,
    scope: dict[str, Any] | None = None,
    schedule: dict[str, Any] | None = None,
    name: str | None = None,
    lease_s: float = 10.0,
) -> None:
    """Begin a fault on a provider of the proxy whose control API is at `control`, and hold it.

    It is on until `clear` or `clear_all`, and not longer than this process and `lease_s`: its lease is renewed from
    here. Faults, their parameters, scopes and schedules are those of `llmops chaos faults`.
    """
    from llmops.chaos.experiments.chaostoolkit.drill import noted
    from llmops.chaos.experiments.chaostoolkit.settings import injection_of

    with noted(control) as drill:
        injection, toxic = injection_of(provider, fault, parameters or {}, scope or {}, schedule or {}, name)
        background().run(drill.inject(injection, toxic, lease_s))


def clear(control: str, provider: str, name: str) -> None:
    """End a fault, by its name or that of its kind, and see that it is off."""
    from llmops.chaos.experiments.chaostoolkit.drill import noted

    with noted(control) as drill:
        background().run(drill.clear(provider, name))


def clear_all(control: str) -> None:
    """End every fault on the proxy, whoever began it; the drill is over."""
    from llmops.chaos.experiments.chaostoolkit.drill import drill_at, end

    background().run(drill_at(control).clear_all())
    end(control)


def send_load(  # noqa: PLR0913, PLR0917 - the arguments of an activity
    control: str,
    system: str,
    drill: dict[str, Any],
    phase: str,
    requests: int | None = None,
    duration_s: float | None = None,
    key: str = "",
    headers: dict[str, str] | None = None,
) -> dict[str, int]:
    """Send so many requests, or those of so many seconds, to the system at the base URL `system`; how many were whole.

    `drill` says `load` and `providers` in the words of an experiment. What comes back is kept for the verdict.
    """
    from llmops.chaos.experiments.chaostoolkit.drill import noted
    from llmops.chaos.experiments.chaostoolkit.settings import experiment_of, headers_of, hold_of
    from llmops.chaos.experiments.outcomes import looks_whole

    with noted(control) as at:
        experiment = experiment_of(drill, system)
        hold = hold_of({"requests": requests, "duration_s": duration_s})
        background().run(at.ask(experiment, phase, "inject", hold, headers_of(experiment, key, headers or {})))
    answers = [each for each in at.left.requests if each.phase == phase]
    return {"sent": len(answers), "whole": sum(map(looks_whole, answers))}
