"""The control API: Toxiproxy's HTTP API of version 2, with our faults as further types of toxics."""

import ipaddress
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from aiohttp import web

from llmops.chaos.proxy.config import host_port
from llmops.chaos.proxy.metrics import metrics_text
from llmops.chaos.proxy.provider import Provider
from llmops.chaos.proxy.proxy import Proxy
from llmops.chaos.proxy.tcp_proxy import TcpProxy, ToxicOn
from llmops.chaos.proxy.toxic_faults import add_fault, fault_json, found, lease_seconds, unknown_type, update_fault
from llmops.chaos.proxy.toxic_json import (
    PROXY_EXISTS,
    PROXY_NOT_FOUND,
    TOXIC_EXISTS,
    TOXIC_NOT_FOUND,
    ApiError,
    as_api_error,
    bad_body,
    first_value,
    forbidden,
    missing,
    number_of,
    object_of,
    tcp_values,
    text_of,
    toxic_shape,
    truth_of,
)
from llmops.chaos.toxics.base import toxics
from llmops.errors import LlmopsError, OutsideFailed

VERSION = "2.12.0"  # of Toxiproxy, whose API this is
LOCAL_NAMES = {"localhost", "127.0.0.1", "::1"}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Control:
    """Serves the API for one proxy. What it may connect to and listen on is said at the start, not by a request."""

    def __init__(
        self, proxy: Proxy, *, allow_upstream: Iterable[str] = (), allow_listen: Iterable[str] = (), seed: int = 0
    ) -> None:
        self._proxy = proxy
        self._allow_upstream = {host_port(text, what="--allow-upstream") for text in allow_upstream}
        self._allow_listen = set(allow_listen)
        self._seed = seed
        self.tcp: dict[str, TcpProxy] = {}
        self._runner: web.AppRunner | None = None
        self._names = LOCAL_NAMES

    async def start(self, host: str, port: int) -> int:
        """Serve; the port. OutsideFailed when it is taken."""
        self._names = LOCAL_NAMES | {host}
        app = web.Application(middlewares=[self._guard, self._errors])
        app.add_routes(self._routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise OutsideFailed(
                f"cannot listen on {host}:{port}: {error.strerror}", hint="choose another --control"
            ) from error
        return int(self._runner.addresses[0][1])

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        for proxy in list(self.tcp.values()):
            await proxy.close()

    def _routes(self) -> list[web.RouteDef]:
        one, toxic = "/proxies/{proxy}", "/proxies/{proxy}/toxics/{toxic}"
        return [
            web.get("/version", self.version),
            web.get("/metrics", self.metrics),
            web.post("/reset", self.reset),
            web.post("/populate", self.populate),
            web.get("/proxies", self.proxies),
            web.post("/proxies", self.create),
            web.get(one, self.show),
            web.post(one, self.update),
            web.patch(one, self.update),
            web.delete(one, self.delete),
            web.get(one + "/toxics", self.toxics),
            web.post(one + "/toxics", self.add_toxic),
            web.get(toxic, self.show_toxic),
            web.post(toxic, self.update_toxic),
            web.patch(toxic, self.update_toxic),
            web.delete(toxic, self.delete_toxic),
            web.post(toxic + "/lease", self.renew),
        ]

    # --- who may ask

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """No browser may be led here: neither by its name (rebinding) nor by a page of another origin."""
        if request.headers.get("User-Agent", "").startswith("Mozilla/"):
            return web.Response(status=403, text="User agent not allowed\n")
        host = request.host.rpartition(":")[0] if request.host.rpartition(":")[2].isdigit() else request.host
        origin = request.headers.get("Origin")
        if host.strip("[]").lower() not in self._names or (origin is not None and origin != f"http://{request.host}"):
            return _error(forbidden("this API answers to local names only: foreign Host or Origin"))
        return await handler(request)

    @web.middleware
    async def _errors(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except ApiError as error:
            return _error(error)
        except LlmopsError as error:
            return _error(as_api_error(error))

    # --- the whole

    async def version(self, _request: web.Request) -> web.Response:
        return web.Response(
            body=b'{"version": "%s"}\n' % VERSION.encode(), headers={"Content-Type": "application/json;charset=utf-8"}
        )

    async def metrics(self, _request: web.Request) -> web.Response:
        return web.Response(text=metrics_text(self._proxy, self.tcp), content_type="text/plain")

    async def reset(self, _request: web.Request) -> web.Response:
        for proxy in self.tcp.values():
            await proxy.start()
            for name in list(proxy.toxics):
                await proxy.remove(name, "reset")
        for provider in self._proxy.providers.values():
            self._proxy.set_enabled(provider.name, enabled=True)
            provider.injections.clear()
        return web.Response(status=204)

    async def populate(self, request: web.Request) -> web.Response:
        made: list[TcpProxy] = []
        try:
            wanted = first_value(await request.text())
            if not isinstance(wanted, list):
                raise bad_body("a list of proxies is needed")
            entries = [object_of(each) for each in wanted]
            for at, entry in enumerate(entries, 1):
                for field in ("name", "upstream"):
                    if not text_of(entry, field, ""):
                        raise missing(f"{field} at proxy {at}")
            for entry in entries:
                made.append(await self._add_or_replace(entry))  # noqa: PERF401 - those made before an error are told
        except (ApiError, LlmopsError) as error:
            told = error if isinstance(error, ApiError) else as_api_error(error)
            body = {"error": told.message, "status": told.status, "proxies": [self._tcp_json(proxy) for proxy in made]}
            return web.json_response(body, status=told.status)
        return web.json_response({"proxies": [self._tcp_json(proxy) for proxy in made]}, status=201)

    async def _add_or_replace(self, entry: dict[str, Any]) -> TcpProxy:
        name = text_of(entry, "name", "")
        listen, upstream = self._addresses(text_of(entry, "listen", ""), text_of(entry, "upstream", ""))
        if name in self._proxy.providers:
            raise ApiError(*PROXY_EXISTS)
        old = self.tcp.get(name)
        if old is not None:
            if old.listen == text_of(entry, "listen", "") and old.upstream == upstream:
                return old
            await old.close()
            del self.tcp[name]
        return await self._new(name, listen, upstream, enabled=truth_of(entry, "enabled", default=True))

    # --- proxies

    async def proxies(self, _request: web.Request) -> web.Response:
        found = {name: self._provider_json(provider) for name, provider in self._proxy.providers.items()}
        return web.json_response({**found, **{name: self._tcp_json(proxy) for name, proxy in self.tcp.items()}})

    async def create(self, request: web.Request) -> web.Response:
        fields = object_of(first_value(await request.text()))
        name, upstream_text = text_of(fields, "name", ""), text_of(fields, "upstream", "")
        enabled = truth_of(fields, "enabled", default=True)
        listen_text = text_of(fields, "listen", "")
        for field, value in (("name", name), ("upstream", upstream_text)):
            if not value:
                raise missing(field)
        listen, upstream = self._addresses(listen_text, upstream_text)
        if name in self.tcp or name in self._proxy.providers:
            raise ApiError(*PROXY_EXISTS)
        return web.json_response(self._tcp_json(await self._new(name, listen, upstream, enabled=enabled)), status=201)

    async def _new(self, name: str, listen: tuple[str, int], upstream: tuple[str, int], *, enabled: bool) -> TcpProxy:
        whole = self._proxy
        proxy = TcpProxy(
            name, listen, upstream, journal=whole.journal, leases=whole.leases, now=whole.plan.now, seed=self._seed
        )
        if enabled:
            await proxy.start()
        self.tcp[name] = proxy
        return proxy

    def _addresses(self, listen: str, upstream: str) -> tuple[tuple[str, int], tuple[str, int]]:
        """Where to listen and where to connect, if that is allowed. ApiError 403 if it is not."""
        where = host_port(listen, what="listen") if listen else ("127.0.0.1", 0)
        to = host_port(upstream, what="upstream")
        if not _is_loopback(where[0]) and where[0] not in self._allow_listen:
            raise forbidden(f"listening on {where[0]!r} is not allowed; start the proxy with --listen {where[0]}")
        if not _is_loopback(to[0]) and to not in self._allow_upstream:
            raise forbidden(f"the upstream {upstream} is not allowed; start the proxy with --allow-upstream {upstream}")
        return where, to

    async def show(self, request: web.Request) -> web.Response:
        return web.json_response(self._json(self._named(request)))

    async def update(self, request: web.Request) -> web.Response:
        proxy = self._named(request)
        fields = object_of(first_value(await request.text()))
        if isinstance(proxy, Provider):
            self._update_provider(proxy, fields)
            return web.json_response(self._provider_json(proxy))
        enabled = truth_of(fields, "enabled", default=proxy.enabled)
        listen_text = text_of(fields, "listen", proxy.listen)
        listen, upstream = self._addresses(listen_text, text_of(fields, "upstream", _text(proxy.upstream)))
        lease_s = lease_seconds(fields.get("lease_s"), self._proxy.leases.default_s)
        if listen_text != proxy.listen or upstream != proxy.upstream:
            await proxy.move(listen, upstream)
        if enabled:
            await proxy.start()
        else:
            await proxy.stop(lease_s=lease_s)
        return web.json_response(self._tcp_json(proxy))

    def _update_provider(self, provider: Provider, fields: dict[str, Any]) -> None:
        shown = self._provider_json(provider)
        for field in ("listen", "upstream"):
            if text_of(fields, field, shown[field]) != shown[field]:
                raise forbidden(f"{field} of a provider is what the configuration says")
        lease_s = lease_seconds(fields.get("lease_s"), self._proxy.leases.default_s)
        enabled = truth_of(fields, "enabled", default=shown["enabled"])
        self._proxy.set_enabled(provider.name, enabled=enabled, lease_s=lease_s)

    async def delete(self, request: web.Request) -> web.Response:
        proxy = self._named(request)
        if isinstance(proxy, Provider):
            raise forbidden("a provider of the configuration cannot be deleted")
        del self.tcp[proxy.name]
        await proxy.close()
        return web.Response(status=204)

    # --- toxics

    async def toxics(self, request: web.Request) -> web.Response:
        return web.json_response(self._json(self._named(request))["toxics"])

    async def add_toxic(self, request: web.Request) -> web.Response:
        proxy = self._named(request)
        shape = toxic_shape(await request.text())
        default_s = self._proxy.leases.default_s
        if isinstance(proxy, Provider):
            return web.json_response(add_fault(proxy.injections, shape, default_s))
        if shape.type not in toxics.names():
            raise unknown_type(shape.type, on_provider=False)
        if shape.name in proxy.toxics:
            raise ApiError(*TOXIC_EXISTS)
        kind = toxics.get(shape.type)
        warn = self._warner(proxy.name, shape.name)
        if not 0 <= shape.toxicity <= 1:
            warn(f"a toxicity of {shape.toxicity:g} is no probability; it acts as {min(max(shape.toxicity, 0), 1):g}")
        made = kind(**tcp_values(kind, shape.attributes, warn))
        on = ToxicOn(shape.name, shape.type, shape.stream, shape.toxicity, made, self._proxy.plan.now())
        await proxy.add(on, lease_s=lease_seconds(shape.lease_s, default_s))
        return web.json_response(self._toxic_json(proxy, on))

    def _warner(self, proxy: str, toxic: str) -> Callable[[str], None]:
        def warn(text: str) -> None:
            self._proxy.journal.write("note", what="warning", provider=proxy, toxic=toxic, reason=text)

        return warn

    async def show_toxic(self, request: web.Request) -> web.Response:
        proxy, name = self._named(request), request.match_info["toxic"]
        if isinstance(proxy, Provider):
            return web.json_response(fault_json(proxy.injections, found(proxy.injections, name)))
        return web.json_response(self._toxic_json(proxy, _toxic(proxy, name)))

    async def update_toxic(self, request: web.Request) -> web.Response:
        proxy, name = self._named(request), request.match_info["toxic"]
        fields = object_of(first_value(await request.text()))
        attributes = object_of(fields.get("attributes"))
        lease_s = lease_seconds(fields.get("lease_s"), self._proxy.leases.default_s)
        if isinstance(proxy, Provider):
            found(proxy.injections, name)
            toxicity = None if fields.get("toxicity") is None else number_of(fields, "toxicity", 1.0)
            return web.json_response(update_fault(proxy.injections, name, attributes, toxicity, lease_s))
        on = _toxic(proxy, name)
        kind = toxics.get(on.type)
        values = {**vars(on.toxic), **tcp_values(kind, attributes, self._warner(proxy.name, name))}
        await proxy.update(name, kind(**values), number_of(fields, "toxicity", on.toxicity), lease_s=lease_s)
        return web.json_response(self._toxic_json(proxy, on))

    async def delete_toxic(self, request: web.Request) -> web.Response:
        proxy, name = self._named(request), request.match_info["toxic"]
        if isinstance(proxy, Provider):
            found(proxy.injections, name)
            proxy.injections.remove(name)
        else:
            _toxic(proxy, name)
            await proxy.remove(name)
        return web.Response(status=204)

    async def renew(self, request: web.Request) -> web.Response:
        """Ours alone: `POST …/lease`, with `{"lease_s": 30}` or nothing; without it a lease runs out."""
        proxy, name = self._named(request), request.match_info["toxic"]
        text = await request.text()
        fields = object_of(first_value(text)) if text.strip() else {}
        lease_s = lease_seconds(fields.get("lease_s"), None)
        if isinstance(proxy, Provider):
            found(proxy.injections, name)
            proxy.injections.renew(name, lease_s)
            return web.json_response(fault_json(proxy.injections, found(proxy.injections, name)))
        proxy.renew(name, lease_s)
        return web.json_response(self._toxic_json(proxy, _toxic(proxy, name)))

    # --- their JSON

    def _named(self, request: web.Request) -> "TcpProxy | Provider":
        name = request.match_info["proxy"]
        proxy = self.tcp.get(name) or self._proxy.providers.get(name)
        if proxy is None:
            raise ApiError(*PROXY_NOT_FOUND)
        return proxy

    def _json(self, proxy: "TcpProxy | Provider") -> dict[str, Any]:
        return self._provider_json(proxy) if isinstance(proxy, Provider) else self._tcp_json(proxy)

    def _tcp_json(self, proxy: TcpProxy) -> dict[str, Any]:
        directions = ("upstream", "downstream")
        return {
            "name": proxy.name,
            "listen": proxy.listen,
            "upstream": _text(proxy.upstream),
            "enabled": proxy.enabled,
            "toxics": [
                self._toxic_json(proxy, on) for way in directions for on in proxy.toxics.values() if on.stream == way
            ],
        }

    @staticmethod
    def _toxic_json(proxy: TcpProxy, on: ToxicOn) -> dict[str, Any]:
        return {
            "attributes": dict(vars(on.toxic)),
            "name": on.name,
            "type": on.type,
            "stream": on.stream,
            "toxicity": on.toxicity,
            "lease_left_s": proxy.lease_left_s(on.name),
        }

    def _provider_json(self, provider: Provider) -> dict[str, Any]:
        return {
            "name": provider.name,
            "listen": self._proxy.listeners[provider.name].address,
            "upstream": _text((provider.address.host, provider.address.port)),
            "enabled": self._proxy.is_enabled(provider.name),
            "toxics": [fault_json(provider.injections, injection) for injection in provider.injections],
        }


def _toxic(proxy: TcpProxy, name: str) -> ToxicOn:
    if name not in proxy.toxics:
        raise ApiError(*TOXIC_NOT_FOUND)
    return proxy.toxics[name]


def _text(address: tuple[str, int]) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _error(error: ApiError) -> web.Response:
    return web.json_response({"error": error.message, "status": error.status}, status=error.status)
