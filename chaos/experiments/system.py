"""The system under test: started in a clean environment and waited for, or one that runs already."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from llmops.chaos.experiments.placeholders import filled
from llmops.chaos.experiments.private_files import write_private
from llmops.chaos.experiments.processes import Child, clean_environment, free_port, program, started
from llmops.chaos.experiments.redaction import secrets_in, secrets_of_command, secrets_said
from llmops.chaos.experiments.schema import Ready, System
from llmops.errors import NoData

if TYPE_CHECKING:
    import aiohttp

POLL_S = 0.05
PROBE_TIMEOUT_S = 2.0


class NeverReady(NoData):
    """The system did not become ready: there is nothing to judge. Its last output is the hint."""


@dataclass(frozen=True)
class Running:
    """A system that answers."""

    base_url: str
    headers: Mapping[str, str]
    child: Child | None = None  # None: it ran before us


def secrets_of(system: System) -> list[str]:
    """What must never be shown of a system's configuration."""
    passed = {name: os.environ.get(name, "") for name in system.env_from}
    settings = {name: value for name, value in system.settings.items() if isinstance(value, str)}
    named = [secret for values in (passed, system.env, system.headers, settings) for secret in secrets_in(values)]
    in_files = [secret for text in system.files.values() for secret in secrets_said(text)]
    return [*passed.values(), *named, *in_files, *secrets_of_command(system.command or ())]


@dataclass(frozen=True)
class Places:
    """Where a system is started: in a working folder of its own, by an experiment of this folder."""

    workdir: Path
    folder: Path


def values_of(system: System, proxies: Mapping[str, str], places: Places, port: int) -> dict[str, str]:
    """What stands for each placeholder; `proxies` are the base URLs of the providers' proxies, and `authority`."""
    values = {"port": str(port), "workdir": str(places.workdir), "folder": str(places.folder)}
    values["authority"] = proxies.get("authority", "")
    for name, url in proxies.items():
        if name == "authority":
            continue
        parts = urlsplit(url)
        values |= {f"{name}.base_url": url, f"{name}.origin": f"{parts.scheme}://{parts.netloc}"}
        values[f"{name}.port"] = str(parts.port)
    values |= {f"settings.{name}": str(value) for name, value in system.settings.items()}
    return values | {f"env.{name}": os.environ[name] for name in system.env_from}


@asynccontextmanager
async def running(
    system: System,
    proxies: Mapping[str, str],
    http: "aiohttp.ClientSession",
    places: Places,
    redact: Callable[[str], str],
) -> AsyncIterator[Running]:
    """The system while the body runs. NeverReady, with its last output."""
    workdir = places.workdir
    values = values_of(system, proxies, places, free_port())
    headers = {name: filled(value, values) for name, value in system.headers.items()}
    if system.command is None:
        assert system.url is not None  # noqa: S101 - it is one of both
        yield Running(system.url.rstrip("/"), headers)
        return
    for name, text in system.files.items():
        write_private(workdir / name, filled(text, values))
    command = program([filled(part, values) for part in system.command])
    passed = {name: os.environ[name] for name in system.env_from}
    env = clean_environment(workdir, {**passed, **{name: filled(value, values) for name, value in system.env.items()}})
    origin = f"http://127.0.0.1:{values['port']}"
    async with started("the system", command, env=env, cwd=workdir, redact=redact) as child:
        await _until_ready(child, origin, system.ready or Ready(), http)
        yield Running(f"{origin}{system.base_path or ''}", headers, child)


async def _until_ready(child: Child, origin: str, ready: Ready, http: "aiohttp.ClientSession") -> None:
    try:
        async with asyncio.timeout(ready.timeout_s):
            while child.running:
                if await _answers(http, origin + ready.path):
                    return
                await asyncio.sleep(POLL_S)
            await asyncio.sleep(POLL_S)  # for its last words
    except TimeoutError:
        pass
    how = f"was not ready after {ready.timeout_s:g} s" if child.running else child.state()
    raise NeverReady(f"the system {how}", hint=child.last_output or "it said nothing")


async def _answers(http: "aiohttp.ClientSession", url: str) -> bool:
    import aiohttp

    try:
        async with http.get(url, timeout=aiohttp.ClientTimeout(total=PROBE_TIMEOUT_S), allow_redirects=False) as answer:
            return 200 <= answer.status < 300  # noqa: PLR2004 - well
    except (aiohttp.ClientError, TimeoutError):
        return False
