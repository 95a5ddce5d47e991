"""The simulated gateway on sockets. A stream is held until its end: only then is it known to be whole."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import orjson
from aiohttp import ClientConnectionError, ClientError, ClientSession, ClientTimeout, TCPConnector, web

from llmops.chaos.gateway.passing import passed_on
from llmops.chaos.gateway.reply import Reply
from llmops.chaos.gateway.routing import Question, Router
from llmops.chaos.gateway.settings import Settings, Upstream
from llmops.chaos.providers.serving.server import MAX_BODY_BYTES, listen
from llmops.chaos.wire.dialects import dialect_of

PREFIX = "/v1"
FORWARDED = ("authorization", "x-api-key", "anthropic-version", "traceparent")
FOLLOWED = ("x-llmops-", "x-tenant")
RETURNED = ("content-type", "retry-after", "retry-after-ms", "x-request-id", "request-id")
KEYS = {"authorization": "Bearer sk-simulated", "x-api-key": "sk-simulated", "anthropic-version": "2023-06-01"}


@asynccontextmanager
async def serve(settings: Settings, *, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Listen until the body ends; the base URL. OutsideFailed when the port is taken."""
    waits = settings.is_ill("ignores_timeout")
    silence_s, limit_s = (None, None) if waits else (settings.timeout_s, settings.attempt_limit_s or None)
    timeout = ClientTimeout(total=limit_s, sock_connect=silence_s, sock_read=silence_s)
    async with ClientSession(timeout=timeout, connector=TCPConnector(limit=0), auto_decompress=True) as http:
        gateway = _Gateway(settings, http)
        runner = web.AppRunner(gateway.app(), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await listen(web.TCPSite(runner, host, port), host, port)
            shown = f"[{host}]" if ":" in host else host
            yield f"http://{shown}:{runner.addresses[0][1]}{PREFIX}"
        finally:
            await runner.cleanup()


class _Gateway:
    """Callers on one side, providers on the other."""

    def __init__(self, settings: Settings, http: ClientSession) -> None:
        self._settings, self._http = settings, http
        self.router = Router(settings, self._ask, clock=time.monotonic, sleep=asyncio.sleep)

    def app(self) -> web.Application:
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        app.router.add_get("/health", self._health)
        app.router.add_post("/{rest:.*}", self._handle)
        return app

    async def _health(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ready", "breakers": [each.state for each in self.router.breakers]})

    async def _handle(self, request: web.Request) -> web.Response:
        question = _question(request, await request.read())
        if question is None:
            return web.json_response({"error": {"message": f"no route {request.path}"}}, status=404)
        reply = passed_on(*await self.router.answer(question), question, self._settings)
        headers = {name: reply.headers[name] for name in RETURNED if name in reply.headers}
        return web.Response(status=reply.status or 502, headers=headers, body=reply.body)

    async def _ask(self, upstream: Upstream, question: Question) -> Reply:
        """One attempt, as far as it came."""
        url = upstream.base_url.removesuffix(PREFIX) + question.path
        status, headers, body = None, dict[str, str](), bytearray()
        try:
            async with self._http.post(
                url, data=_asked_for(question, upstream), headers=question.headers, allow_redirects=False
            ) as answer:
                status, headers = answer.status, {name.lower(): value for name, value in answer.headers.items()}
                async for piece in answer.content.iter_any():
                    body += piece
        except TimeoutError:
            return Reply(status, headers, bytes(body), "timeout")
        except ClientConnectionError:
            return Reply(status, headers, bytes(body), "connect" if status is None else "cut")
        except ClientError:
            return Reply(status, headers, bytes(body), "cut")
        return Reply(status, headers, bytes(body))


def _question(request: web.Request, body: bytes) -> Question | None:
    path = request.path.encode()
    dialect = dialect_of(b"POST", path)
    asked = None if dialect is None else dialect.asked(path, body)
    if dialect is None or asked is None:
        return None
    return Question(request.path, body, dialect, asked.model, asked.stream, _forwarded(request.headers))


def _asked_for(question: Question, upstream: Upstream) -> bytes:
    """The caller's body, for the model of this provider."""
    if upstream.model is None:
        return question.body
    body: dict[str, Any] = orjson.loads(question.body)
    return orjson.dumps({**body, "model": upstream.model})


def _forwarded(headers: Mapping[str, str]) -> dict[str, str]:
    kept = {name.lower(): value for name, value in headers.items() if name.lower() in FORWARDED}
    followed = {name.lower(): value for name, value in headers.items() if name.lower().startswith(FOLLOWED)}
    return {**KEYS, **kept, **followed, "content-type": "application/json"}
