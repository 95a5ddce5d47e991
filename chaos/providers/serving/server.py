"""Simulated providers on a socket."""

import contextlib
import errno
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import orjson
from aiohttp import web

from llmops.chaos.providers.base import Provider, Route
from llmops.chaos.providers.serving.desk import Asked, Desk, Plain, Settings, Spoken
from llmops.chaos.providers.serving.pacing import Pace, Timing
from llmops.chaos.providers.shapes.base import Said
from llmops.errors import BadInput, OutsideFailed
from llmops.randomness import stream

REAL_TIME = Timing()
MAX_BODY_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Running:
    """A simulated provider that listens."""

    host: str
    port: int
    base_url: str  # as the provider's SDK wants it


@asynccontextmanager
async def serve(
    provider: Provider,
    settings: Settings,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    timing: Timing = REAL_TIME,
) -> AsyncIterator[Running]:
    """Listen until the body ends. OutsideFailed when the port is taken, BadInput when the address is not ours."""
    runner = web.AppRunner(_app(provider, settings, timing), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await listen(web.TCPSite(runner, host, port), host, port)
        bound = runner.addresses[0][1]
        shown = f"[{host}]" if ":" in host else host
        yield Running(host, bound, f"http://{shown}:{bound}{provider.base_path}")
    finally:
        await runner.cleanup()


async def listen(site: web.TCPSite, host: str, port: int) -> None:
    try:
        await site.start()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise OutsideFailed(
                f"port {port} on {host} is in use", hint="choose another --port; 0 takes any"
            ) from error
        if error.errno in {errno.EACCES, errno.EPERM}:
            raise OutsideFailed(f"port {port} may not be opened", hint="choose a port above 1023") from error
        raise BadInput(
            f"cannot listen on {host}: {error.strerror or error}", hint="such as 127.0.0.1 or ::1"
        ) from error


def _app(provider: Provider, settings: Settings, timing: Timing) -> web.Application:
    desk = Desk(provider, settings, timing.clock)
    speaker = _Speaker(desk, timing)
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    for route in provider.routes:
        app.router.add_route(route.method, route.path, speaker.handler(route))
    app.router.add_route("*", "/{rest:.*}", speaker.handler(None))
    return app


class _Speaker:
    """Says the answers of a desk over HTTP."""

    def __init__(self, desk: Desk, timing: Timing) -> None:
        self._desk, self._timing = desk, timing

    def handler(self, route: Route | None) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            body = await request.read()
            asked = Asked(request.method, request.match_info, request.query, request.headers, body, request.path)
            answer = self._desk.answer(route, asked)
            if isinstance(answer, Plain):
                return web.Response(status=answer.status, headers=answer.headers, body=answer.body)
            pace = self._pace(answer)
            if answer.answer.ask.stream:
                return await self._say_events(request, answer, pace)
            return await self._say_whole(answer, pace)

        return handle

    def _pace(self, spoken: Spoken) -> Pace:
        settings = self._desk.settings
        return Pace(settings.pacing, stream(settings.seed, f"pace {spoken.answer.id}"), self._timing)

    async def _say_whole(self, spoken: Spoken, pace: Pace) -> web.StreamResponse:
        await pace.until_first()
        await pace.until_end(sum(reply.output_tokens for reply in spoken.answer.replies))
        assert spoken.route.shape is not None  # noqa: S101 - it was spoken in a shape
        body = orjson.dumps(spoken.route.shape.whole(spoken.answer))
        return web.Response(headers={**spoken.headers, "content-type": "application/json"}, body=body)

    async def _say_events(self, request: web.Request, spoken: Spoken, pace: Pace) -> web.StreamResponse:
        assert spoken.route.shape is not None  # noqa: S101 - it was spoken in a shape
        kind = "application/json" if _is_array(spoken, self._desk.provider) else "text/event-stream; charset=utf-8"
        response = web.StreamResponse(headers={**spoken.headers, "content-type": kind, "cache-control": "no-cache"})
        await pace.until_first()
        with contextlib.suppress(ConnectionResetError):  # the client hung up: nobody is left to talk to
            await response.prepare(request)
            await _say(response, spoken.route.shape.events(spoken.answer), pace)
            await response.write_eof()
        return response


async def _say(response: web.StreamResponse, events: Iterator[Said], pace: Pace) -> None:
    first = True
    for said in events:
        if said.is_token and not first:
            await pace.until_next()
        first = first and not said.is_token
        await response.write(said.data)


def _is_array(spoken: Spoken, provider: Provider) -> bool:
    """Gemini streams one JSON array where the query does not say `alt=sse`."""
    return provider.name == "gemini" and not spoken.answer.ask.stream_usage
