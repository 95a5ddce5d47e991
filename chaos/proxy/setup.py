"""From the configuration, or from the command line alone, to a running proxy with its control API."""

import asyncio
import gc
import re
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from llmops.chaos.proxy.config import (
    MAX_PORT,
    ChaosSection,
    ProviderSection,
    address_of,
    host_port,
    lease_of,
    schedule_of,
    scope_of,
)
from llmops.chaos.proxy.injection import Injection, begins_too_late, make_fault
from llmops.chaos.proxy.journal import Journal
from llmops.chaos.proxy.keys import url_without_keys
from llmops.chaos.proxy.pool import upstream_tls
from llmops.chaos.proxy.provider import FAULT_FAILED
from llmops.chaos.proxy.proxy import ProviderPlan, Proxy, ProxyPlan
from llmops.chaos.proxy.reach import Reach
from llmops.chaos.proxy.recorder import RECORDER_ENDED
from llmops.chaos.proxy.schedule import check_header
from llmops.errors import BadInput, OutsideFailed

GC_OBJECTS = 20_000  # between two looks of the collector: calls refer to each other only while they last
DEFAULT_JOURNAL = "proxy.jsonl"
NO_JOURNAL = "none"  # said in so many words: receipts go nowhere
LOUD = {RECORDER_ENDED, FAULT_FAILED}  # notes that are told on the terminal too
DEFAULT_CONTROL = "127.0.0.1:8474"  # Toxiproxy's own port


@dataclass(frozen=True)
class Asked:
    """What the command line adds to the section `chaos:`; it goes before it."""

    upstreams: Sequence[str] = ()
    port: int | None = None
    listen: str | None = None
    control: str | None = None
    journal: Path | None = None
    record_bodies: bool = False
    tls: bool = False
    default_lease: str | None = None
    seed: int | None = None
    allow_upstream: Sequence[str] = field(default=())
    file: str | None = None  # of the section; None where there is none


def _providers_of(section: ChaosSection, asked: Asked) -> dict[str, ProviderSection]:
    providers = dict(section.providers)
    for text in asked.upstreams:
        name, equals, url = text.partition("=")
        if not equals or not name:
            raise BadInput(
                f"{url_without_keys(text)!r} is no NAME=URL", hint="such as --upstream openai=https://api.openai.com"
            )
        if sum(other.startswith(f"{name}=") for other in asked.upstreams) > 1:
            raise BadInput(f"two upstreams are named {name}", hint="give each --upstream a name of its own")
        before = providers.get(name, ProviderSection(upstream=url))
        providers[name] = before.model_copy(update={"upstream": url})
    return providers


def section_of(section: ChaosSection, asked: Asked) -> ChaosSection:
    """The section with what was asked for. BadInput when there is no provider at all."""
    providers = _providers_of(section, asked)
    if not providers:
        raise BadInput(
            "no provider to stand in front of",
            hint="give --upstream openai=https://api.openai.com, or chaos.providers in llmops.yaml",
        )
    if asked.port is not None:
        if not 0 <= asked.port <= MAX_PORT:
            raise BadInput(f"--port {asked.port} is no port", hint=f"0 to {MAX_PORT}; 0 takes a free one")
        if len(providers) != 1:
            raise BadInput(_many(providers, section, asked), hint="set chaos.providers.NAME.port, or --config FILE")
        providers = {name: each.model_copy(update={"port": asked.port}) for name, each in providers.items()}
    if asked.tls:
        providers = {name: each.model_copy(update={"tls": True}) for name, each in providers.items()}
    more = {"listen": asked.listen, "control": asked.control, "seed": asked.seed}
    update: dict[str, object] = {name: value for name, value in more.items() if value is not None}
    if asked.default_lease is not None:
        update["default_lease_s"] = _lease_text(asked.default_lease)
    if asked.journal is not None:
        update["journal"] = str(asked.journal)
    update["record_bodies"] = section.record_bodies or asked.record_bodies
    update["allow_upstream"] = [*section.allow_upstream, *asked.allow_upstream]
    return section.model_copy(update={**update, "providers": providers})


def _many(providers: Mapping[str, ProviderSection], section: ChaosSection, asked: Asked) -> str:
    """There are several, and where they come from: of the file nobody may have thought."""
    of_file = f"; {', '.join(section.providers)} of {asked.file}" if asked.file and section.providers else ""
    return f"--port is for one provider, and there are {len(providers)}: {', '.join(providers)}{of_file}"


def _lease_text(text: str) -> float | str:
    if text == "none":
        return text
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds < float("inf"):
        raise BadInput(f"--default-lease {text}", hint="seconds above 0, or none in so many words")
    return seconds


def plan_of(section: ChaosSection) -> ProxyPlan:
    """BadInput for an upstream that is no URL, or an injection that can never work."""
    if section.tenant_header is not None:
        check_header("chaos.tenant_header", section.tenant_header)
    default_lease_s = lease_of(section.default_lease_s, None)
    for name, provider in section.providers.items():
        _check_name(name)
        reach = Reach(provider.tls, provider.models, section.tenant_header)
        for injection, lease_s in injections_of(name, provider, default_lease_s):
            reach.check(injection)
            if late := begins_too_late(injection, lease_s):  # in a file nobody is there to renew it
                raise BadInput(late, hint="give it a longer lease_s, or `none`")
        if provider.ca_file is not None:
            _check_authorities(name, provider.ca_file)
    return ProxyPlan(
        tuple(
            ProviderPlan(name, address_of(each.upstream), each.port, each.tls, each.ca_file, tuple(each.models))
            for name, each in section.providers.items()
        ),
        listen=section.listen,
        seed=section.seed,
        tenant_header=section.tenant_header,
        record_bodies=section.record_bodies,
        record_apart=True,
        default_lease_s=default_lease_s,
    )


