"""Simulated providers on a free port, for the official SDKs."""

import asyncio
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from email.message import Message

import pytest

from llmops.chaos.providers.base import providers
from llmops.chaos.providers.serving.desk import Settings
from llmops.chaos.providers.serving.server import Running, serve

Serve = Callable[..., Running]
Post = Callable[..., tuple[int, Message, bytes]]


@contextmanager
def running(name: str, settings: Settings) -> Iterator[Running]:
    """A provider in a thread with a loop of its own, so that synchronous SDKs can talk to it."""
    ready: list[Running] = []
    begun, loop = threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()

    async def main() -> None:
        async with serve(providers.get(name)(), settings) as provider:
            ready.append(provider)
            begun.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(main()), daemon=True)
    thread.start()
    try:
        assert begun.wait(10), "the provider did not come up"
        yield ready[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()


@pytest.fixture
def serving() -> Iterator[Serve]:
    """Start a simulated provider by its name; it ends with the test."""
    with ExitStack() as stack:
        yield lambda name, settings=None: stack.enter_context(running(name, settings or Settings()))


@pytest.fixture
def post() -> Post:
    """Post JSON to a URL: status, headers and body of the answer, whatever the status."""

    def send(url: str, body: object, key: str | None = "any") -> tuple[int, Message, bytes]:
        keys = {"x-goog-api-key": key, "x-api-key": key, "authorization": f"Bearer {key}"} if key else {}
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(url, raw, {"content-type": "application/json", **keys})  # noqa: S310 - loopback
        try:
            with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310 - loopback
                return response.status, response.headers, response.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()

    return send
