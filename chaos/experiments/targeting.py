"""An experiment against a system of the user's own, in place of the one that it names."""

import re
from collections.abc import Sequence

from llmops.chaos.experiments.first import FIRST_PORT
from llmops.chaos.experiments.schema import Experiment, Provider, System
from llmops.chaos.providers.base import providers as simulated
from llmops.chaos.proxy.config import address_of
from llmops.errors import BadInput

VARIABLE = re.compile(r"\{env\.(\w+)\}")


def targeted(experiment: Experiment, url: str, headers: Sequence[str]) -> Experiment:
    """The same, against this URL. Providers without a port take 9101 and those after it, for the system to point at.

    A header is `NAME: VALUE`; it may name variables of the environment as {env.NAME}. BadInput.
    """
    try:
        address_of(url)
    except BadInput as error:
        raise BadInput(f"--target: {error}", hint=error.hint) from error
    values = dict(map(header_of, headers))
    env_from = sorted({name for value in values.values() for name in VARIABLE.findall(value)})
    system = System(url=url, headers=values, env_from=env_from, timers_s=experiment.system.timers_s)
    if experiment.proxy is not None:  # its addresses are its own
        return experiment.model_copy(update={"system": system})
    taken = {provider.port for provider in experiment.providers.values()}
    free = (port for port in range(FIRST_PORT, 65536) if port not in taken)
    providers = {
        name: provider if provider.port is not None else provider.model_copy(update={"port": next(free)})
        for name, provider in experiment.providers.items()
    }
    return experiment.model_copy(update={"system": system, "providers": providers})


def proxy_urls(experiment: Experiment) -> dict[str, str]:
    """What the target must have as the base URL of each provider."""
    if experiment.proxy is not None:
        return {}
    return {name: f"http://127.0.0.1:{each.port}{_path(each)}" for name, each in experiment.providers.items()}


def _path(provider: Provider) -> str:
    if provider.simulate is not None:
        return simulated.get(provider.simulate)().base_path
    return address_of(provider.upstream or "").path


def header_of(text: str) -> tuple[str, str]:
    """`NAME: VALUE` in two. BadInput."""
    name, colon, value = text.partition(":")
    if not colon or not name.strip() or not value.strip():
        raise BadInput(f"{name!r} is no header", hint='write it as "authorization: Bearer {env.GATEWAY_KEY}"')
    return name.strip(), value.strip()