def _check_name(name: str) -> None:
    """It stands in paths of the control API and in labels of metrics."""
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", name):
        raise BadInput(f"{name!r} cannot name a provider", hint="letters, digits, `_`, `-` and `.`: such as azure-eu")


def injections_of(
    provider: str, section: ProviderSection, default_s: float | None
) -> list[tuple[Injection, float | None]]:
    """The injections that are on from the start, each with its lease."""
    found: dict[str, tuple[Injection, float | None]] = {}
    for each in section.injections:
        name = each.name or each.fault
        if name in found:
            raise BadInput(f"two injections of {provider} are named {name!r}", hint="give one a `name`")
        injection = Injection(
            name, make_fault(each.fault, each.parameters), schedule_of(each.schedule), scope_of(each.scope)
        )
        found[name] = (injection, lease_of(each.lease_s, default_s))
    return list(found.values())


def _check_authorities(provider: str, ca_file: str) -> None:
    try:
        upstream_tls(ca_file)
    except OSError as error:  # also of TLS: a file without a certificate
        reason = error.strerror or str(error)
        raise BadInput(
            f"chaos.providers.{provider}.ca_file: cannot read {ca_file}: {reason}", hint="certificates in PEM"
        ) from error


def journal_file(named: str | None) -> Path | None:
    """Where the journal goes; None for nowhere, which must be said. BadInput for what can be no file."""
    if named == NO_JOURNAL:
        return None
    path = Path(DEFAULT_JOURNAL if named is None else named)
    if path.is_dir():
        what = "no file" if str(path) == "." else f"{path}, which is a folder"
        raise BadInput(f"the journal names {what}", hint=f"--journal FILE, or --journal {NO_JOURNAL}")
    if not path.parent.is_dir():
        raise BadInput(f"cannot write the journal {path}: no such folder", hint="name a file in a folder that exists")
    return path


class _End:
    """Why the proxy ends: somebody asked, or its journal can no longer be written."""

    def __init__(self, proxy: Proxy, warn: Callable[[str], None]) -> None:
        self.failure: OSError | None = None
        self.came = asyncio.Event()
        self._proxy = proxy
        self._warn = warn
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._asked)
        loop.set_exception_handler(self._unhandled)
        proxy.journal.on_failure = self._failed
        proxy.journal.listeners.append(self._told)

    def _asked(self) -> None:
        if self.came.is_set():
            self._proxy.hurry()  # asked twice: no longer waiting for calls to finish
        self.came.set()

    def _failed(self, error: OSError) -> None:
        self.failure = error
        self.came.set()

    def _told(self, line: Mapping[str, Any]) -> None:
        if line["kind"] == "note" and line.get("what") in LOUD:
            self._warn(f"{line['what']} ({line['reason']})")

    def _unhandled(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if self.failure is None or context.get("exception") is not self.failure:
            loop.default_exception_handler(context)


async def serve(
    section: ChaosSection, announce: Callable[[Mapping[str, str]], None], warn: Callable[[str], None]
) -> None:
    """Run until SIGINT or SIGTERM, then drain. `announce` gets the base URLs and the control API's, once all listen.

    OutsideFailed where the journal can no longer be written.
    """
    from llmops.chaos.proxy.control import Control

    plan = plan_of(section)
    control_at = host_port(section.control or DEFAULT_CONTROL, what="--control")
    journal = Journal(journal_file(section.journal))
    proxy = Proxy(plan, journal)
    control = Control(proxy, allow_upstream=section.allow_upstream, allow_listen=[section.listen], seed=section.seed)
    end = _End(proxy, warn)
    try:
        await proxy.start()
        port = await control.start(*control_at)
        for name, provider in section.providers.items():
            for injection, lease_s in injections_of(name, provider, plan.default_lease_s):
                proxy.providers[name].injections.add(injection, lease_s=lease_s)
        urls = {name: proxy.base_url(name) for name in proxy.providers}
        more = {} if proxy.authority_file is None else {"authority": proxy.authority_file}
        more["journal"] = str(journal.path or NO_JOURNAL)
        announce({**urls, "control": f"http://{control_at[0]}:{port}", **more})
        await end.came.wait()
    finally:
        await control.close()
        with suppress(OSError):  # of the journal, told below
            await (proxy.close() if end.failure is None else proxy.close(drain_s=0))
        journal.close()
    if end.failure is not None:
        raise OutsideFailed(
            f"the journal {journal.path} can no longer be written: {end.failure.strerror}",
            hint="without its receipt no fault may act, so the proxy ended: make room, or name another --journal",
        )


def run(section: ChaosSection, announce: Callable[[Mapping[str, str]], None], warn: Callable[[str], None]) -> None:
    """Serve on uvloop where it is installed, else on asyncio.

    With a TLS listener always on asyncio: uvloop 0.23 goes on reading behind `connection_made`, though it was told to
    pause, and the first words of many clients are gone before `start_tls` hears them (15 of 30 handshakes hung).
    """
    gc.collect()
    gc.freeze()  # what is loaded stays: the collector need not look at it again
    gc.set_threshold(GC_OBJECTS)
    runs: Callable[..., object] = asyncio.run
    if not any(provider.tls for provider in section.providers.values()):
        with suppress(ImportError):
            import uvloop

            runs = uvloop.run
    runs(serve(section, announce, warn))
