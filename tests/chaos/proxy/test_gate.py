"""What stands between accept and HTTP: scripted, in a loop whose clock leaps."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from llmops.chaos.proxy.gate import Entrance, Gate
from llmops.chaos.proxy.server import ClientConnection
from llmops.chaos.wire.parts import Action, Fin, Reset, Wait

Play = Callable[[Callable[[], Awaitable[None]]], None]


@pytest.fixture
def play(leaping: asyncio.AbstractEventLoop) -> Play:
    def run(scene: Callable[[], Awaitable[None]]) -> None:
        leaping.run_until_complete(scene())

    return run


class Provider:
    """A provider whose injections are a script; it notes what fails."""

    def __init__(self, *actions: Action, by: str = "quiet") -> None:
        self.connections: set[Any] = set()
        self.failed: list[Exception] = []
        found = (by, iter(actions)) if actions else None
        self.injections = SimpleNamespace(
            on_accept_active=bool(actions), accept_actions=lambda: found, certificate=lambda: "good", active=False
        )

    def fault_failed(self, error: Exception) -> None:
        self.failed.append(error)


class Transport:
    """A connection that notes what is done to it."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.protocol: Any = None

    def pause_reading(self) -> None:
        self.done.append("pause")

    def resume_reading(self) -> None:
        self.done.append("resume")

    def close(self) -> None:
        self.done.append("FIN")

    def abort(self) -> None:
        self.done.append("RST")

    def is_closing(self) -> bool:
        return bool({"FIN", "RST"} & set(self.done))

    def set_protocol(self, protocol: Any) -> None:
        self.protocol = protocol

    def write(self, data: bytes) -> None:
        self.done.append(data.decode())

    def get_write_buffer_size(self) -> int:
        return 0

    def get_extra_info(self, _name: str) -> None:
        return None


def entered(provider: Any) -> tuple[Entrance, Transport]:
    entrance, transport = Entrance(provider, None), Transport()
    entrance.connection_made(transport)  # type: ignore[arg-type]
    return entrance, transport


def test_without_faults_on_connections_it_is_http_at_once() -> None:
    assert isinstance(Gate(Provider(), None).protocol(), ClientConnection)  # type: ignore[arg-type]


def test_with_one_or_with_tls_there_is_an_entrance() -> None:
    authority: Any = object()
    assert isinstance(Gate(Provider(Fin()), None).protocol(), Entrance)  # type: ignore[arg-type]
    assert isinstance(Gate(Provider(), authority).protocol(), Entrance)  # type: ignore[arg-type]


def test_a_connection_that_is_not_hit_is_handed_over_at_once(play: Play) -> None:
    async def scene() -> None:
        provider = Provider()
        _, transport = entered(provider)
        assert transport.done == ["resume"]
        assert isinstance(transport.protocol, ClientConnection)
        assert provider.connections == {transport.protocol}

    play(scene)


def test_what_came_during_the_silence_is_the_first_that_http_reads(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[bytes] = []
    monkeypatch.setattr(ClientConnection, "data_received", lambda _self, data: heard.append(data))

    async def scene() -> None:
        entrance, transport = entered(Provider(Wait(5.0)))
        entrance.data_received(b"GET / HT")
        entrance.data_received(b"TP/1.1")
        await asyncio.sleep(4.999)
        assert heard == []
        await asyncio.sleep(0.002)
        assert (heard, transport.done) == ([b"GET / HTTP/1.1"], ["resume"])

    play(scene)


def test_a_client_that_sends_without_end_during_the_silence_is_no_longer_read(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ClientConnection, "data_received", lambda _self, _data: None)

    async def scene() -> None:
        entrance, transport = entered(Provider(Wait(5.0)))
        entrance.data_received(bytes(1024 * 1024))
        assert transport.done == []
        entrance.data_received(b"x")
        assert transport.done == ["pause"]
        await asyncio.sleep(5.001)
        assert transport.done == ["pause", "resume"]

    play(scene)


def test_silence_holds_the_hand_over_until_it_ends(play: Play) -> None:
    async def scene() -> None:
        _, transport = entered(Provider(Wait(5.0)))
        await asyncio.sleep(4.999)
        assert (transport.done, transport.protocol) == ([], None)
        await asyncio.sleep(0.002)
        assert (transport.done, type(transport.protocol)) == (["resume"], ClientConnection)

    play(scene)


@pytest.mark.parametrize(("end", "name"), [(Fin(), "FIN"), (Reset(), "RST")])
def test_a_connection_that_is_ended_is_not_handed_over(play: Play, end: Action, name: str) -> None:
    async def scene() -> None:
        _, transport = entered(Provider(end))
        assert (transport.done, transport.protocol) == ([name], None)

    play(scene)


def test_when_its_injection_ends_the_connection_is_served_after_all(play: Play) -> None:
    async def scene() -> None:
        entrance, transport = entered(Provider(Wait(50.0), Fin()))
        entrance.hurry("quiet")
        await asyncio.sleep(0.01)
        assert (transport.done, type(transport.protocol)) == (["resume"], ClientConnection)

    play(scene)


def test_the_end_of_another_injection_ends_no_silence(play: Play) -> None:
    async def scene() -> None:
        entrance, transport = entered(Provider(Wait(50.0), Fin()))
        entrance.hurry("other")
        await asyncio.sleep(49)
        assert transport.done == []
        await asyncio.sleep(2)
        assert transport.done == ["FIN"]

    play(scene)


def test_a_client_that_goes_while_it_waits_is_forgotten(play: Play) -> None:
    async def scene() -> None:
        provider = Provider(Wait(5.0))
        entrance, transport = entered(provider)
        entrance.connection_lost(None)
        await asyncio.sleep(10)
        assert (provider.connections, transport.done, transport.protocol) == (set(), [], None)

    play(scene)


def test_a_fault_that_fails_resets_and_is_told(play: Play) -> None:
    def actions() -> Iterator[Action]:
        yield Wait(1.0)
        raise ZeroDivisionError

    async def scene() -> None:
        provider = Provider(Wait(1.0))
        provider.injections.accept_actions = lambda: ("quiet", actions())
        _, transport = entered(provider)
        await asyncio.sleep(2)
        assert ([type(error) for error in provider.failed], transport.done) == ([ZeroDivisionError], ["RST"])

    play(scene)
