"""What is done to a connection, in order and in time: the transport is a list, the loop's clock leaps."""

import asyncio
import socket
import struct
from collections.abc import Callable, Iterable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from llmops.chaos.proxy import player
from llmops.chaos.proxy.player import DRAIN_S, Player
from llmops.chaos.wire.parts import Action, Fin, Frame, Reset, ResetOnReuse, Wait


class Stage:
    """A connection whose transport writes down what is done to it, and when."""

    half_open = False

    def __init__(self, now: Callable[[], float]) -> None:
        self.done: list[tuple[str, float]] = []
        self.failed: list[Exception] = []
        self.unsent_bytes = 0
        self._now, self._began_s = now, now()
        self.transport: Any = SimpleNamespace(
            write=lambda data: self.say(data.decode()),
            close=lambda: self.say("FIN"),
            abort=lambda: self.say("RST"),
            is_closing=lambda: "RST" in self.names or "FIN" in self.names,
            get_write_buffer_size=lambda: self.unsent_bytes,
            get_extra_info=lambda _name: None,
        )

    def say(self, what: str) -> None:
        self.done.append((what, round(self._now() - self._began_s, 6)))

    @property
    def names(self) -> list[str]:
        return [what for what, _ in self.done]

    def fault_failed(self, error: Exception) -> None:
        self.failed.append(error)


Scene = Callable[[Stage, Player], Any]


@pytest.fixture
def act(leaping: asyncio.AbstractEventLoop) -> Callable[[Scene], Stage]:
    """`act(scene)`: the scene in a loop of its own, then as much time as is asked for; what was done."""

    def run(scene: Scene) -> Stage:
        stage = Stage(leaping.time)

        async def main() -> None:
            scene(stage, Player(stage))
            await asyncio.sleep(100)

        leaping.run_until_complete(main())
        return stage

    return run


def said(name: str) -> Frame:
    return Frame(name.encode())


def play(stage: Stage, player: Player, actions: Iterable[Action], name: str = "then") -> None:
    player.play(iter(actions), then=lambda: stage.say(name))


def test_a_wait_holds_all_that_follows_it(act: Callable[[Scene], Stage]) -> None:
    def scene(stage: Stage, player: Player) -> None:
        play(stage, player, [said("a"), Wait(2.0), said("b"), Wait(0.5), said("c")], "first")
        play(stage, player, [said("d")], "second")
        assert player.busy

    assert act(scene).done == [
        ("a", 0), ("b", 2), ("c", 2.5), ("first", 2.5), ("d", 2.5), ("second", 2.5)
    ]  # fmt: skip


def test_what_follows_a_wait_is_not_even_made_before_it(act: Callable[[Scene], Stage]) -> None:
    def scene(stage: Stage, player: Player) -> None:
        def actions() -> Iterator[Action]:
            stage.say("made 1")
            yield Wait(3.0)
            stage.say("made 2")
            yield said("a")

        play(stage, player, actions())

    assert act(scene).done == [("made 1", 0), ("made 2", 3), ("a", 3), ("then", 3)]


def test_a_wait_of_no_time_is_none(act: Callable[[Scene], Stage]) -> None:
    def scene(stage: Stage, player: Player) -> None:
        play(stage, player, [Wait(0.0), said("a"), Wait(-1.0), said("b")])
        assert stage.names == ["a", "b", "then"]
        assert not player.busy

    act(scene)


