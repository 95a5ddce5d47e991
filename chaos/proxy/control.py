"""The control API: Toxiproxy's HTTP API of version 2, with our faults as further types of toxics."""

import asyncio
import logging
import os
import uuid
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from llmops.chaos.proxy.allowed import Allowed, HostPort
from llmops.chaos.proxy.injection import check_name
from llmops.chaos.proxy.metrics import metrics_text
from llmops.chaos.proxy.proxy import Proxy
from llmops.chaos.proxy.tcp_proxy import TcpProxy
from llmops.chaos.proxy.tcp_toxics import TcpToxics, Warner, is_at
from llmops.chaos.proxy.toxic_faults import ToxicFaults
from llmops.chaos.proxy.toxic_json import (
    PROXY_EXISTS,
    PROXY_KEYS,
    PROXY_NOT_FOUND,
    ApiError,
    as_api_error,
    bad_body,
    check_keys,
    first_value,
    forbidden,
    missing,
    object_of,
    renewal_seconds,
    text_in,
    text_of,
    toxic_change,
    toxic_shape,
    truth_of,
)
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
        self._allowed = Allowed(allow_upstream, allow_listen)
        self._seed = seed
        self.tcp: dict[str, TcpProxy] = {}
        self._runner: web.AppRunner | None = None
        self._names = LOCAL_NAMES
        self._changing = asyncio.Lock()

    async def start(self, host: str, port: int) -> int:
        """Serve; the port. OutsideFailed when it is taken."""
        self._names = LOCAL_NAMES | {host}
        app = web.Application(middlewares=[self._guard, self._errors, self._one_change_at_a_time])
        app.on_response_prepare.append(_name_request)
        app.add_routes(self._routes())
        self._runner = web.AppRunner(app, access_log=None, logger=_quiet_logger(), shutdown_timeout=1)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise OutsideFailed(
                f"cannot listen on {host}:{port}: {_reason(error)}", hint="choose another --control"
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

    # --- who may ask, and how errors are told

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
        except web.HTTPException as error:  # no such route, another method, a body of more than a MiB
            return _error(ApiError(error.reason.lower(), error.status), allow=error.headers.get("Allow"))
        except OSError as error:  # the journal's: what has no receipt is not done
            return _error(ApiError(f"nothing was done: {error.strerror}", 500))

    @web.middleware
    async def _one_change_at_a_time(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method == "GET":
            return await handler(request)
        await request.read()  # a slow body holds up nobody
        async with self._changing:
            return await handler(request)

    # --- the whole

    async def version(self, _request: web.Request) -> web.Response:
        return web.Response(
            body=b'{"version": "%s"}\n' % VERSION.encode(), headers={"Content-Type": "application/json;charset=utf-8"}
        )

    async def metrics(self, _request: web.Request) -> web.Response:
        return web.Response(text=metrics_text(self._proxy, self.tcp), content_type="text/plain")

    async def reset(self, _request: web.Request) -> web.Response:
        for name in [*self.tcp, *self._proxy.providers]:
            await self._named(name).reset()
        return web.Response(status=204)

    # --- proxies

    async def proxies(self, _request: web.Request) -> web.Response:
        return web.json_response({name: self._named(name).json() for name in [*self._proxy.providers, *self.tcp]})

    async def create(self, request: web.Request) -> web.Response:
        fields = await _fields(request)
        _check_needed(fields)
        listen, upstream, enabled = self._wanted(fields)
        name = fields["name"]
        if name in self.tcp or name in self._proxy.providers:
            raise ApiError(*PROXY_EXISTS)
        await self._new(fields, listen, upstream, enabled=enabled)
        return web.json_response(self._named(name).json(), status=201)

    async def populate(self, request: web.Request) -> web.Response:
        """Those made before an error are told with it."""
        made: list[str] = []
        told: dict[str, Any] = {}
        try:
            entries = _entries(first_value(await _text(request)))
            for entry in entries:
                await self._add_or_replace(entry)
                made.append(entry["name"])
        except (ApiError, LlmopsError) as error:
            told = _error_json(error if isinstance(error, ApiError) else as_api_error(error))
        proxies = [self._named(name).json() for name in made]
        return web.json_response({**told, "proxies": proxies}, status=told.get("status", 201))

    async def _add_or_replace(self, entry: dict[str, Any]) -> None:
        name = entry["name"]
        listen, upstream, enabled = self._wanted(entry)
        if name in self._proxy.providers:
            raise ApiError(*PROXY_EXISTS)
        old = self.tcp.get(name)
        if old is not None:
            if is_at(old, listen, upstream):
                return
            await old.leave()  # it stays, off, when the new one cannot listen
        await self._new(entry, listen, upstream, enabled=enabled)
        if old is not None:
            await old.close()

    def _wanted(self, fields: dict[str, Any]) -> tuple[HostPort, HostPort, bool]:
        listen, upstream = text_of(fields, "listen", ""), text_of(fields, "upstream", "")
        enabled = truth_of(fields, "enabled", default=True)
        return self._allowed.listen(listen), self._allowed.upstream(upstream), enabled

    async def _new(self, fields: dict[str, Any], listen: HostPort, upstream: HostPort, *, enabled: bool) -> None:
        whole, name = self._proxy, fields["name"]
        Warner(whole.journal, name).of_keys(fields, PROXY_KEYS)
        proxy = TcpProxy(
            name, listen, upstream, journal=whole.journal, leases=whole.leases, now=whole.plan.now, seed=self._seed
        )
        if enabled:
            await proxy.start()
        self.tcp[name] = proxy

    async def show(self, request: web.Request) -> web.Response:
        return web.json_response(self._asked(request).json())

    async def update(self, request: web.Request) -> web.Response:
        proxy = self._asked(request)
        await proxy.update(await _fields(request))
        return web.json_response(proxy.json())

    async def delete(self, request: web.Request) -> web.Response:
        proxy = self._asked(request)
        if isinstance(proxy, ToxicFaults):
            raise forbidden("a provider of the configuration cannot be deleted")
        await self.tcp.pop(request.match_info["proxy"]).close()
        return web.Response(status=204)

    # --- toxics

    async def toxics(self, request: web.Request) -> web.Response:
        return web.json_response(self._asked(request).json()["toxics"])

    async def add_toxic(self, request: web.Request) -> web.Response:
        proxy = self._asked(request)
        shape = toxic_shape(await _text(request))
        await proxy.add(shape)
        return web.json_response(proxy.toxic(shape.name))

    async def show_toxic(self, request: web.Request) -> web.Response:
        return web.json_response(self._asked(request).toxic(request.match_info["toxic"]))

    async def update_toxic(self, request: web.Request) -> web.Response:
        proxy, name = self._asked(request), request.match_info["toxic"]
        proxy.toxic(name)  # 404 comes before what is wrong in the body
        await proxy.change(name, toxic_change(await _text(request)))
        return web.json_response(proxy.toxic(name))

    async def delete_toxic(self, request: web.Request) -> web.Response:
        await self._asked(request).remove(request.match_info["toxic"])
        return web.Response(status=204)

    async def renew(self, request: web.Request) -> web.Response:
        """Ours alone: `POST …/lease`, with `{"lease_s": 30}` or nothing; without it a lease runs out."""
        proxy, name = self._asked(request), request.match_info["toxic"]
        fields = await _fields(request) if await request.read() else {}
        check_keys(fields, ("lease_s",))
        proxy.renew(name, renewal_seconds(fields.get("lease_s")))
        return web.json_response(proxy.toxic(name))

    def _asked(self, request: web.Request) -> TcpToxics | ToxicFaults:
        return self._named(request.match_info["proxy"])

    def _named(self, name: str) -> TcpToxics | ToxicFaults:
        if name in self.tcp:
            return TcpToxics(self._proxy, self.tcp[name], self._allowed)
        if name in self._proxy.providers:
            return ToxicFaults(self._proxy, self._proxy.providers[name])
        raise ApiError(*PROXY_NOT_FOUND)


def _quiet_logger() -> logging.Logger:
    """Tells the terminal of a failure of ours, and not of a request that was no HTTP: that got its 400."""
    logger = logging.getLogger(__name__)
    if not logger.filters:
        logger.addFilter(lambda record: not isinstance((record.exc_info or (None, None))[1], HttpProcessingError))
    return logger


def _reason(error: OSError) -> str:
    """Without asyncio's own sentence, which names the address again."""
    return os.strerror(error.errno) if error.errno and error.errno > 0 else str(error.strerror)


async def _text(request: web.Request) -> str:
    return text_in(await request.read())


async def _fields(request: web.Request) -> dict[str, Any]:
    return object_of(first_value(await _text(request)))


def _entries(wanted: object) -> list[dict[str, Any]]:
    """The proxies of a populate; all are looked at before one is made. ApiError."""
    if not isinstance(wanted, list | None):
        raise bad_body("a list of proxies is needed")
    entries = [object_of(each) for each in wanted or ()]
    for at, entry in enumerate(entries, 1):
        _check_needed(entry, f" at proxy {at}")
    return entries


def _check_needed(fields: dict[str, Any], where: str = "") -> None:
    for field in ("name", "upstream"):
        if not text_of(fields, field, ""):
            raise missing(f"{field}{where}")
    check_name(fields["name"], "a proxy")


def _error_json(error: ApiError) -> dict[str, Any]:
    return {"error": error.message, "status": error.status}


def _error(error: ApiError, *, allow: str | None = None) -> web.Response:
    headers = None if allow is None else {"Allow": allow}
    return web.json_response(_error_json(error), status=error.status, headers=headers)


async def _name_request(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers["X-Toxiproxy-Request-Id"] = uuid.uuid4().hex
