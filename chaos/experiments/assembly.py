"""From what a run left to the evidence that judges read."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from llmops.chaos.experiments.evidence import Evidence, ProxyCount
from llmops.chaos.experiments.follow import Line, follow
from llmops.chaos.experiments.journal import finished_lines
from llmops.chaos.experiments.plan import Plan
from llmops.chaos.experiments.redaction import IS_A_SECRET, redactor
from llmops.chaos.experiments.stepping import Left
from llmops.chaos.experiments.system import secrets_of
from llmops.ports import PriceOf


def evidence_of(plan: Plan, left: Left, proxy_journal: Path, price_of: PriceOf | None = None) -> Evidence:
    """The evidence of one run; the proxy has ended, and its journal is whole."""
    experiment = plan.experiment
    lines = list(finished_lines(proxy_journal)) if proxy_journal.exists() else []
    followed = follow(left.requests, lives(lines))
    return Evidence(
        scenario=experiment.name,
        providers=tuple(experiment.providers),
        allowed_models=frozenset(model for provider in experiment.providers.values() for model in provider.models),
        phases=tuple(left.phases),
        requests=followed.requests,
        receipts=followed.receipts,
        proxy_counts=tuple(counts(lines)),
        unattributed=followed.unattributed,
        probes=followed.probes,
        state_probes=tuple(left.state_probes),
        key_given=any(IS_A_SECRET.search(name) for name in experiment.system.headers),
        redact=redactor(secrets_of(experiment.system)),
        price_of=price_of,
        broke_off=left.broke_off,
        system_ended=left.system_ended,
        notes=tuple(left.notes),
    )


def counts(lines: Iterable[Line]) -> Iterator[ProxyCount]:
    """What the proxy says of each injection that has ended."""
    for line in lines:
        if line.get("kind") == "note" and line.get("what") == "injection off":
            hit, applied = line.get("requests_hit", 0), line.get("requests_applied", 0)
            yield ProxyCount(line["provider"], line["injection"], hit, applied)


def lives(lines: Iterable[Line]) -> list[list[Line]]:
    """The lines of each life of a proxy that wrote into this journal: its calls are numbered anew in each."""
    found: dict[object, list[Line]] = defaultdict(list)
    for line in lines:
        found[line.get("run")].append(line)
    return list(found.values())
