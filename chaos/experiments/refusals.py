"""What of an experiment contradicts itself or cannot be done here: refused with its line, before anything starts."""

import os
from collections.abc import Iterator

from llmops.chaos.experiments import placeholders
from llmops.chaos.experiments.loader import Path_, Source
from llmops.chaos.experiments.schema import Experiment, Load, Provider, System
from llmops.chaos.load.asks import ASKS
from llmops.chaos.providers.base import providers as simulated
from llmops.chaos.proxy.config import address_of
from llmops.errors import BadInput, nearest_hint

RESERVED = ("control", "authority", "settings", "env")  # words of placeholders, and of what the proxy announces

MOST_DEADLINE_S = 600.0
"""After which openai-python and anthropic-python give up by themselves (their default `timeout`, both 10 minutes)."""


def refuse_contradictions(experiment: Experiment, source: Source) -> None:
    """BadInput, with the line, for the first thing that cannot be."""
    _check_providers(experiment, source)
    _check_system(experiment, source)
    _check_placeholders(experiment, source)
    _check_load(experiment.load, source)


def _check_load(load: Load, source: Source) -> None:
    if load.dialect not in ASKS:
        hint = nearest_hint(load.dialect, ASKS)
        raise source.refusal(f"no load speaks {load.dialect!r}", "load", "dialect", hint=hint)
    if not load.model.strip():
        raise source.refusal("the load names no model", "load", "model", hint="as the system knows it, such as gpt-4o")
    if load.deadline_s > MOST_DEADLINE_S:
        message = f"a deadline of {load.deadline_s:g} s: no request would hang, callers have given up before"
        raise source.refusal(message, "load", "deadline_s", hint=f"at most {MOST_DEADLINE_S:g}")


def _check_providers(experiment: Experiment, source: Source) -> None:
    ports: set[int] = set()
    for name, provider in experiment.providers.items():
        if name in RESERVED:
            raise source.refusal(f"{name!r} has a meaning of its own", "providers", name, hint="name it otherwise")
        if provider.port in ports:
            raise source.refusal(f"port {provider.port} is another provider's", "providers", name, "port")
        ports |= {provider.port} if provider.port else set()
        _check_behind(provider, name, experiment, source)
        _check_provider(provider, ("providers", name), source)


def _check_behind(provider: Provider, name: str, experiment: Experiment, source: Source) -> None:
    """What stands behind the proxy is said where the proxy is ours, and known to it where it is not."""
    of_ours = sorted(provider.model_fields_set - {"models"})
    if experiment.proxy is None and provider.simulate is None and provider.upstream is None:
        hint = "simulate: openai, or upstream: https://api.openai.com/v1"
        raise source.refusal(f"nothing stands behind the proxy of {name}", "providers", name, hint=hint)
    if experiment.proxy is not None and of_ours:
        message = f"the proxy runs already: {of_ours[0]} of {name} is not for us to say"
        raise source.refusal(message, "providers", name, of_ours[0], hint="leave it out")


def _check_provider(provider: Provider, path: Path_, source: Source) -> None:
    if provider.simulate is not None and provider.simulate not in simulated.names():
        raise source.refusal(
            f"no simulated provider is named {provider.simulate!r}",
            *path, "simulate",
            hint=nearest_hint(provider.simulate, simulated.names()),
        )  # fmt: skip
    if provider.upstream is not None:
        _check_url(provider.upstream, (*path, "upstream"), source)


def _check_url(url: str, path: Path_, source: Source) -> None:
    try:
        address_of(url)
    except BadInput as error:
        raise source.refusal(str(error), *path, hint=error.hint) from error


def _check_system(experiment: Experiment, source: Source) -> None:
    system = experiment.system
    if system.url is not None:
        _check_url(system.url, ("system", "url"), source)
    _check_pointing(experiment, source)
    for name in system.env_from:
        if name not in os.environ:
            raise source.refusal(f"the environment has no {name}", "system", "env_from", hint=f"export {name}=…")
    for name in system.files:
        if name.startswith("/") or ".." in name.split("/"):
            raise source.refusal(f"the file {name!r} is outside of the working folder", "system", "files", name)


def _check_pointing(experiment: Experiment, source: Source) -> None:
    """A system that runs already can only point at proxies whose addresses are known beforehand."""
    runs_already = experiment.system.url is not None
    if experiment.proxy is not None:
        _check_url(experiment.proxy.control, ("proxy", "control"), source)
        if not runs_already:
            message = "before a proxy that runs already stands a system that runs already"
            raise source.refusal(message, "system", hint="give its `url`")
        return
    for name, provider in experiment.providers.items():
        if runs_already and provider.port is None:
            message = f"the system runs already, and {name} has no fixed port for it to point at"
            hint = f"give {name} a `port`, and the system http://127.0.0.1:PORT as its base URL"
            raise source.refusal(message, "providers", name, hint=hint)


def _check_placeholders(experiment: Experiment, source: Source) -> None:
    system = experiment.system
    known = placeholders.known_names(experiment.providers, system.settings, system.env_from)
    for path, text in _texts(system):
        try:
            placeholders.check(text, known, only_ours=path[0] == "files")
        except BadInput as error:
            raise source.refusal(str(error), "system", *path, hint=error.hint) from error


def _texts(system: System) -> Iterator[tuple[Path_, str]]:
    for at, word in enumerate(system.command or ()):
        yield ("command", at), word
    for part in ("files", "env", "headers"):
        for name, text in getattr(system, part).items():
            yield (part, name), text
