"""A listener that refuses and keeps its port, on loopback."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from llmops.chaos.proxy.listener import Listener, address_text
from llmops.errors import BadInput, OutsideFailed


class Echo(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


def play(scenario: Callable[[Listener], Awaitable[None]], protocol: type[asyncio.Protocol] = Echo) -> None:
    async def main() -> None:
        listener = Listener("127.0.0.1", 0, protocol)
        try:
            await scenario(listener)
        finally:
            listener.close()

    asyncio.run(main())


async def echoed(listener: Listener) -> bytes:
    reader, writer = await asyncio.open_connection(listener.host, listener.port)
    writer.write(b"hello")
    try:
        return await reader.readexactly(5)
    finally:
        writer.close()


def test_it_accepts_refuses_and_accepts_again_on_the_same_port() -> None:
    async def scenario(listener: Listener) -> None:
        port = listener.port
        assert port != 0
        with pytest.raises(ConnectionRefusedError):
            await echoed(listener)  # it holds the port and does not listen yet
        for _ in range(3):
            await listener.accept()
            await listener.accept()
            assert listener.accepts
            assert await echoed(listener) == b"hello"
            listener.refuse()
            assert not listener.accepts
            with pytest.raises(ConnectionRefusedError):
                await echoed(listener)
        assert listener.port == port

    play(scenario)


def test_while_it_refuses_nobody_else_gets_its_port() -> None:
    async def scenario(listener: Listener) -> None:
        with pytest.raises(OSError, match="in use"), socket.socket() as other:
            other.bind(("127.0.0.1", listener.port))

    play(scenario)


def test_open_connections_outlive_the_refusal() -> None:
    async def scenario(listener: Listener) -> None:
        await listener.accept()
        reader, writer = await asyncio.open_connection(listener.host, listener.port)
        writer.write(b"a")
        assert await reader.readexactly(1) == b"a"
        listener.refuse()
        writer.write(b"b")
        assert await reader.readexactly(1) == b"b"
        writer.close()

    play(scenario)


def test_a_refusal_while_it_opens_is_not_forgotten() -> None:
    async def scenario(listener: Listener) -> None:
        opening = asyncio.create_task(listener.accept())
        while not opening.done():
            listener.refuse()
            await asyncio.sleep(0)
        await opening
        assert not listener.accepts
        with pytest.raises(ConnectionRefusedError):
            await echoed(listener)

    play(scenario)


def test_two_who_open_it_at_once_open_it_once() -> None:
    async def scenario(listener: Listener) -> None:
        await asyncio.gather(*(listener.accept() for _ in range(5)))
        assert await echoed(listener) == b"hello"
        listener.refuse()
        with pytest.raises(ConnectionRefusedError):
            await echoed(listener)

    play(scenario)


def test_closed_it_gives_its_port_back() -> None:
    async def scenario(listener: Listener) -> None:
        await listener.accept()
        listener.close()
        await asyncio.sleep(0)
        with socket.socket() as other:
            other.bind(("127.0.0.1", listener.port))

    play(scenario)


@pytest.mark.parametrize("turns", range(5))
def test_what_was_accepted_just_before_the_end_becomes_a_connection_or_is_reset(turns: int) -> None:
    async def scenario(listener: Listener) -> None:
        await listener.accept()
        with socket.create_connection((listener.host, listener.port), timeout=10) as client:
            for _ in range(turns):  # of accepting it: the system has it already, asyncio has not
                await asyncio.sleep(0)
            await listener.settle()
            listener.close()
            for transport in made:
                transport.abort()
            await asyncio.sleep(0)
            assert ended(client)

    made: list[Any] = []

    class Noting(Echo):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            made.append(transport)

    play(scenario, Noting)


def ended(client: socket.socket) -> bool:
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


def test_a_port_that_is_taken_is_something_outside() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OutsideFailed, match=f"cannot listen on 127.0.0.1:{port}: Address already in use") as caught:
            Listener("127.0.0.1", port, Echo)
    assert caught.value.hint == "choose another --port or --listen"


@pytest.mark.parametrize("host", ["nowhere.invalid", "192.0.2.1:80", ""])
def test_an_address_that_is_none_is_bad_input(host: str) -> None:
    with pytest.raises(BadInput, match="cannot listen on"):
        Listener(host, 0, Echo)


@pytest.mark.parametrize(
    ("host", "expected"), [("127.0.0.1", "127.0.0.1:80"), ("::1", "[::1]:80"), ("a.example", "a.example:80")]
)
def test_an_address_is_written_as_urls_have_it(host: str, expected: str) -> None:
    assert address_text(host, 80) == expected
