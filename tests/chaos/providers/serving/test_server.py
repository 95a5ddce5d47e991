"""Simulated providers on a socket: keys, half requests, pace, ports."""

import asyncio
import socket
from collections.abc import Callable
from email.message import Message

import aiohttp
import pytest

from llmops.chaos.providers.answering.tokens import token_count
from llmops.chaos.providers.base import providers
from llmops.chaos.providers.openai import Openai
from llmops.chaos.providers.serving.desk import Settings
from llmops.chaos.providers.serving.pacing import Delay, Pacing, Timing
from llmops.chaos.providers.serving.server import Running, serve
from llmops.errors import BadInput, OutsideFailed

Serve = Callable[..., Running]
Post = Callable[..., tuple[int, Message, bytes]]

CHAT = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
MESSAGES = {**CHAT, "max_tokens": 100}


ROUTES = {
    "openai": ("/chat/completions", CHAT),
    "anthropic": ("/v1/messages", MESSAGES),
    "gemini": ("/v1beta/models/m:generateContent", {"contents": [{"parts": []}]}),
}


@pytest.mark.parametrize(
    ("name", "status", "word"),
    [
        ("openai", 401, b"invalid_request_error"),
        ("anthropic", 401, b"authentication_error"),
        ("gemini", 403, b"PERMISSION_DENIED"),
    ],
)
def test_a_key_only_has_to_be_there(serving: Serve, post: Post, name: str, status: int, word: bytes) -> None:
    path, body = ROUTES[name]
    url = serving(name).base_url + path
    found, _, answer = post(url, body, key=None)
    assert (found, word in answer) == (status, True)
    assert post(url, body, key="anything-at-all")[0] == 200


@pytest.mark.parametrize("name", providers.names())
def test_what_is_no_json_object_is_a_400_and_what_is_no_route_a_404(serving: Serve, post: Post, name: str) -> None:
    url = serving(name).base_url
    for body in (b"", b"{", b"[]", b"\xff", b'"hello"', b"null"):
        assert post(url + ROUTES[name][0], body)[0] == 400
    assert post(f"{url}/nothing/here", CHAT)[0] == 404


def test_a_port_in_use_is_said_in_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OutsideFailed, match="is in use"):
            asyncio.run(started(port=taken.getsockname()[1]))


def test_an_address_that_is_not_ours_is_said_in_a_sentence() -> None:
    with pytest.raises(BadInput, match="cannot listen"):
        asyncio.run(started(host="203.0.113.1"))


async def started(host: str = "127.0.0.1", port: int = 0) -> None:
    async with serve(Openai(), Settings(), host=host, port=port):
        pass


def test_the_first_token_and_each_further_one_take_their_time() -> None:
    waited = asyncio.run(waits(stream=True))
    whole = asyncio.run(waits(stream=False))
    assert waited[0] == pytest.approx(0.5)
    assert waited[1:] == pytest.approx([0.02] * (len(waited) - 1))
    assert sum(whole) == pytest.approx(sum(waited))


async def waits(*, stream: bool) -> list[float]:
    """The sleeps of one answer, with a clock that only sleeping moves."""
    now, slept = [1000.0], list[float]()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    settings = Settings(pacing=Pacing(Delay(0.5), Delay(0.02)))
    timing = Timing(clock=lambda: now[0], sleep=sleep)
    async with serve(Openai(), settings, timing=timing) as running, aiohttp.ClientSession() as client:
        head = {"authorization": "Bearer any"}
        async with client.post(
            f"{running.base_url}/chat/completions", json={**CHAT, "stream": stream}, headers=head
        ) as got:
            body = await got.read()
    if stream:
        assert len(slept) == body.count(b'"content":"') - 1  # the role chunk has an empty one
    else:
        assert token_count(body.decode()) > 0
    return slept


def test_the_same_seed_gives_the_same_bytes(serving: Serve, post: Post) -> None:
    first, second = (post(serving("anthropic").base_url + "/v1/messages", MESSAGES)[2] for _ in range(2))
    other = post(serving("anthropic", Settings(seed=1)).base_url + "/v1/messages", MESSAGES)[2]
    assert first == second != other
