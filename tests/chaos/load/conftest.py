"""Time that only waiting moves, and a server that exists only in it."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import pytest

from llmops.chaos.load.connection import Connection
from llmops.chaos.load.plan import PlannedCall

T = TypeVar("T")
CHAT_BODY = b'{"model":"m","choices":[{"message":{"content":"yes"},"finish_reason":"stop"}],"usage":{"prompt_tokens":4,"completion_tokens":1}}'  # noqa: E501 - bytes as they come


class _Jumping(selectors.DefaultSelector):
    """Where nothing is ready, the time jumps to when the loop wants to wake."""

    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "everything waits for something that never comes"
            self.now += max(0.0, timeout)
        return ready


class SimulatedLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


@pytest.fixture
def simulated() -> Callable[..., Any]:
    """Run a coroutine function in simulated time: it is given the clock."""

    def run(main: Callable[[Callable[[], float]], Coroutine[Any, Any, T]]) -> T:
        with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
            return runner.run(main(runner.get_loop().time))

    return run


class Server(asyncio.Transport):
    """The other end of one connection: answers each request after `service_s`; None never answers."""

    def __init__(self, connection: Connection, service_s: float | None, answer: bytes) -> None:
        super().__init__()
        self.requests: list[bytes] = []
        self._connection, self._service_s, self._answer = connection, service_s, answer
        self.gone = False

    def write(self, data: Any) -> None:
        self.requests.append(bytes(data))
        if self._service_s is not None:
            asyncio.get_running_loop().call_later(self._service_s, self._say)

    def _say(self) -> None:
        if not self.gone:
            self._connection.data_received(self._answer)

    def abort(self) -> None:
        if not self.gone:
            self.gone = True
            asyncio.get_running_loop().call_soon(self._connection.connection_lost, None)

    close = abort


class Servers:
    """Opens connections to a server of unlimited capacity; `opened` has them all."""

    def __init__(self, service_s: float | None, body: bytes = CHAT_BODY, connect_s: float = 0.0) -> None:
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
        self._service_s, self._answer, self._connect_s = service_s, head + body, connect_s
        self.opened: list[Server] = []

    async def __call__(self, protocol: Callable[[], Connection]) -> Connection:
        await asyncio.sleep(self._connect_s)
        connection = protocol()
        self.opened.append(Server(connection, self._service_s, self._answer))
        connection.connection_made(self.opened[-1])
        return connection


@pytest.fixture
def servers() -> Callable[..., Servers]:
    """`servers(service_s)`: a server in simulated time, for the parameter `connect` of `run_load`."""
    return Servers


@pytest.fixture
def planned() -> Callable[..., PlannedCall]:
    """A call that is due at a time; anything about it may be given."""

    def call(at_s: float, **given: Any) -> PlannedCall:
        usual: dict[str, Any] = {
            "request_id": f"r{at_s:g}",
            "dialect": "openai_chat",
            "path": "/chat/completions",
            "model": "m",
            "stream": False,
            "body": b'{"model":"m","messages":[{"role":"user","content":"hi"}]}',
        }
        return PlannedCall(at_s=at_s, **{**usual, **given})

    return call
