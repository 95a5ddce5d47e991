"""The providers and the proxy of a run, each a process of its own: the commands that a user could start."""

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from llmops.chaos.experiments.private_files import write_private
from llmops.chaos.experiments.processes import Child, clean_environment, free_port, own_command, started
from llmops.chaos.experiments.schema import Experiment, Provider
from llmops.chaos.providers.base import providers

PROXY_LOG = "proxy.log"
ANNOUNCED = ("control", "authority", "journal")  # words that its first lines begin with, besides the providers' names
START_S = 30.0
"""A slow machine that starts several at once."""
DRAIN_S = 15.0
"""The proxy lets calls finish and writes its journal out; it takes ten seconds at most."""


@asynccontextmanager
async def fronted(experiment: Experiment, journal: Path, workdir: Path) -> AsyncIterator[dict[str, str]]:
    """All providers behind the proxy: the base URL of each, `control`, and `authority` where there is TLS.

    They start at the same time, at ports that are chosen beforehand; the proxy ends before what it fronts.
    """
    env = clean_environment(workdir, {})
    upstream = {name: provider.upstream or "" for name, provider in experiment.providers.items()}
    async with AsyncExitStack() as stack:
        children = []
        for name, provider in experiment.providers.items():
            if provider.simulate is not None:
                port = free_port()
                command = provider_command(provider, experiment.seed, port)
                start = started(f"the simulated provider {name}", command, env=env, cwd=workdir)
                children.append(await stack.enter_async_context(start))
                upstream[name] = f"http://127.0.0.1:{port}{providers.get(provider.simulate)().base_path}"
        stack.callback(lambda: _keep_words(proxy, upstream, journal))  # when it has ended
        lines = len(experiment.providers) + 1 + any(provider.tls for provider in experiment.providers.values())
        proxy = await stack.enter_async_context(_proxy(experiment, upstream, journal, workdir))
        found = [await proxy.line(START_S) for _ in range(lines)]
        for child in children:
            await child.line(START_S)
        yield dict(line.split(maxsplit=1) for line in found)


def _keep_words(proxy: Child, providers: Iterable[str], journal: Path) -> None:
    """What the proxy said beside its addresses, which is nothing as long as it is well."""
    announced = {*ANNOUNCED, *providers}
    more = [line for line in proxy.said if line.split(maxsplit=1)[:1] and line.split()[0] not in announced]
    if more:
        write_private(journal.with_name(PROXY_LOG), "\n".join(more) + "\n")


def _proxy(
    experiment: Experiment, upstream: Mapping[str, str], journal: Path, workdir: Path
) -> AbstractAsyncContextManager[Child]:
    config = workdir / "llmops.yaml"
    section = proxy_section(experiment, upstream, journal)
    write_private(config, json.dumps({"chaos": section}))  # JSON is YAML
    command = own_command("chaos", "proxy", "--config", str(config))
    env = clean_environment(workdir, {})
    return started("the proxy", command, env=env, cwd=workdir, grace_s=DRAIN_S, remove=workdir)


def provider_command(provider: Provider, seed: int, port: int) -> list[str]:
    """The command of a simulated provider."""
    assert provider.simulate is not None  # noqa: S101 - asked before
    itl_s = 1 / provider.tokens_per_second if provider.tokens_per_second else provider.itl_s
    options: list[tuple[str, object]] = [
        ("--port", port),
        ("--seed", seed),
        ("--ttft", _delay(provider.ttft_s, provider.ttft_p95_s)),
        ("--itl", _delay(itl_s, provider.itl_p95_s)),
        ("--rpm", provider.requests_per_minute),
        ("--tpm", provider.tokens_per_minute),
        ("--rpd", provider.requests_per_day),
        *(("--model", model) for model in provider.models),
    ]
    given = [str(part) for name, value in options if value is not None for part in (name, value)]
    return own_command(
        "chaos", "provider", provider.simulate, *given, *(["--refuse-prefill"] if provider.refuse_prefill else [])
    )


def _delay(median_s: float | None, p95_s: float | None) -> str | None:
    if median_s is None:
        return None
    return f"{median_s}" if p95_s is None else f"{median_s}:{p95_s}"


def proxy_section(experiment: Experiment, upstream: Mapping[str, str], journal: Path) -> dict[str, Any]:
    """The section `chaos:` of the proxy's configuration."""
    return {
        "control": "127.0.0.1:0",
        "journal": str(journal.resolve()),
        "seed": experiment.seed,
        "tenant_header": experiment.load.tenant_header if experiment.load.tenants else None,
        "providers": {
            name: {
                "upstream": upstream[name],
                "port": provider.port or 0,
                "tls": provider.tls,
                "models": provider.models,
                "ca_file": provider.ca_file and str(Path(provider.ca_file).resolve()),
            }
            for name, provider in experiment.providers.items()
        },
    }
