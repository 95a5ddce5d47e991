"""The stand-in of a fallback that sleeps: beside the gateway, it answers 503 with Retry-After and passes nothing on."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import ceil
from typing import Literal

from llmops.errors import LlmopsError, OutsideFailed
from llmops.infra.awake import Group

Word = Literal["asleep", "waking", "awake", "unknown"]
Look = Callable[[], "State"]

POLL_S = 10.0
STALE_S = 60.0  # a state that is older is not known any more
SOON_S = 10  # the least that Retry-After says: its clients look as often as we do
IDLE_S = 15.0  # a connection that says nothing is closed
MAX_BODY_BYTES = 64 * 1024**2  # what is read of a request before it is refused, so that its client hears the answer
CHUNK_BYTES = 65536
SAID: dict[Word, str] = {
    "asleep": "the fallback sleeps and nobody has woken it; from a wake-up it takes about as long as Retry-After says",
    "waking": "the fallback is waking",
    "awake": "the fallback is awake: it answers at its own address, not here",
    "unknown": "whether the fallback is awake is not known",
}


@dataclass(frozen=True)
class State:
    """What the fallback does, and since when it wakes."""

    word: Word
    waking_since: datetime | None = None


def state_of(group: Group) -> State:
    """Awake is what serves: an instance that still starts is not."""
    if group.desired == 0:
        return State("asleep")
    if group.healthy > 0:
        return State("awake")
    launches = [it.launched_at for it in group.instances if it.launched_at and "Terminat" not in it.state]
    return State("waking", min(launches, default=None))


def retry_after_s(state: State, recovery_s: float, now: datetime) -> int:
    """Seconds until it is worth trying again: what is left of the expected recovery; all of it where nothing is known.

    `recovery_s` is the upper bound of a recovery: who comes back at that time finds an answer, or a reason to worry.
    """
    if state.word == "awake":
        return SOON_S
    left = recovery_s
    if state.word == "waking" and state.waking_since is not None:
        left -= (now - state.waking_since).total_seconds()
    return max(SOON_S, ceil(left))


class Watched:
    """The last known state. Looks are made by one thread; requests only read what it saw."""

    def __init__(self, look: Look, clock: Callable[[], float]) -> None:
        self._look, self._clock = look, clock
        self._seen: tuple[float, State] | None = None
        self.trouble = ""  # of the last look; empty where it went well

    def refresh(self) -> None:
        try:
            self._seen = (self._clock(), self._look())
            self.trouble = ""
        except LlmopsError as error:
            self.trouble = str(error)

    @property
    def state(self) -> State:
        if self._seen is None or self._clock() - self._seen[0] > STALE_S:
            return State("unknown")
        return self._seen[1]


@contextmanager
def serving(
    host: str, port: int, watched: Watched, recovery_s: float, now: Callable[[], datetime]
) -> Iterator[tuple[str, int]]:
    """Answer until the end of the block; gives where. OutsideFailed where the address cannot be had."""

    class Handler(_Handler):
        def answer(self) -> tuple[State, int]:
            state = watched.state
            return state, retry_after_s(state, recovery_s, now())

    try:
        server = ThreadingHTTPServer((host, port), Handler)
    except OSError as error:
        raise OutsideFailed(
            f"cannot listen on {host}:{port}: {error.strerror}", hint="give another --listen"
        ) from error
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield host, server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    """Refuses whatever is asked, in the form of errors of the OpenAI API."""

    protocol_version = "HTTP/1.1"
    timeout = IDLE_S
    server_version, sys_version = "llmops-stand-in", ""

    def answer(self) -> tuple[State, int]:
        raise NotImplementedError

    def do_POST(self) -> None:
        self._drop_body()
        state, seconds = self.answer()
        error = {"message": SAID[state.word], "type": "service_unavailable", "code": f"fallback_{state.word}"}
        body = json.dumps({"error": error}).encode()
        self.send_response(503)
        for name, value in (("retry-after", seconds), ("content-type", "application/json"), ("connection", "close")):
            self.send_header(name, str(value))
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_POST  # noqa: N815 - http.server calls them so

    def _drop_body(self) -> None:
        """Read what was sent: a connection that is closed on unread bytes is reset, and its client hears nothing."""
        told = self.headers.get("content-length", "0")
        left = min(int(told), MAX_BODY_BYTES) if told.isascii() and told.isdecimal() else 0
        while left > 0 and (piece := self.rfile.read(min(left, CHUNK_BYTES))):
            left -= len(piece)

    def log_message(self, *_: object) -> None:
        """Requests are the gateway's to log."""
