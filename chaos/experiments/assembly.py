"""From what a run left to the evidence that judges read."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from llmops.chaos.experiments.evidence import Evidence
from llmops.chaos.experiments.follow import Line, follow
from llmops.chaos.experiments.journal import finished_lines
from llmops.chaos.experiments.plan import Plan
from llmops.chaos.experiments.stepping import Left
from llmops.ports import PriceOf


def evidence_of(plan: Plan, left: Left, proxy_journal: Path, price_of: PriceOf | None = None) -> Evidence:
    """The evidence of one run; the proxy has ended, and its journal is whole."""
    experiment = plan.experiment
    followed = follow(left.requests, lives(finished_lines(proxy_journal)) if proxy_journal.exists() else [])
    return Evidence(
        scenario=experiment.name,
        providers=tuple(experiment.providers),
        allowed_models=frozenset(model for provider in experiment.providers.values() for model in provider.models),
        phases=tuple(left.phases),
        requests=followed.requests,
        receipts=followed.receipts,
        unattributed=followed.unattributed,
        probes=followed.probes,
        state_probes=tuple(left.state_probes),
        price_of=price_of,
        broke_off=left.broke_off,
        system_ended=left.system_ended,
        notes=tuple(left.notes),
    )


def lives(lines: Iterable[Line]) -> list[list[Line]]:
    """The lines of each life of a proxy that wrote into this journal: its calls are numbered anew in each."""
    found: dict[object, list[Line]] = defaultdict(list)
    for line in lines:
        found[line.get("run")].append(line)
    return list(found.values())