def test_no_wait_is_early_however_coarse_the_clock(
    act: Callable[[Scene], Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loop rings when its own clock says so; that of the player is behind by a millisecond here."""

    def scene(stage: Stage, player_: Player) -> None:
        loop = asyncio.get_running_loop()
        behind = SimpleNamespace(monotonic=lambda: loop.time() - (0.001 if loop.time() > 1000 else 0))
        monkeypatch.setattr(player, "time", behind)
        play(stage, player_, [Wait(0.01), said("a")])

    ((_, at_s), _) = act(scene).done
    assert 0.011 <= at_s < 0.0115


def test_ten_thousand_waits_shorter_than_the_clock_are_played_one_by_one(act: Callable[[Scene], Stage]) -> None:
    def scene(stage: Stage, player: Player) -> None:
        play(stage, player, (action for _ in range(10_000) for action in (Wait(1e-12), said("x"))))

    stage = act(scene)
    assert (stage.failed, len(stage.done)) == ([], 10_001)


def test_who_is_hurried_waits_neither_now_nor_later(act: Callable[[Scene], Stage]) -> None:
    def scene(stage: Stage, player: Player) -> None:
        play(stage, player, [Wait(50.0), said("a"), Wait(50.0), said("b")])
        asyncio.get_running_loop().call_later(1, player.hurry)

    assert act(scene).done == [("a", 1), ("b", 1), ("then", 1)]


def test_only_the_wait_of_that_injection_is_skipped(act: Callable[[Scene], Stage]) -> None:
    def scene(stage: Stage, player: Player) -> None:
        def skip() -> None:
            player.skip("b")  # whose wait is not at hand
            player.skip("a")
            play(stage, player, [said("y")], "second")

        play(stage, player, [Wait(50.0, by="a"), said("x"), Wait(5.0, by="b")], "first")
        asyncio.get_running_loop().call_later(1, skip)

    assert act(scene).done == [("x", 1), ("first", 6), ("y", 6), ("second", 6)]


def test_what_is_abandoned_is_not_played_and_what_was_to_come_after_it_comes(act: Callable[[Scene], Stage]) -> None:
    def scene(stage: Stage, player: Player) -> None:
        play(stage, player, [said("a"), Wait(50.0), said("never"), Fin()])
        asyncio.get_running_loop().call_later(1, player.abandon)

    assert act(scene).done == [("a", 0), ("then", 1)]


def test_who_has_nothing_waiting_loses_nothing_by_abandoning(act: Callable[[Scene], Stage]) -> None:
    def scene(stage: Stage, player: Player) -> None:
        player.abandon()
        play(stage, player, [said("a")])

    assert act(scene).names == ["a", "then"]


def test_nothing_is_played_for_a_client_that_is_gone(act: Callable[[Scene], Stage]) -> None:
    def scene(stage: Stage, player: Player) -> None:
        play(stage, player, [said("a"), Wait(1.0), said("never")])
        player.stop()
        player.hurry()

    assert act(scene).names == ["a"]


@pytest.mark.parametrize(("end", "name"), [(Fin(), "FIN"), (Reset(), "RST")])
def test_an_end_is_the_last_thing_done_and_is_told(act: Callable[[Scene], Stage], end: Action, name: str) -> None:
    def scene(stage: Stage, player: Player) -> None:
        play(stage, player, [said("a"), end, said("never"), Wait(1.0)])
        play(stage, player, [said("never")], "after")
        player.reset()
        assert player.closed

    assert act(scene).names == ["a", name, "then", "after"]


def test_a_reset_waits_until_what_was_sent_has_arrived(act: Callable[[Scene], Stage]) -> None:
    def scene(stage: Stage, player: Player) -> None:
        stage.unsent_bytes = 5
        play(stage, player, [said("a"), Reset()])
        asyncio.get_running_loop().call_later(0.5, lambda: setattr(stage, "unsent_bytes", 0))

    (_, (_, told_s), (reset, at_s)) = act(scene).done
    assert (reset, told_s) == ("RST", 0)
    assert 0.5 <= at_s <= 0.502


def test_a_reset_does_not_wait_for_ever_for_a_client_that_does_not_read(act: Callable[[Scene], Stage]) -> None:
    def scene(stage: Stage, player: Player) -> None:
        stage.unsent_bytes = 5
        play(stage, player, [Reset()])

    name, at_s = act(scene).done[-1]
    assert (name, DRAIN_S <= at_s <= DRAIN_S + 0.002) == ("RST", True)


def test_half_open_is_said_to_the_connection_and_takes_no_time(act: Callable[[Scene], Stage]) -> None:
    def scene(stage: Stage, player: Player) -> None:
        play(stage, player, [said("a"), ResetOnReuse(), said("b")])

    stage = act(scene)
    assert (stage.half_open, stage.done) == (True, [("a", 0), ("b", 0), ("then", 0)])


def test_a_fault_that_fails_resets_the_connection_and_is_told(act: Callable[[Scene], Stage]) -> None:
    def scene(stage: Stage, player: Player) -> None:
        def actions() -> Iterator[Action]:
            yield said("a")
            raise ZeroDivisionError

        play(stage, player, actions())

    stage = act(scene)
    assert stage.names == ["a", "RST", "then"]
    assert [type(error) for error in stage.failed] == [ZeroDivisionError]


# --- sockets


def with_socket(sock: object, buffered: int = 0) -> Any:
    done: list[str] = []
    return SimpleNamespace(
        get_write_buffer_size=lambda: buffered,
        get_extra_info={"socket": sock}.get,
        abort=lambda: done.append("abort"),
        done=done,
    )


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = socket.create_connection(listener.getsockname())
        far, _ = listener.accept()
        with near, far:
            yield near, far


def test_unsent_is_what_waits_here_and_in_the_system(pair: tuple[socket.socket, socket.socket]) -> None:
    near, _ = pair
    near.setblocking(False)
    assert player.unsent_bytes(with_socket(near, 7)) == 7
    sent = 0
    try:
        while True:
            sent += near.send(b"x" * 65536)
    except BlockingIOError:
        pass  # the other side does not read: the rest waits in the system
    assert 7 < player.unsent_bytes(with_socket(near, 7)) <= 7 + sent


def test_without_a_socket_only_what_waits_here_is_known() -> None:
    closed = socket.socket()
    closed.close()
    assert player.unsent_bytes(with_socket(None, 7)) == 7
    assert player.unsent_bytes(with_socket(closed, 7)) == 7


def test_a_reset_is_a_rst_on_the_wire(pair: tuple[socket.socket, socket.socket]) -> None:
    near, far = pair
    transport = with_socket(near)
    player.reset(transport)
    assert transport.done == ["abort"]
    linger = struct.unpack("ii", near.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8))
    assert linger == (1, 0)
    near.close()
    with pytest.raises(ConnectionResetError):
        far.recv(1)
