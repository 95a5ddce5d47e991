"""The stand-in: what Retry-After says, and real requests that are refused."""

import http.client
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from llmops.errors import OutsideFailed
from llmops.infra.awake import Group, Instance
from llmops.infra.stand_in import STALE_S, State, Watched, retry_after_s, serving, state_of

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
RECOVERY_S = 840.0


def group(desired: int, healthy: int, *launched: tuple[str, datetime | None]) -> Group:
    instances = tuple(
        Instance(f"i-{at}", "g6e.12xlarge", "us-east-1a", state, moment, is_spot=False, image_id="ami-1")
        for at, (state, moment) in enumerate(launched)
    )
    return Group("fb", 0, 4, desired, 1050, {}, instances, healthy, healthy, None)


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (group(0, 0), State("asleep")),
        (group(0, 1, ("Terminating", NOW)), State("asleep")),  # what drains takes no new requests
        (group(1, 0), State("waking")),
        (group(1, 0, ("Pending:Wait", NOW)), State("waking", NOW)),
        (group(2, 0, ("Pending", NOW), ("Pending", NOW - timedelta(60))), State("waking", NOW - timedelta(60))),
        (group(1, 0, ("Terminating", NOW - timedelta(60)), ("Pending", NOW)), State("waking", NOW)),
        (group(2, 1, ("InService", NOW), ("Pending", NOW)), State("awake")),
    ],
)
def test_awake_is_what_serves(found: Group, state: State) -> None:
    assert state_of(found) == state


@pytest.mark.parametrize(
    ("state", "seconds"),
    [
        (State("asleep"), 840),
        (State("unknown"), 840),
        (State("waking"), 840),  # nothing is launched yet
        (State("waking", NOW - timedelta(seconds=240)), 600),
        (State("waking", NOW - timedelta(seconds=239.5)), 601),  # rounded up: never too early
        (State("waking", NOW - timedelta(seconds=830)), 10),
        (State("waking", NOW - timedelta(seconds=2000)), 10),  # late: soon, never 0 or less
        (State("awake"), 10),
    ],
)
def test_retry_after_is_what_is_left_of_the_recovery(state: State, seconds: int) -> None:
    assert retry_after_s(state, RECOVERY_S, NOW) == seconds


def test_a_state_that_is_too_old_or_was_never_seen_is_unknown() -> None:
    time = [0.0]
    answers: list[Any] = [State("awake"), OutsideFailed("AWS: no"), OutsideFailed("AWS: no")]

    def look() -> State:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        state: State = answer
        return state

    watched = Watched(look, lambda: time[0])
    assert watched.state == State("unknown")
    watched.refresh()
    time[0] = STALE_S
    watched.refresh()
    assert (watched.state, watched.trouble) == (State("awake"), "AWS: no")
    time[0] += 0.1
    assert watched.state == State("unknown")  # never asleep, never awake, on a word that is a minute old


Ask = Callable[..., http.client.HTTPResponse]
Start = Callable[[State], AbstractContextManager[tuple[str, int]]]


@pytest.fixture
def start() -> Start:
    def started(state: State) -> AbstractContextManager[tuple[str, int]]:
        watched = Watched(lambda: state, lambda: 0.0)
        watched.refresh()
        return serving("127.0.0.1", 0, watched, RECOVERY_S, lambda: NOW)

    return started


@pytest.fixture
def asked() -> Iterator[Ask]:
    open_ones = []

    def ask(port: int, method: str = "POST", path: str = "/v1/chat/completions", body: bytes | None = b"{}") -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        open_ones.append(connection)
        connection.request(method, path, body)
        return connection.getresponse()

    yield ask
    for connection in open_ones:
        connection.close()


def test_a_request_to_a_fallback_that_sleeps_is_told_when_to_come_back(start: Start, asked: Ask) -> None:
    with start(State("asleep")) as (_, port):
        answer = asked(port)
        assert (answer.status, answer.getheader("retry-after")) == (503, "840")
        error = json.loads(answer.read())["error"]
        assert (error["type"], error["code"]) == ("service_unavailable", "fallback_asleep")


def test_while_it_wakes_the_time_shrinks(start: Start, asked: Ask) -> None:
    with start(State("waking", NOW - timedelta(minutes=4))) as (_, port):
        answer = asked(port)
        assert answer.getheader("retry-after") == "600"
        assert json.loads(answer.read())["error"]["code"] == "fallback_waking"


def test_awake_it_passes_nothing_on(start: Start, asked: Ask) -> None:
    with start(State("awake")) as (_, port):
        answer = asked(port)
        assert (answer.status, answer.getheader("location"), answer.getheader("retry-after")) == (503, None, "10")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_every_method_is_refused_so_that_no_health_check_passes(start: Start, asked: Ask, method: str) -> None:
    with start(State("asleep")) as (_, port):
        answer = asked(port, method, "/health", None)
        assert answer.status == 503
        assert bool(answer.read()) is (method != "HEAD")


def test_a_long_request_hears_the_answer(start: Start, asked: Ask) -> None:
    with start(State("asleep")) as (_, port):
        assert asked(port, body=b"x" * 5_000_000).status == 503


def test_a_length_that_is_none_is_refused_as_well(start: Start) -> None:
    with start(State("asleep")) as (_, port), socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 503")


def test_a_taken_port_is_one_sentence(start: Start) -> None:
    with start(State("asleep")) as (_, port):
        watched = Watched(lambda: State("asleep"), lambda: 0.0)
        taken = serving("127.0.0.1", port, watched, RECOVERY_S, lambda: NOW)
        with pytest.raises(OutsideFailed, match=f"cannot listen on 127.0.0.1:{port}"), taken:
            pass
