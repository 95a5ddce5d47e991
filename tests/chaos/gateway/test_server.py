"""The simulated gateway on real sockets, before scripted providers: what its callers get, and who was asked."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import ClientSession, ClientTimeout, web

from llmops.chaos.gateway.server import serve
from llmops.chaos.gateway.settings import Settings, Upstream
from llmops.chaos.wire import sse

CHUNK = {"model": "gpt-4o", "choices": [{"index": 0, "delta": {"content": "Fine."}, "finish_reason": None}]}
LAST = {"model": "gpt-4o", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
WHOLE = [*(sse.event(json.dumps(one).encode()) for one in (CHUNK, LAST)), sse.event(b"[DONE]")]
ASKED = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}], "stream": True}


@dataclass
class Provider:
    """Streams a whole answer, or breaks it off, or says nothing."""

    behaviour: str = "whole"
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(await request.json())
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        if self.behaviour == "silent":
            await asyncio.sleep(30)
        response = web.StreamResponse(headers={"content-type": "text/event-stream", "x-request-id": "req_1"})
        await response.prepare(request)
        await response.write(WHOLE[0])
        if self.behaviour == "cut":
            assert request.transport
            request.transport.abort()
            return response
        await response.write(b"".join(WHOLE[1:]))
        await response.write_eof()
        return response


@asynccontextmanager
async def listening(provider: Provider) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/v1/{rest:.*}", provider.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


Said = tuple[int, str, dict[str, str]]


@pytest.fixture
def through() -> Callable[..., Said]:
    """`through([providers], path=, ills=…)`: status, body and headers that a caller gets from the gateway."""

    async def run(providers: list[Provider], path: str, body: Any, more: dict[str, Any]) -> Said:
        ills = frozenset(more.pop("ills", ()))
        patience_s = more.pop("patience_s", 10.0)  # of the caller
        async with listening(providers[0]) as first, listening(providers[-1]) as last:
            upstreams = (Upstream(first), Upstream(last, "gpt-4o-mini"))[: len(providers)]
            settings = Settings(upstreams, **{"timeout_s": 0.3, "backoff_s": 0.01, **more}, ills=ills)
            async with serve(settings) as url, ClientSession(timeout=ClientTimeout(patience_s)) as http:
                headers = {"x-llmops-request-id": "r1", "x-tenant": "t1", "cookie": "secret"}
                async with http.post(url.removesuffix("/v1") + path, json=body, headers=headers) as answer:
                    told = {name.lower(): value for name, value in answer.headers.items()}
                    return answer.status, await answer.text(), told

    def call(providers: list[Provider], path: str = "/v1/chat/completions", body: Any = ASKED, **more: Any) -> Said:
        return asyncio.run(run(providers, path, body, more))

    return call


def test_a_whole_stream_passes_byte_by_byte_with_its_request_id(through: Callable[..., Said]) -> None:
    provider = Provider()
    status, body, headers = through([provider])
    assert (status, body) == (200, b"".join(WHOLE).decode())
    assert headers["x-request-id"] == "req_1"
    assert headers["content-type"].startswith("text/event-stream")
    assert provider.headers[0]["x-llmops-request-id"] == "r1"
    assert provider.headers[0]["x-tenant"] == "t1"
    assert provider.headers[0]["authorization"]
    assert "cookie" not in provider.headers[0]


@pytest.mark.parametrize("behaviour", ["cut", "silent"])
def test_a_stream_that_breaks_off_or_never_begins_comes_from_the_backup(
    behaviour: str, through: Callable[..., Said]
) -> None:
    primary, backup = Provider(behaviour), Provider()
    status, body, _ = through([primary, backup], retries=0)
    assert (status, len(primary.asked), len(backup.asked)) == (502, 1, 1)  # the backup says gpt-4o: not what was asked
    assert "error" in body
    assert backup.asked[0] == {**ASKED, "model": "gpt-4o-mini"}


def test_a_provider_that_is_slow_but_alive_is_left_at_the_limit_of_the_attempt(through: Callable[..., Said]) -> None:
    provider = Provider("silent")
    status, _, _ = through([provider], timeout_s=5.0, attempt_limit_s=0.2, retries=0)
    assert status == 502


def test_ill_laundering_passes_a_cut_stream_as_whole(through: Callable[..., Said]) -> None:
    status, body, _ = through([Provider("cut")], ills=["launders"])
    assert status == 200
    assert "Fine." in body
    assert body.endswith("data: [DONE]\n\n")


def test_ill_patience_outlasts_the_timeout(through: Callable[..., Said]) -> None:
    with pytest.raises(TimeoutError):
        through([Provider("silent")], timeout_s=0.1, patience_s=0.6, ills=["ignores_timeout"])


@pytest.mark.parametrize(
    ("path", "body", "status"), [("/v1/nothing", ASKED, 404), ("/v1/chat/completions", "no object", 404)]
)
def test_what_no_dialect_knows_is_not_found(path: str, body: Any, status: int, through: Callable[..., Said]) -> None:
    provider = Provider()
    assert through([provider], path, body)[0] == status
    assert not provider.asked


def test_it_tells_its_health_and_its_breakers() -> None:
    async def health() -> Any:
        settings = Settings((Upstream("http://127.0.0.1:1/v1"),), breaker_failures=1, cooldown_s=60, retries=0)
        async with serve(settings) as url, ClientSession() as http:
            async with http.post(f"{url}/chat/completions", json=ASKED) as answer:
                assert answer.status == 502
            async with http.get(url.removesuffix("/v1") + "/health") as answer:
                return await answer.json()

    assert asyncio.run(health()) == {"status": "ready", "breakers": ["open"]}
