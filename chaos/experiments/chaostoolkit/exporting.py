"""One of our experiments as one of Chaos Toolkit's: its proxy and system run already, and our module drives them."""

import re
from collections.abc import Mapping
from typing import Any

from llmops.chaos.experiments.chaostoolkit.activity import LIMIT_S
from llmops.chaos.experiments.expectations import expectations_of
from llmops.chaos.experiments.loader import Source
from llmops.chaos.experiments.planned_fault import planned_fault, scaled
from llmops.chaos.experiments.redaction import NAME_OF_A_SECRET
from llmops.chaos.experiments.schema import Experiment, Hold, Injected, Phase
from llmops.chaos.experiments.stepping import MARGIN_S
from llmops.errors import LlmopsError

MODULE = "llmops.chaos.experiments.chaostoolkit"
VERDICT_IS_PASS = {"type": "regex", "target": "verdict", "pattern": "^PASS$"}
DRILL = ("name", "seed", "load", "expectations", "abort")
VARIABLE = re.compile(r"\{env\.(\w+)\}")
RUNNING = {
    "control": "${llmops_control}",
    "system": "${llmops_system}",
    "drill": "${llmops_drill}",
    "key": "${llmops_key}",
}
DESCRIPTION = (
    "Made by `llmops chaos export`. It drives a proxy and a system that run already: see docs/chaos-toolkit.md of "
    "llmops-toolkit, which must be installed beside Chaos Toolkit. The variables LLMOPS_CONTROL, LLMOPS_JOURNAL, "
    "LLMOPS_SYSTEM_URL and LLMOPS_SYSTEM_KEY say where they are."
)


def exported(experiment: Experiment, source: Source, *, speed: float = 1.0) -> dict[str, Any]:
    """The experiment in their form. BadInput, with the line, for what theirs cannot say, or what could never run."""
    _refuse(experiment, source)
    expectations_of(experiment, source)
    for at, phase in enumerate(experiment.phases):
        _check(phase, at, experiment, source, speed)
    return document_of(experiment, speed=speed)


def document_of(experiment: Experiment, *, speed: float = 1.0) -> dict[str, Any]:
    """The experiment in their form; no key of its system gets in."""
    title = experiment.title or experiment.name
    return {
        "version": "1.0.0",
        "title": title,
        "description": DESCRIPTION,
        "tags": ["llmops", experiment.name],
        **_values(experiment, speed),
        "runtime": {"hypothesis": {"strategy": "default"}, "rollbacks": {"strategy": "always"}},
        "steady-state-hypothesis": {"title": title, "probes": [verdict_probe(experiment)]},
        "method": [each for phase in experiment.phases for each in phase_activities(experiment, phase, speed)],
        "rollbacks": [_activity("action", "end every fault", "clear_all", {"control": "${llmops_control}"})],
        "extensions": [{"name": "llmops", "sources": experiment.sources, "starts": _starts(experiment)}],
    }


def verdict_probe(experiment: Experiment) -> dict[str, Any]:
    """The probe of the hypothesis."""
    arguments = {**RUNNING, "journal": "${llmops_journal}", **_headers(experiment)}
    if not any(phase.faults for phase in experiment.phases):
        arguments["placebo"] = True
    probe = _activity("probe", "the verdict on failover", "failover_verdict", arguments)
    return {**probe, "tolerance": VERDICT_IS_PASS}


def phase_activities(experiment: Experiment, phase: Phase, speed: float = 1.0) -> list[dict[str, Any]]:
    """What a phase does, in turn: its faults begin, load is sent, what they hit is asked, they end."""
    begin = [inject_action(phase, fault, speed) for fault in phase.faults]
    ask = [_on_fault("probe", "receipts", "receipts of", phase, fault) for fault in phase.faults]
    end = [clear_action(phase, fault) for fault in phase.faults]
    return [*begin, load_action(experiment, phase, speed), *ask, *end]


def inject_action(phase: Phase, fault: Injected, speed: float = 1.0) -> dict[str, Any]:
    schedule = scaled(fault.schedule, speed).model_dump(mode="json", exclude_defaults=True)
    scope = fault.scope.model_dump(mode="json", exclude_defaults=True)
    given: dict[str, Any] = {"parameters": fault.parameters, "scope": scope, "schedule": schedule, "name": fault.name}
    target = {"control": "${llmops_control}", "provider": fault.provider, "fault": fault.fault}
    arguments = {**target, **{name: value for name, value in given.items() if value}}
    return _activity("action", _named("inject", phase, fault), "inject", arguments)


def load_action(experiment: Experiment, phase: Phase, speed: float = 1.0) -> dict[str, Any]:
    arguments = {**RUNNING, "phase": phase.name, **_hold(phase, speed), **_headers(experiment)}
    limit_s = _lasts_s(phase, experiment, speed) + experiment.load.deadline_s + MARGIN_S
    load = _activity("action", f"send load ({phase.name})", "send_load", arguments)
    return load if limit_s < LIMIT_S else {**load, "timeout": round(limit_s, 3)}


def clear_action(phase: Phase, fault: Injected) -> dict[str, Any]:
    return _on_fault("action", "clear", "clear", phase, fault)


