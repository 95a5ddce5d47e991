"""Executes what faults decide: frames, waits, and the two ways to end a connection. Nothing else touches the socket."""

import asyncio
import contextlib
import fcntl
import socket
import struct
import termios
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Protocol

from llmops.chaos.wire.parts import Action, Fin, Frame, Reset, ResetOnReuse, Wait

LINGER_NONE = struct.pack("ii", 1, 0)  # close() then sends RST instead of FIN
DRAIN_S = 2.0  # for what was sent before a reset to arrive; a client that does not read loses it
DRAIN_STEP_S = 0.001
SHORTEST_SLEEP_S = 0.0002


class Stage(Protocol):
    """The connection that is played on."""

    transport: asyncio.Transport
    half_open: bool

    def fault_failed(self, error: Exception) -> None: ...


class Player:
    """Plays actions in order; a wait holds everything that follows it."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._queue: deque[tuple[Iterator[Action], Callable[[], None]]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._playing = False
        self._hurried = False
        self._waits_for = ""  # the injection that asked for the wait at hand
        self.closed = False

    @property
    def busy(self) -> bool:
        """Whether something waits its time."""
        return self._timer is not None

    def play(self, actions: Iterator[Action], *, then: Callable[[], None]) -> None:
        """Play these after all before them; `then` is called when they are done, or have closed the connection."""
        self._queue.append((iter(actions), then))
        if self._timer is None and not self._playing:
            self._go_on()

    def hurry(self) -> None:
        """Wait no longer: neither now nor later on."""
        self._hurried = True
        self._wake_now()

    def skip(self, injection: str) -> None:
        """Go on at once where this injection asked for the wait at hand."""
        if self._waits_for == injection:
            self._wake_now()

    def _wake_now(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            asyncio.get_running_loop().call_soon(self._go_on)

    def abandon(self) -> None:
        """Play nothing more of what waits; what was to come after it comes now."""
        if self._timer is not None and self._queue:
            _, then = self._queue[0]
            self._queue[0] = (iter(()), then)
        self.hurry()

    def stop(self) -> None:
        """The client is gone."""
        self.closed = True
        self._queue.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _go_on(self) -> None:
        if self._timer is not None or self._playing:
            return  # somebody went on before, and waits or plays by now
        self._playing = True
        try:
            while self._queue:
                actions, then = self._queue[0]
                if not self._play_one(actions):
                    return
                if self._queue and self._queue[0][0] is actions:
                    self._queue.popleft()
                then()
        finally:
            self._playing = False

    def _play_one(self, actions: Iterator[Action]) -> bool:
        """Until these are done: false when a wait holds them."""
        try:
            for action in actions:
                if self.closed:
                    return True
                if self._do(action):
                    return False
        except Exception as error:  # noqa: BLE001 - a fault is anybody's code; the proxy must outlive it
            self._stage.fault_failed(error)
            self.reset()
        return True

    def _do(self, action: Action) -> bool:
        """Do it; true when what follows must wait."""
        if isinstance(action, Frame):
            self._stage.transport.write(action.data)
        elif isinstance(action, ResetOnReuse):
            self._stage.half_open = True
        elif isinstance(action, Wait):
            self._waits_for = action.by
            return self._wait(action.seconds)
        elif isinstance(action, Fin):
            self.closed = True
            self._stage.transport.close()
        elif isinstance(action, Reset):
            self.reset()
        return False

    def _wait(self, seconds: float) -> bool:
        if seconds <= 0 or self._hurried:
            return False
        return self._sleeps_until(time.monotonic() + seconds)

    def _sleeps_until(self, due: float) -> bool:
        left = due - time.monotonic()
        if left > 0:
            self._timer = asyncio.get_running_loop().call_later(max(left, SHORTEST_SLEEP_S), self._wake, due)
        return left > 0

    def _wake(self, due: float) -> None:
        """Never early: the loop's timers have a grain of a millisecond, and its clock lags."""
        if not self._sleeps_until(due):
            self._timer = None
            self._go_on()

    def reset(self) -> None:
        """Tear down with a RST, once what was sent before has arrived."""
        if self.closed:
            return
        self.closed = True
        self._reset_when_drained(time.monotonic() + DRAIN_S)

    def _reset_when_drained(self, limit: float) -> None:
        transport = self._stage.transport
        if transport.is_closing():
            return
        if unsent_bytes(transport) and time.monotonic() < limit:
            asyncio.get_running_loop().call_later(DRAIN_STEP_S, self._reset_when_drained, limit)
            return
        reset(transport)


def unsent_bytes(transport: asyncio.Transport) -> int:
    """What the peer has not acknowledged yet: in our buffer, and in the system's."""
    waiting = transport.get_write_buffer_size()
    sock = transport.get_extra_info("socket")
    if sock is None:
        return waiting
    try:
        return waiting + int(struct.unpack("i", fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, b"\0" * 4))[0])
    except (OSError, ValueError):
        return waiting  # not a socket of this system's that can say so, or closed by now


def reset(transport: asyncio.WriteTransport) -> None:
    """Close so that the peer gets RST."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        with contextlib.suppress(OSError):  # already gone
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
    transport.abort()
