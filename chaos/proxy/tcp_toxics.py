"""A plain TCP proxy as the control API shows it: Toxiproxy's toxics, its leniency, and our leases."""

import socket
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from llmops.chaos.proxy.allowed import Allowed, HostPort
from llmops.chaos.proxy.injection import check_name
from llmops.chaos.proxy.journal import Journal
from llmops.chaos.proxy.listener import address_text
from llmops.chaos.proxy.proxy import Proxy
from llmops.chaos.proxy.tcp_proxy import DIRECTIONS, TcpProxy, ToxicOn
from llmops.chaos.proxy.toxic_json import (
    PROXY_KEYS,
    TCP_KEYS,
    TOXIC_EXISTS,
    TOXIC_NOT_FOUND,
    ApiError,
    Change,
    Shape,
    lease_seconds,
    tcp_values,
    text_of,
    truth_of,
    unknown_type,
)
from llmops.chaos.toxics.base import toxics


class TcpToxics:
    """What the API does to one plain TCP proxy."""

    def __init__(self, whole: Proxy, proxy: TcpProxy, allowed: Allowed) -> None:
        self._whole = whole
        self._proxy = proxy
        self._allowed = allowed

    def json(self) -> dict[str, Any]:
        proxy = self._proxy
        return {
            "name": proxy.name,
            "listen": proxy.listen,
            "upstream": address_text(*proxy.upstream),
            "enabled": proxy.enabled,
            "toxics": [self._json(on) for way in DIRECTIONS for on in proxy.toxics.values() if on.stream == way],
        }

    async def update(self, fields: Mapping[str, Any]) -> None:
        """What is not said stays as it is."""
        proxy = self._proxy
        Warner(self._whole.journal, proxy.name).of_keys(fields, PROXY_KEYS)
        wanted = truth_of(fields, "enabled", default=proxy.enabled)
        listen = self._allowed.listen(text_of(fields, "listen", proxy.listen))
        upstream = self._allowed.upstream(text_of(fields, "upstream", address_text(*proxy.upstream)))
        lease_s = lease_seconds(fields.get("lease_s"), self._whole.leases.default_s)
        if not is_at(proxy, listen, upstream):
            await proxy.move(listen, upstream)
        if wanted:
            await proxy.start()
        elif fields.get("enabled") is not None:
            await proxy.stop(lease_s=lease_s)

    async def reset(self) -> None:
        await self._proxy.start()
        for name in list(self._proxy.toxics):
            await self._proxy.remove(name, "reset")

    def toxic(self, name: str) -> dict[str, Any]:
        return self._json(self._found(name))

    async def add(self, shape: Shape) -> None:
        if shape.type not in toxics.names():
            raise unknown_type(shape.type, on_provider=False)
        if shape.name in self._proxy.toxics:
            raise ApiError(*TOXIC_EXISTS)
        check_name(shape.name, "a toxic")
        kind = toxics.get(shape.type)
        warn = Warner(self._whole.journal, self._proxy.name, shape.name)
        warn.of_toxicity(shape.toxicity)
        warn.of_keys(shape.ours, TCP_KEYS)
        made = kind(**tcp_values(kind, shape.attributes, warn))
        on = ToxicOn(shape.name, shape.type, shape.stream, shape.toxicity, made, self._whole.plan.now())
        await self._proxy.add(on, lease_s=lease_seconds(shape.lease_s, self._whole.leases.default_s))

    async def change(self, name: str, change: Change) -> None:
        """What is not said stays as it is, and the lease begins anew for the time it had."""
        on = self._found(name)
        kind = toxics.get(on.type)
        warn = Warner(self._whole.journal, self._proxy.name, name)
        toxicity = on.toxicity if change.toxicity is None else change.toxicity
        warn.of_toxicity(toxicity)
        warn.of_keys(change.ours, TCP_KEYS)
        made = kind(**{**vars(on.toxic), **tcp_values(kind, change.attributes, warn)})
        await self._proxy.update(name, made, toxicity, lease_s=change.lease_s)

    async def remove(self, name: str) -> None:
        self._found(name)
        await self._proxy.remove(name)

    def renew(self, name: str, lease_s: float | None) -> None:
        self._found(name)
        self._proxy.renew(name, lease_s)

    def _found(self, name: str) -> ToxicOn:
        if name not in self._proxy.toxics:
            raise ApiError(*TOXIC_NOT_FOUND)
        return self._proxy.toxics[name]

    def _json(self, on: ToxicOn) -> dict[str, Any]:
        return {
            "attributes": dict(vars(on.toxic)),
            "name": on.name,
            "type": on.type,
            "stream": on.stream,
            "toxicity": on.toxicity,
            "lease_left_s": self._proxy.lease_left_s(on.name),
        }


class Warner:
    """What Toxiproxy takes without a word, said in the journal."""

    def __init__(self, journal: Journal, proxy: str, toxic: str | None = None) -> None:
        self._journal = journal
        self._of = {"provider": proxy} if toxic is None else {"provider": proxy, "toxic": toxic}

    def __call__(self, text: str) -> None:
        self._journal.write("note", what="warning", **self._of, reason=text)

    def of_toxicity(self, toxicity: float) -> None:
        if not 0 <= toxicity <= 1:
            self(f"a toxicity of {toxicity:g} is no probability; it acts as {min(max(toxicity, 0), 1):g}")

    def of_keys(self, names: Iterable[str], known: Collection[str]) -> None:
        for name in names:
            if name not in known:
                self(f"the key {name!r} has no effect here; known: {', '.join(known)}")


def is_at(proxy: TcpProxy, listen: HostPort, upstream: HostPort) -> bool:
    """Whether that is where it listens and connects already, by whatever name: then its connections live on."""
    return upstream == proxy.upstream and (listen == proxy.address or _resolved(listen) == proxy.address)


def _resolved(address: HostPort) -> HostPort | None:
    try:
        host, port = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)[0][4][:2]
    except OSError:
        return None
    return str(host), int(port)