def _on_fault(kind: str, func: str, said: str, phase: Phase, fault: Injected) -> dict[str, Any]:
    arguments = {"control": "${llmops_control}", "provider": fault.provider, "name": fault.name or fault.fault}
    return _activity(kind, _named(said, phase, fault), func, arguments)


def _named(said: str, phase: Phase, fault: Injected) -> str:
    return f"{said} {fault.name or fault.fault} on {fault.provider} ({phase.name})"


def _activity(kind: str, name: str, func: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    provider = {"type": "python", "module": MODULE, "func": func, "arguments": dict(arguments)}
    return {"type": kind, "name": name, "provider": provider}


# --- what the activities name


def _values(experiment: Experiment, speed: float) -> dict[str, Any]:
    names = sorted({name for text in experiment.system.headers.values() for name in VARIABLE.findall(text)})
    url = experiment.system.url or f"http://127.0.0.1:4000{experiment.system.base_path or '/v1'}"
    configuration = {
        "llmops_control": _variable("LLMOPS_CONTROL", "http://127.0.0.1:8474"),
        "llmops_journal": _variable("LLMOPS_JOURNAL", "proxy.jsonl"),
        "llmops_system": _variable("LLMOPS_SYSTEM_URL", url),
        "llmops_key": _variable("LLMOPS_SYSTEM_KEY", "llmops-load"),
        "llmops_drill": _drill(experiment, speed),
    }
    secrets = {"llmops": {name: {"type": "env", "key": name} for name in names}}
    return {"configuration": configuration, **({"secrets": secrets} if names else {})}


def _variable(name: str, default: str) -> dict[str, str]:
    return {"type": "env", "key": name, "default": default}


def _drill(experiment: Experiment, speed: float) -> dict[str, Any]:
    """What is asked, of whom, and what is expected: the experiment without its system and its phases."""
    given = experiment.model_dump(mode="json", exclude_defaults=True)
    drill: dict[str, Any] = {name: given[name] for name in DRILL if name in given}
    providers = {
        name: {key: value for key, value in (("simulate", each.simulate), ("models", each.models)) if value}
        for name, each in experiment.providers.items()
    }
    holds = {"baseline": _hold(experiment.baseline, speed), "recovery": _hold(experiment.recovery, speed)}
    return {**drill, "providers": providers, **holds}


def _hold(hold: Hold, speed: float) -> dict[str, float]:
    if hold.duration_s is not None:
        return {"duration_s": hold.duration_s / speed}
    return {"requests": hold.requests or 0}


def _headers(experiment: Experiment) -> dict[str, Any]:
    """Without those that hold a key as it is: it has another way in."""
    headers = {name: VARIABLE.sub(r"${\1}", text) for name, text in experiment.system.headers.items()}
    shown = {name: text for name, text in headers.items() if "${" in text or not NAME_OF_A_SECRET.search(name)}
    return {"headers": shown} if shown else {}


def _starts(experiment: Experiment) -> dict[str, Any]:
    """What must run before, for the reader: how our own runner would start it. No files, environment or headers."""
    system = experiment.system.model_dump(mode="json", exclude_defaults=True, include={"known", "settings", "timers_s"})
    providers = {
        name: each.model_dump(mode="json", exclude_defaults=True, exclude={"port"})
        for name, each in experiment.providers.items()
    }
    return {"system": system, "providers": providers}


# --- what cannot be exported


def _refuse(experiment: Experiment, source: Source) -> None:
    if experiment.repetitions > 1:
        raise source.refusal(
            "repetitions cannot be exported: Chaos Toolkit has none", "repetitions", hint="run it again"
        )
    for name, provider in experiment.providers.items():
        if provider.tls:
            message = f"providers.{name}.tls cannot be exported: the proxy is asked over plain HTTP"
            raise source.refusal(message, "providers", name, "tls", hint="take it out")
    for name, text in experiment.system.headers.items():
        if NAME_OF_A_SECRET.search(name) and not VARIABLE.search(text):
            message = f"system.headers.{name} holds a key as it is, which is not written elsewhere"
            raise source.refusal(message, "system", "headers", name, hint="name it in env_from, and write {env.NAME}")


def _check(phase: Phase, at: int, experiment: Experiment, source: Source, speed: float) -> None:
    """BadInput for a fault that could never fire."""
    requests = _requests(phase, experiment, speed)
    duration_s = _lasts_s(phase, experiment, speed)
    for number, fault in enumerate(phase.faults):
        try:
            planned_fault(fault, experiment, requests=requests, duration_s=duration_s, speed=speed)
        except LlmopsError as error:
            raise source.refusal(str(error), "phases", at, "faults", number, hint=error.hint) from error


def _lasts_s(hold: Hold, experiment: Experiment, speed: float) -> float:
    if hold.duration_s is not None:
        return hold.duration_s / speed
    return (hold.requests or 0) / experiment.load.requests_per_second


def _requests(hold: Hold, experiment: Experiment, speed: float) -> int:
    if hold.duration_s is None:
        return hold.requests or 0
    return max(1, int(hold.duration_s / speed * experiment.load.requests_per_second))
