"""Toxiproxy: one suite for a real server and for our own control API, by raw HTTP, by toxiproxy-python, by our adapter.

It runs against ours always, and against a real server where `toxiproxy-server` is on the PATH, or `TOXIPROXY_URL` names
one of this machine that the tests may do with as they like. Every toxic is measured from a client.
"""

import http.client
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from llmops.chaos.proxy.journal import Journal
from llmops.chaos.proxy.receipts import state_receipt
from llmops.chaos.toxiproxy import Toxiproxy
from llmops.chaos.toxiproxy_http import Refused
from llmops.errors import BadInput, OutsideFailed

pytestmark = pytest.mark.xdist_group("toxiproxy")  # one server of each kind serves all of these
READY_S = 20
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
names = (f"llmops-{os.getpid()}-{number}" for number in count())


# --- the servers


@dataclass
class Server:
    kind: str
    url: str
    journal: Path | None = None  # ours alone writes one

    @property
    def port(self) -> int:
        return int(urlsplit(self.url).port or 80)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str, bytes]:
        """Status, content type, body; a body that is a string is sent as it is."""
        connection = http.client.HTTPConnection(urlsplit(self.url).hostname or "", self.port, timeout=10)
        try:
            data = body if body is None or isinstance(body, str) else json.dumps(body)
            connection.request(method, path, data, {key.replace("_", "-"): each for key, each in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.headers.get("Content-Type", ""), answer.read()
        finally:
            connection.close()

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status, and the JSON of the answer."""
        status, _, answer = self.ask(method, path, body)
        return status, json.loads(answer) if answer else None


@contextmanager
def running(command: list[str], ready: Callable[["subprocess.Popen[str]"], str]) -> Iterator[str]:
    """A server as a process of its own; its URL."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield ready(process)
        finally:
            process.terminate()
            process.stdout.close()
            process.wait(READY_S)


@contextmanager
def ours(folder: Path) -> Iterator[Server]:
    journal = folder / "proxy.jsonl"
    places = ["--upstream", "openai=http://127.0.0.1:9", "--control", "127.0.0.1:0", "--journal", str(journal)]

    def ready(process: "subprocess.Popen[str]") -> str:
        assert process.stdout is not None
        return next(line.split()[1] for line in process.stdout if line.startswith("control"))

    with running([sys.executable, "-m", "llmops", "chaos", "proxy", *places], ready) as url:
        yield Server("ours", url, journal)


@contextmanager
def real(_folder: Path) -> Iterator[Server]:
    if REAL_URL:
        yield Server("toxiproxy", REAL_URL)
        return
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    def ready(process: "subprocess.Popen[str]") -> str:
        assert process.stdout is not None
        threading.Thread(target=process.stdout.read, daemon=True).start()  # or its log stops it
        limit = time.monotonic() + READY_S
        while time.monotonic() < limit:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                return f"http://127.0.0.1:{port}"
            time.sleep(0.01)
        raise TimeoutError(f"{REAL_BINARY} does not listen")

    with running([str(REAL_BINARY), "-host", "127.0.0.1", "-port", str(port), "-proxy-metrics"], ready) as url:
        yield Server("toxiproxy", url)


REAL_URL, REAL_BINARY = os.environ.get("TOXIPROXY_URL"), shutil.which("toxiproxy-server")
KINDS = {"ours": ours, **({"toxiproxy": real} if REAL_URL or REAL_BINARY else {})}


def test_a_real_server_runs_the_suite_too() -> None:
    """Skipped once, where the rest would be skipped a hundred times."""
    if "toxiproxy" not in KINDS:
        pytest.skip("no real Toxiproxy: toxiproxy-server is not on the PATH, and TOXIPROXY_URL is not set")
    if REAL_URL:
        assert urlsplit(REAL_URL).hostname in LOOPBACK, "its proxies must reach servers of this machine"


@pytest.fixture(scope="module", params=KINDS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    with KINDS[request.param](folder) as started:
        _, kind, _ = started.ask("GET", "/version")
        assert kind.startswith("application/json"), f"the Toxiproxy at {started.url} is older than 2.7"
        yield started


@pytest.fixture
def toxiproxy(server: Server) -> Iterator[Toxiproxy]:
    with Toxiproxy(server.url) as adapter:
        yield adapter


# --- what stands behind a proxy, and who speaks through it


def echo(connection: socket.socket) -> None:
    while data := connection.recv(65536):
        connection.sendall(data)


def says(data: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(data)

    return answer


@contextmanager
def upstream(answer: Callable[[socket.socket], None] = echo) -> Iterator[str]:
    """Serves each connection in a thread and closes it at the end; its `host:port`."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=128)

    def serve(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            answer(connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


@dataclass
class Proxied:
    """A proxy before an upstream."""

    toxiproxy: Toxiproxy
    name: str
    listen: str

    def connect(self) -> socket.socket:
        host, _, port = self.listen.rpartition(":")
        sock = socket.create_connection((host, int(port)), timeout=10)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def put(self, toxic: str, *, stream: Any = "downstream", toxicity: float = 1.0, **attributes: int) -> None:
        self.toxiproxy.add_toxic(self.name, toxic, attributes, stream=stream, toxicity=toxicity)


@contextmanager
def proxied(toxiproxy: Toxiproxy, answer: Callable[[socket.socket], None] = echo) -> Iterator[Proxied]:
    """The healthy path is proven before anything is broken."""
    with upstream(answer) as behind:
        name = next(names)
        made = Proxied(toxiproxy, name, toxiproxy.proxy(name, behind).listen)
        with made.connect() as sock:
            sock.sendall(b"x")
            assert sock.recv(1)
        yield made


def to_the_end(sock: socket.socket) -> bytes:
    return b"".join(iter(partial(sock.recv, 65536), b""))


def exactly(sock: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size and (more := sock.recv(size - len(data))):
        data += more
    return data


def took_s(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


# --- each toxic, measured from a client


def round_trip_s(sock: socket.socket) -> float:
    began = time.monotonic()
    sock.sendall(b"x")
    assert sock.recv(1)
    return time.monotonic() - began


def medians_added_s(through: Proxied, healthy: Proxied, *, least_s: float) -> Iterator[float]:
    """What the toxic adds in the median of 21 round trips, by turns with a healthy proxy; none of them was early.

    Again and again, for the best to count: whatever else this machine does can only add to it.
    """
    with through.connect() as sock, healthy.connect() as beside:
        for _ in range(15):
            pairs = [(round_trip_s(sock), round_trip_s(beside)) for _ in range(21)]
            slowed, not_slowed = zip(*pairs, strict=True)
            assert min(slowed) >= least_s
            yield statistics.median(slowed) - statistics.median(not_slowed)


@pytest.mark.parametrize("stream", ["upstream", "downstream"])
def test_latency_is_never_early_and_its_median_within_five_milliseconds(toxiproxy: Toxiproxy, stream: str) -> None:
    with proxied(toxiproxy) as through, proxied(toxiproxy) as healthy:
        through.put("latency", stream=stream, latency=20)
        assert any(added_s <= 0.025 for added_s in medians_added_s(through, healthy, least_s=0.020))


def test_jitter_stays_between_its_bounds(toxiproxy: Toxiproxy) -> None:
    with proxied(toxiproxy) as through, proxied(toxiproxy) as healthy:
        through.put("latency", latency=20, jitter=10)
        assert any(added_s <= 0.035 for added_s in medians_added_s(through, healthy, least_s=0.010))


def test_two_latencies_add_up(toxiproxy: Toxiproxy) -> None:
    with proxied(toxiproxy) as through, proxied(toxiproxy) as healthy:
        through.put("latency", latency=20)
        toxiproxy.add_toxic(through.name, "latency", {"latency": 10}, name="another")
        assert any(added_s <= 0.035 for added_s in medians_added_s(through, healthy, least_s=0.030))


@pytest.mark.parametrize("limit", [0, 1, 99_999, 100_000, 100_001])
def test_limit_data_is_exact_to_the_byte(toxiproxy: Toxiproxy, limit: int) -> None:
    data = bytes(range(250)) * 400  # 100,000
    with proxied(toxiproxy, says(data)) as through:
        through.put("limit_data", bytes=limit)
        with through.connect() as sock:
            sock.sendall(b"x")
            assert to_the_end(sock) == data[:limit]


def test_slicer_sends_small_pieces_with_pauses_and_loses_nothing(toxiproxy: Toxiproxy) -> None:
    """100 bytes, halved down to 10 or fewer, are 50, 25, 12 or 13, 6 or 7: 16 pieces, and 15 pauses before the last."""
    data = bytes(range(100))
    with proxied(toxiproxy, says(data)) as through:
        through.put("slicer", average_size=10, delay=10_000)
        with through.connect() as sock:
            sock.sendall(b"x")
            began = time.monotonic()
            pieces = list(iter(partial(sock.recv, 1000), b""))
            assert b"".join(pieces) == data
            assert time.monotonic() - began >= 0.150
            assert 4 <= len(pieces) <= 16  # some may wait together for a client that is not scheduled


def test_bandwidth_is_about_its_rate_and_loses_nothing(toxiproxy: Toxiproxy) -> None:
    data = bytes(range(250)) * 400  # 100 KB
    with proxied(toxiproxy, says(data)) as through:
        through.put("bandwidth", rate=500)
        with through.connect() as sock:
            sock.sendall(b"x")
            began = time.monotonic()
            assert to_the_end(sock) == data
            assert 0.180 <= time.monotonic() - began < 1  # 0.2 s


def test_a_bandwidth_of_zero_lets_nothing_through_until_it_is_another(toxiproxy: Toxiproxy) -> None:
    with proxied(toxiproxy) as through:
        through.put("bandwidth")
        with through.connect() as sock:
            sock.sendall(b"held")
            sock.settimeout(0.3)
            with pytest.raises(TimeoutError):
                sock.recv(1)
            toxiproxy.update_toxic(through.name, "bandwidth_downstream", {"rate": 1000})
            sock.settimeout(10)
            assert exactly(sock, 4) == b"held"


def test_slow_close_gives_the_data_at_once_and_the_end_late(toxiproxy: Toxiproxy) -> None:
    with proxied(toxiproxy, says(b"all")) as through:
        through.put("slow_close", delay=300)
        with through.connect() as sock:
            began = time.monotonic()
            sock.sendall(b"x")
            assert exactly(sock, 3) == b"all"
            assert time.monotonic() - began < 0.3
            assert to_the_end(sock) == b""
            assert time.monotonic() - began >= 0.3


def test_an_end_that_slow_close_holds_comes_when_it_is_taken_away(toxiproxy: Toxiproxy) -> None:
    with proxied(toxiproxy, says(b"all")) as through:
        through.put("slow_close", delay=60_000)
        with through.connect() as sock:
            sock.sendall(b"x")
            assert exactly(sock, 3) == b"all"
            time.sleep(0.1)  # for the end to come to the toxic
            toxiproxy.remove_toxic(through.name, "slow_close_downstream")
            assert took_s(lambda: to_the_end(sock)) < 5


def test_timeout_lets_nothing_through_and_closes_after_its_time(toxiproxy: Toxiproxy) -> None:
    with proxied(toxiproxy) as through:
        through.put("timeout", timeout=200)
        with through.connect() as sock:
            sock.sendall(b"x")
            assert 0.2 <= took_s(lambda: to_the_end(sock)) < 2


def test_a_timeout_of_zero_closes_when_it_is_taken_away(toxiproxy: Toxiproxy) -> None:
    with proxied(toxiproxy) as through:
        through.put("timeout")
        with through.connect() as sock:
            sock.sendall(b"x")
            sock.settimeout(0.3)
            with pytest.raises(TimeoutError):
                sock.recv(1)
            toxiproxy.remove_toxic(through.name, "timeout_downstream")
            sock.settimeout(10)
            assert to_the_end(sock) == b""


def test_timeout_ends_at_once_when_the_upstream_has_closed(toxiproxy: Toxiproxy) -> None:
    with proxied(toxiproxy, says(b"lost")) as through:
        through.put("timeout", timeout=60_000)
        with through.connect() as sock:
            sock.sendall(b"x")
            assert to_the_end(sock) == b""


@pytest.mark.parametrize("stream", ["upstream", "downstream"])
def test_reset_peer_is_a_reset_after_its_time(toxiproxy: Toxiproxy, stream: str) -> None:
    with proxied(toxiproxy) as through:
        through.put("reset_peer", stream=stream, timeout=100)
        with through.connect() as sock:
            began = time.monotonic()
            sock.sendall(b"x")
            with pytest.raises(ConnectionResetError):
                to_the_end(sock)
            assert time.monotonic() - began >= 0.1


def test_noop_does_nothing(toxiproxy: Toxiproxy) -> None:
    with proxied(toxiproxy) as through:
        through.put("noop")
        with through.connect() as sock:
            sock.sendall(b"abc")
            assert exactly(sock, 3) == b"abc"


def test_down_ends_connections_and_refuses_new_ones_until_it_is_up(toxiproxy: Toxiproxy) -> None:
    with proxied(toxiproxy) as through:
        with through.connect() as sock:
            assert toxiproxy.set_enabled(through.name, enabled=False).enabled is False
            with suppress(ConnectionResetError):
                assert to_the_end(sock) == b""
        with pytest.raises(ConnectionRefusedError):
            through.connect()
        assert toxiproxy.set_enabled(through.name, enabled=True).listen == through.listen
        with through.connect() as sock:
            sock.sendall(b"x")
            assert sock.recv(1) == b"x"


def test_a_megabyte_passes_both_ways(toxiproxy: Toxiproxy) -> None:
    data = bytes(range(256)) * 4096
    with proxied(toxiproxy) as through, through.connect() as sock:
        threading.Thread(target=sock.sendall, args=(data,)).start()
        assert exactly(sock, len(data)) == data


def test_toxics_come_change_and_go_on_a_living_connection_without_losing_a_byte(toxiproxy: Toxiproxy) -> None:
    data = bytes(range(256)) * 400
    with proxied(toxiproxy) as through, through.connect() as sock:

        def send() -> None:
            for at in range(0, len(data), 1024):
                sock.sendall(data[at : at + 1024])
                time.sleep(0.001)

        def meddle() -> None:
            for _ in range(5):
                through.put("latency", latency=10)
                through.put("slicer", average_size=100)
                toxiproxy.update_toxic(through.name, "latency_downstream", {"latency": 3})
                toxiproxy.remove_toxic(through.name, "latency_downstream")
                toxiproxy.remove_toxic(through.name, "slicer_downstream")

        threads = [threading.Thread(target=work) for work in (send, meddle)]
        for thread in threads:
            thread.start()
        assert exactly(sock, len(data)) == data
        for thread in threads:
            thread.join()


@pytest.mark.parametrize(("toxicity", "fewest", "most"), [(0.0, 0, 0), (0.5, 5, 35), (1.0, 40, 40)])
def test_toxicity_is_the_share_of_connections(toxiproxy: Toxiproxy, toxicity: float, fewest: int, most: int) -> None:
    """Of 40 at 0.5, fewer than 5 or more than 35 come about once in 5 million runs."""
    with proxied(toxiproxy) as through:
        through.put("limit_data", toxicity=toxicity, bytes=0)
        cut = 0
        for _ in range(40):
            with through.connect() as sock:
                sock.sendall(b"x")
                cut += sock.recv(1) == b""
        assert fewest <= cut <= most


def test_a_toxic_comes_to_the_share_of_connections_that_are_there(toxiproxy: Toxiproxy) -> None:
    with proxied(toxiproxy) as through:
        socks = [through.connect() for _ in range(40)]
        for sock in socks:
            sock.sendall(b"x")
            assert sock.recv(1) == b"x"
        through.put("limit_data", toxicity=0.5, bytes=0)
        cut = 0
        for sock in socks:
            with sock:
                sock.sendall(b"x")
                cut += sock.recv(1) == b""
        assert 5 <= cut <= 35


# --- the API by raw HTTP: also what toxiproxy-python never calls


@pytest.fixture
def made(server: Server) -> Iterator[dict[str, Any]]:
    """A proxy that was made by raw HTTP, as the server told it."""
    status, told = server.call("POST", "/proxies", wanted())
    assert status == 201
    yield told
    server.call("DELETE", f"/proxies/{told['name']}")


def wanted(**more: Any) -> dict[str, Any]:
    return {"name": next(names), "listen": "127.0.0.1:0", "upstream": "127.0.0.1:1", **more}


def known(told: dict[str, Any], *fields: str) -> dict[str, Any]:
    """Without what one of the two tells besides: `Logger`, `lease_left_s`."""
    return {each: told[each] for each in fields or ("name", "listen", "upstream", "enabled", "toxics")}


def test_version_is_json_of_its_own_type(server: Server) -> None:
    status, kind, body = server.ask("GET", "/version")
    assert (status, kind) == (200, "application/json;charset=utf-8")
    assert re.fullmatch(rb'\{"version": "[\w.+-]+"\}\n', body)
    if server.kind == "ours":
        assert body == b'{"version": "2.12.0"}\n'


def test_each_answer_has_an_id(server: Server) -> None:
    answers = []
    for path in ("/version", "/proxies/none"):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request("GET", path)
        answers.append(connection.getresponse().headers["X-Toxiproxy-Request-Id"])
        connection.close()
    assert all(answers)
    assert len(set(answers)) == 2


def test_browsers_are_refused(server: Server) -> None:
    assert server.ask("GET", "/proxies", User_Agent="Mozilla/5.0")[0] == 403
    assert server.ask("GET", "/proxies", User_Agent="curl/8")[0] == 200


def test_a_proxy_tells_the_real_port_and_is_gone_when_deleted(server: Server, made: dict[str, Any]) -> None:
    name = made["name"]
    host, port = made["listen"].split(":")
    assert (host, int(port) > 0, made["enabled"], made["toxics"]) == ("127.0.0.1", True, True, [])
    assert server.call("GET", f"/proxies/{name}") == (200, made)
    assert server.call("GET", "/proxies")[1][name] == made
    assert server.ask("DELETE", f"/proxies/{name}")[::2] == (204, b"")
    assert server.call("GET", f"/proxies/{name}")[0] == 404
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)))


def test_one_that_is_made_disabled_has_no_port_until_it_is_enabled(server: Server) -> None:
    asked = wanted(enabled=False)
    assert server.call("POST", "/proxies", asked)[1]["listen"] == "127.0.0.1:0"
    told = server.call("POST", f"/proxies/{asked['name']}", {"enabled": True})[1]
    assert told["enabled"]
    assert told["listen"] != "127.0.0.1:0"
    server.call("DELETE", f"/proxies/{asked['name']}")


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_an_update_leaves_alone_what_it_does_not_name(server: Server, made: dict[str, Any], method: str) -> None:
    path = f"/proxies/{made['name']}"
    server.call("POST", path + "/toxics", {"type": "noop"})
    before = server.call("GET", path)[1]
    assert known(server.call(method, path, {"enabled": False})[1], "listen", "upstream", "enabled") == {
        "listen": made["listen"],
        "upstream": made["upstream"],
        "enabled": False,
    }
    for body in ({"enabled": True}, {}, {"enabled": None, "name": "another"}, "null"):
        status, after = server.call(method, path, body)
        assert (status, known(after, "name", "listen", "upstream", "enabled")) == (
            200,
            known(before, "name", "listen", "upstream", "enabled"),
        )
    moved = server.call(method, path, {"upstream": "127.0.0.1:2"})[1]
    assert (moved["upstream"], moved["enabled"]) == ("127.0.0.1:2", True)
    assert [each["name"] for each in moved["toxics"]] == ["noop_downstream"]


def test_an_address_by_another_name_restarts_nothing(server: Server) -> None:
    with upstream() as behind:
        asked = wanted(upstream=behind)
        told = server.call("POST", "/proxies", asked)[1]
        host, _, port = told["listen"].rpartition(":")
        with socket.create_connection((host, int(port))) as sock:
            same = {**asked, "listen": f"localhost:{port}"}
            assert server.call("PATCH", f"/proxies/{asked['name']}", same) == (200, told)
            assert server.call("POST", "/populate", [same])[1]["proxies"] == [told]
            sock.sendall(b"x")
            assert sock.recv(1) == b"x"
        server.call("DELETE", f"/proxies/{asked['name']}")


def test_a_toxic_has_its_defaults_and_each_way_to_change_it_is_partial(server: Server, made: dict[str, Any]) -> None:
    toxics = f"/proxies/{made['name']}/toxics"
    fields = ("name", "type", "stream", "toxicity", "attributes")
    told = {"name": "latency_downstream", "type": "latency", "stream": "downstream", "toxicity": 1}
    status, first = server.call("POST", toxics, {"type": "latency", "attributes": {"latency": 5}})
    assert (status, known(first, *fields)) == (200, {**told, "attributes": {"latency": 5, "jitter": 0}})
    one = toxics + "/latency_downstream"
    assert known(server.call("GET", one)[1], *fields) == known(first, *fields)
    changed = server.call("POST", one, {"attributes": {"jitter": 1}})[1]
    assert known(changed, *fields) == {**told, "attributes": {"latency": 5, "jitter": 1}}
    changed = server.call("PATCH", one, {"toxicity": 0.5, "attributes": {"latency": None}, "stream": "upstream"})[1]
    assert known(changed, *fields) == {**told, "toxicity": 0.5, "attributes": {"latency": 5, "jitter": 1}}
    assert [each["name"] for each in server.call("GET", toxics)[1]] == ["latency_downstream"]
    assert server.ask("DELETE", one)[::2] == (204, b"")
    assert server.call("GET", toxics) == (200, [])


def test_json_is_read_as_go_reads_it(server: Server, made: dict[str, Any]) -> None:
    """Names in any case, nulls for what is not said, and nothing after the first value."""
    toxics = f"/proxies/{made['name']}/toxics"
    text = (
        '{"TYPE": "latency", "Stream": null, "toxicity": null, "Attributes": {"LATENCY": 7, "jitter": null}} trailing'
    )
    told = server.call("POST", toxics, text)[1]
    assert known(told, "stream", "toxicity", "attributes") == {
        "stream": "downstream",
        "toxicity": 1,
        "attributes": {"latency": 7, "jitter": 0},
    }


def test_an_unknown_attribute_and_a_toxicity_above_one_are_let_pass(server: Server, made: dict[str, Any]) -> None:
    body = {"type": "latency", "toxicity": 2.0, "attributes": {"delay": 1000}}
    status, told = server.call("POST", f"/proxies/{made['name']}/toxics", body)
    assert (status, told["toxicity"], told["attributes"]) == (200, 2, {"latency": 0, "jitter": 0})


def test_every_toxic_has_its_attributes_and_those_upstream_come_first(server: Server, made: dict[str, Any]) -> None:
    attributes: dict[str, set[str]] = {
        "bandwidth": {"rate"},
        "latency": {"latency", "jitter"},
        "limit_data": {"bytes"},
        "noop": set(),
        "reset_peer": {"timeout"},
        "slicer": {"average_size", "size_variation", "delay"},
        "slow_close": {"delay"},
        "timeout": {"timeout"},
    }
    toxics = f"/proxies/{made['name']}/toxics"
    for kind in attributes:
        stream = "upstream" if kind == "timeout" else "downstream"
        assert server.call("POST", toxics, {"type": kind, "stream": stream})[0] == 200
    told = server.call("GET", toxics)[1]
    assert {each["type"]: set(each["attributes"]) for each in told} == attributes
    assert [each["type"] for each in told] == ["timeout", *(kind for kind in attributes if kind != "timeout")]


WRONG_ATTRIBUTES: list[Any] = [[], *({"latency": value} for value in ("1", 1.5, True, 2**63))]
ERRORS: list[tuple[str, str, Any, int, str]] = [
    ("GET", "/proxies/none", None, 404, "proxy not found"),
    ("PATCH", "/proxies/none", {}, 404, "proxy not found"),
    ("DELETE", "/proxies/none", None, 404, "proxy not found"),
    ("GET", "/proxies/none/toxics", None, 404, "proxy not found"),
    ("POST", "/proxies", "", 400, "bad request body: EOF"),
    ("POST", "/proxies", "{", 400, "bad request body: "),
    ("POST", "/proxies", "[]", 400, "bad request body: "),
    ("POST", "/proxies", '{"name": NaN}', 400, "bad request body: "),
    ("POST", "/proxies", {"name": 5, "upstream": "127.0.0.1:1"}, 400, "bad request body: "),
    ("POST", "/proxies", {"name": "x", "upstream": "127.0.0.1:1", "enabled": "yes"}, 400, "bad request body: "),
    ("POST", "/proxies", {"upstream": "127.0.0.1:1"}, 400, "missing required field: name"),
    ("POST", "/proxies", {"name": "x"}, 400, "missing required field: upstream"),
    ("POST", "/proxies", {"name": "PROXY", "upstream": "127.0.0.1:1"}, 409, "proxy already exists"),
    ("POST", "/proxies/PROXY", "", 400, "bad request body: EOF"),
    ("POST", "/proxies/PROXY/toxics", "", 400, "bad request body: EOF"),
    ("POST", "/proxies/PROXY/toxics", {}, 400, "invalid toxic type"),
    ("POST", "/proxies/PROXY/toxics", {"type": "latencyy"}, 400, "invalid toxic type"),
    ("POST", "/proxies/PROXY/toxics", {"type": "LATENCY"}, 400, "invalid toxic type"),
    ("POST", "/proxies/PROXY/toxics", {"type": "noop", "name": "taken"}, 409, "toxic already exists"),
    ("GET", "/proxies/PROXY/toxics/none", None, 404, "toxic not found"),
    ("POST", "/proxies/PROXY/toxics/none", {}, 404, "toxic not found"),
    ("DELETE", "/proxies/PROXY/toxics/none", None, 404, "toxic not found"),
    ("POST", "/proxies/PROXY/toxics/taken", "", 400, "bad request body: EOF"),
    ("POST", "/proxies/PROXY/toxics/taken", {"attributes": {"latency": "1"}}, 400, "bad request body: "),
    ("POST", "/proxies/PROXY/toxics/taken", {"toxicity": "x"}, 400, "bad request body: "),
    ("POST", "/populate", "", 400, "bad request body: EOF"),
    ("POST", "/populate", {}, 400, "bad request body: "),
    ("POST", "/populate", [5], 400, "bad request body: "),
    ("POST", "/populate", [{"upstream": "127.0.0.1:1"}], 400, "missing required field: name at proxy 1"),
    (
        "POST",
        "/populate",
        [{"name": "x", "upstream": "127.0.0.1:1"}, {"name": "y"}],
        400,
        "missing required field: upstream at proxy 2",
    ),
    *(
        (
            "POST",
            "/proxies/PROXY/toxics",
            {"type": "latency", "stream": stream},
            400,
            "stream was invalid, can be either",
        )
        for stream in ("sideways", "")
    ),
    *(
        ("POST", "/proxies/PROXY/toxics", {"type": "latency", "toxicity": toxicity}, 400, "bad request body: ")
        for toxicity in ("x", True, 1e39)
    ),
    *(
        ("POST", "/proxies/PROXY/toxics", {"type": "latency", "attributes": attributes}, 400, "bad request body: ")
        for attributes in WRONG_ATTRIBUTES
    ),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "message"), ERRORS)
def test_errors_have_toxiproxys_shape_words_and_statuses(  # noqa: PLR0917 - one row of the table
    server: Server, made: dict[str, Any], method: str, path: str, body: Any, status: int, message: str
) -> None:
    name = made["name"]
    server.call("POST", f"/proxies/{name}/toxics", {"type": "latency", "name": "taken"})
    text = json.dumps(body).replace("PROXY", name) if body is not None and not isinstance(body, str) else body
    got_status, got = server.call(method, path.replace("PROXY", name), text)
    assert (got_status, got["status"]) == (status, status)
    assert got["error"].startswith(message)
    assert server.call("GET", "/proxies/x")[0] == 404


def test_a_port_that_is_taken_is_an_error_and_no_proxy(server: Server, made: dict[str, Any]) -> None:
    asked = wanted(listen=made["listen"])
    status, told = server.call("POST", "/proxies", asked)
    assert (status, told["status"]) == (500, 500)
    assert "address already in use" in told["error"].lower()
    assert server.call("GET", f"/proxies/{asked['name']}")[0] == 404
    status, told = server.call("PATCH", f"/proxies/{made['name']}", {"listen": "127.0.0.1:0"})
    assert (status, told["enabled"]) == (200, True)


def test_populate_makes_keeps_and_replaces(server: Server, made: dict[str, Any]) -> None:
    """Those that are at the same place already are kept, toxics and all, whatever `enabled` says."""
    a, b = wanted(), wanted(enabled=False)
    status, told = server.call("POST", "/populate", [a, b])
    assert (status, [(each["name"], each["enabled"]) for each in told["proxies"]]) == (
        201,
        [(a["name"], True), (b["name"], False)],
    )
    first = {**a, "listen": told["proxies"][0]["listen"], "enabled": False}
    server.call("POST", f"/proxies/{a['name']}/toxics", {"type": "noop"})
    kept = server.call("POST", "/populate", [first])[1]["proxies"][0]
    assert (kept["listen"], kept["enabled"], len(kept["toxics"])) == (first["listen"], True, 1)
    replaced = server.call("POST", "/populate", [{**first, "upstream": "127.0.0.1:3", "enabled": True}])[1]["proxies"]
    assert [known(each, "listen", "upstream", "toxics") for each in replaced] == [
        {"listen": first["listen"], "upstream": "127.0.0.1:3", "toxics": []}
    ]
    status, told = server.call("POST", "/populate", [wanted(name="a-new-one"), {**a, "listen": made["listen"]}, b])
    assert (status, [each["name"] for each in told["proxies"]]) == (500, ["a-new-one"])
    off = server.call("GET", f"/proxies/{a['name']}")[1]
    assert (off["enabled"], off["upstream"]) == (False, "127.0.0.1:3")
    for name in (a["name"], b["name"], "a-new-one"):
        assert server.ask("DELETE", f"/proxies/{name}")[0] == 204


@pytest.mark.parametrize("body", ["[]", "null"])
def test_populate_of_nothing_makes_nothing(server: Server, body: str) -> None:
    status, told = server.call("POST", "/populate", body)
    assert status == 201
    assert not told["proxies"]


def test_reset_enables_all_proxies_and_takes_all_toxics_away(server: Server, made: dict[str, Any]) -> None:
    path = f"/proxies/{made['name']}"
    server.call("POST", path + "/toxics", {"type": "timeout"})
    server.call("POST", path, {"enabled": False})
    assert server.ask("POST", "/reset")[::2] == (204, b"")
    assert known(server.call("GET", path)[1]) == known(made)


def test_metrics_count_the_bytes_of_both_directions(server: Server, toxiproxy: Toxiproxy) -> None:
    if server.ask("GET", "/metrics")[0] == 404:
        pytest.skip("this Toxiproxy was started without -proxy-metrics")
    with proxied(toxiproxy, says(b"abc")) as through:  # one byte in and three out to prove it healthy
        limit = time.monotonic() + 5
        while True:
            text = server.ask("GET", "/metrics")[2].decode()
            counted = dict(
                re.findall(rf'received_bytes_total{{direction="(\w+)",[^}}]*proxy="{through.name}"[^}}]*}} (\d+)', text)
            )
            if counted == {"upstream": "1", "downstream": "3"}:
                break
            assert time.monotonic() < limit, text
            time.sleep(0.02)


# --- toxiproxy-python 0.1.1, unchanged, all of its public API


@pytest.fixture
def python_client(server: Server, monkeypatch: pytest.MonkeyPatch) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        library = pytest.importorskip("toxiproxy", reason="toxiproxy-python is not installed")
    for name in ("host", "port"):
        monkeypatch.setattr(library.api.APIConsumer, name, getattr(library.api.APIConsumer, name))  # put back later
    client = library.Toxiproxy()
    client.update_api_consumer("127.0.0.1", server.port)
    return client


def errors_of_python() -> Any:
    from toxiproxy import exceptions  # type: ignore[import-untyped]

    return exceptions


def test_python_client_makes_finds_and_destroys_proxies(python_client: Any) -> None:
    client, errors, name = python_client, errors_of_python(), next(names)
    assert client.running()
    assert b'{"version": "' in client.version()
    proxy = client.create(upstream="127.0.0.1:1", name=name)
    assert proxy.listen.startswith("127.0.0.1:")
    assert proxy.enabled
    with pytest.raises(errors.ProxyExists):
        client.create(upstream="127.0.0.1:1", name=name)
    assert client.get_proxy(name).upstream == "127.0.0.1:1"
    assert client.get_proxy("none") is None
    assert name in client.proxies()
    assert client.destroy(name) is False  # its trap: it destroys objects only
    assert name in client.proxies()
    assert client.destroy(proxy)
    assert name not in client.proxies()
    with pytest.raises(errors.NotFound):
        proxy.destroy()


def test_python_client_puts_toxics_on_and_off(python_client: Any) -> None:
    errors = errors_of_python()
    proxy = python_client.create(upstream="127.0.0.1:1", name=next(names))
    assert proxy.add_toxic(type="latency", attributes={"latency": 50, "jitter": 5}) is None  # its trap
    toxic = proxy.get_toxic("latency_downstream")
    assert (toxic.type, toxic.stream, toxic.toxicity) == ("latency", "downstream", 1)
    assert toxic.attributes == {"latency": 50, "jitter": 5}
    proxy.add_toxic(name="mine", type="bandwidth", stream="upstream", toxicity=0.25, attributes={"rate": 10})
    assert {name: (each.stream, each.toxicity) for name, each in proxy.toxics().items()} == {
        "latency_downstream": ("downstream", 1),
        "mine": ("upstream", 0.25),
    }
    with pytest.raises(errors.ProxyExists):  # its word for a toxic, too
        proxy.add_toxic(type="latency")
    with pytest.raises(errors.InvalidToxic):
        proxy.add_toxic(type="nonsense")
    assert proxy.get_toxic("none") is None
    assert proxy.destroy_toxic("latency_downstream")
    with pytest.raises(errors.NotFound):
        proxy.destroy_toxic("latency_downstream")
    assert python_client.reset()
    assert proxy.toxics() == {}
    assert python_client.destroy(proxy)


def test_python_client_takes_proxies_down(python_client: Any) -> None:
    proxy = python_client.create(upstream="127.0.0.1:1", name=next(names), enabled=True)

    def is_up() -> bool:
        return bool(python_client.get_proxy(proxy.name).enabled)

    with proxy.down():
        assert not is_up()
    assert is_up()
    proxy.disable()
    assert not is_up()
    proxy.enable()
    assert is_up()
    proxy.disable()
    assert python_client.reset()
    assert is_up()
    assert proxy.destroy()


def test_python_client_populates_by_single_calls_and_destroys_all(python_client: Any) -> None:
    first, second = next(names), next(names)
    (made,) = python_client.populate([{"name": first, "upstream": "127.0.0.1:1", "listen": "127.0.0.1:0"}])
    same = {"name": first, "upstream": "127.0.0.1:1", "listen": made.listen}
    more = python_client.populate([same, {"name": second, "upstream": "127.0.0.1:2"}])
    assert [each.name for each in more] == [second]
    (moved,) = python_client.populate([{**same, "upstream": "127.0.0.1:3"}])
    assert (moved.name, moved.listen, moved.upstream) == (first, made.listen, "127.0.0.1:3")
    python_client.destroy_all()
    assert not {first, second} & set(python_client.proxies())


# --- our adapter


def told(server: Server, path: str) -> Any:
    """By another way than the adapter's."""
    return server.call("GET", path)[1]


def test_a_toxic_is_told_as_the_server_has_it(server: Server, toxiproxy: Toxiproxy) -> None:
    proxy = toxiproxy.proxy(next(names), "127.0.0.1:1")
    assert told(server, f"/proxies/{proxy.name}")["listen"] == proxy.listen
    toxic = toxiproxy.add_toxic(proxy.name, "latency", {"latency": 50}, stream="upstream", toxicity=0.3, name="slow")
    assert (toxic.proxy, toxic.name, toxic.type, toxic.stream) == (proxy.name, "slow", "latency", "upstream")
    assert toxic.attributes == {"latency": 50, "jitter": 0}
    assert toxic.toxicity == pytest.approx(0.3, rel=1e-6)
    changed = toxiproxy.update_toxic(proxy.name, "slow", {"jitter": 5})
    assert changed.attributes == told(server, f"/proxies/{proxy.name}/toxics/slow")["attributes"]
    assert changed.attributes == {"latency": 50, "jitter": 5}
    assert changed.toxicity == pytest.approx(0.3, rel=1e-6)
    assert toxiproxy.update_toxic(proxy.name, "slow", toxicity=1).toxicity == 1
    ended = toxiproxy.remove_toxic(proxy.name, "slow")
    assert ended.at_to is not None
    assert toxic.at_from == ended.at_from < ended.at_to
    assert told(server, f"/proxies/{proxy.name}")["toxics"] == []


def test_an_attribute_that_the_server_drops_is_an_error_and_nothing_stays_on(
    server: Server, toxiproxy: Toxiproxy
) -> None:
    name = toxiproxy.proxy(next(names), "127.0.0.1:1").name
    with pytest.raises(BadInput, match=f"{server.url} has no attribute 'delay'") as error:
        toxiproxy.add_toxic(name, "latency", {"delay": 1000})
    assert error.value.hint == "known: jitter, latency"
    assert told(server, f"/proxies/{name}")["toxics"] == []
    toxiproxy.add_toxic(name, "latency", {"latency": 1})
    with pytest.raises(BadInput, match="has no attribute 'latncy'") as error:
        toxiproxy.update_toxic(name, "latency_downstream", {"latncy": 7, "jitter": 7})
    assert error.value.hint == "did you mean 'latency'?"
    assert told(server, f"/proxies/{name}/toxics/latency_downstream")["attributes"] == {"latency": 1, "jitter": 0}


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (lambda t, p: t.add_toxic(p, "latncy"), "latncy: .* invalid toxic type"),
        (lambda t, p: t.add_toxic(p, "latency", {"latency": 1.5}), "bad request body"),
        (lambda t, p: t.add_toxic(p, "latency", toxicity=1.5), "a toxicity of 1.5"),
        (lambda t, p: t.add_toxic(p, "latency", stream="sideways"), "no direction 'sideways'"),
        (lambda t, p: t.add_toxic(p, "latency", name="a/b"), "'a/b' is no name"),
        (lambda t, p: t.add_toxic(p + "-not", "latency"), "proxy not found"),
        (lambda t, p: t.update_toxic(p, "none", {}), "no toxic 'none' was put on"),
        (lambda t, p: t.remove_toxic(p, "none"), "no toxic 'none' was put on"),
        (lambda t, p: t.proxy(p, "127.0.0.1:1"), "has a proxy .* already"),
        (lambda t, p: t.proxy(p + " b", "127.0.0.1:1"), " b' is no name"),
        (lambda t, p: t.set_enabled(p + "-not", enabled=False), "has no proxy"),
    ],
)
def test_what_the_user_can_mend_is_bad_input_that_names_the_server(
    server: Server, toxiproxy: Toxiproxy, asked: Callable[[Toxiproxy, str], object], message: str
) -> None:
    name = toxiproxy.proxy(next(names), "127.0.0.1:1").name
    with pytest.raises(BadInput, match=message) as error:
        asked(toxiproxy, name)
    assert server.url in str(error.value) or "is no name" in message
    assert told(server, f"/proxies/{name}")["toxics"] == []


def test_a_toxic_that_another_made_is_refused_and_left_alone(server: Server, toxiproxy: Toxiproxy) -> None:
    name = toxiproxy.proxy(next(names), "127.0.0.1:1").name
    server.call("POST", f"/proxies/{name}/toxics", {"type": "latency"})
    with pytest.raises(Refused, match="toxic already exists") as error:
        toxiproxy.add_toxic(name, "latency", {"latency": 5})
    assert error.value.status == 409
    with pytest.raises(BadInput, match="others' are left alone"):
        toxiproxy.remove_toxic(name, "latency_downstream")
    toxiproxy.reset()
    assert len(told(server, f"/proxies/{name}")["toxics"]) == 1


def test_a_port_that_is_taken_failed_outside(server: Server, toxiproxy: Toxiproxy) -> None:
    listen = toxiproxy.proxy(next(names), "127.0.0.1:1").listen
    with pytest.raises(OutsideFailed, match=f"{server.url} failed POST /proxies: .*ddress already in use"):
        toxiproxy.proxy(next(names), "127.0.0.1:1", listen=listen)


def test_leaving_takes_away_what_was_made_and_nothing_else(server: Server) -> None:
    """Also when the body fails; another's proxy is as it was, and its own toxic still on."""
    theirs, off, mine = wanted(), wanted(enabled=False), next(names)
    for each in (theirs, off):
        server.call("POST", "/proxies", each)
    server.call("POST", f"/proxies/{theirs['name']}/toxics", {"type": "noop"})
    before = all_of(server)

    def body(adapter: Toxiproxy) -> None:
        adapter.proxy(mine, "127.0.0.1:1")
        for name in (theirs["name"], mine):
            adapter.add_toxic(name, "latency", {"latency": 5})
            adapter.add_toxic(name, "timeout", stream="upstream")
            adapter.set_enabled(name, enabled=False)
        adapter.set_enabled(off["name"], enabled=True)
        adapter.set_enabled(off["name"], enabled=False)
        assert set(adapter.proxies()) == {*before, mine}
        raise RuntimeError("of the body")

    with pytest.raises(RuntimeError, match="of the body"), Toxiproxy(server.url) as adapter:
        body(adapter)
    assert all_of(server) == before
    for each in (theirs, off):
        server.call("DELETE", f"/proxies/{each['name']}")


def all_of(server: Server) -> dict[str, Any]:
    """But for ports and times."""
    proxies = told(server, "/proxies")
    return {
        name: (each["upstream"], each["enabled"], [known(toxic, "name", "attributes") for toxic in each["toxics"]])
        for name, each in proxies.items()
    }


def test_reset_takes_toxics_off_and_keeps_the_proxies(server: Server, toxiproxy: Toxiproxy) -> None:
    name = toxiproxy.proxy(next(names), "127.0.0.1:1").name
    before = told(server, f"/proxies/{name}")
    toxiproxy.add_toxic(name, "latency", {"latency": 5})
    toxiproxy.set_enabled(name, enabled=False)
    toxiproxy.reset()
    assert told(server, f"/proxies/{name}") == before
    toxiproxy.add_toxic(name, "latency", {"latency": 5})


def test_what_is_gone_when_it_is_to_be_taken_away_is_said_and_never_hinders_the_end(server: Server) -> None:
    receipts: list[dict[str, Any]] = []
    with Toxiproxy(server.url, receipt=lambda **said: receipts.append(said)) as adapter:
        name, another = (adapter.proxy(next(names), "127.0.0.1:1").name for _ in range(2))
        for each in (name, another):
            adapter.add_toxic(each, "latency", {"latency": 5})
        server.call("DELETE", f"/proxies/{name}/toxics/latency_downstream")
        with pytest.raises(OutsideFailed, match="was gone already"):
            adapter.remove_toxic(name, "latency_downstream")
        server.call("DELETE", f"/proxies/{another}")
    assert [(said["state"], said.get("why", "")[:16]) for said in receipts] == [
        ("on", ""),
        ("on", ""),
        ("off", "was gone already"),
        ("off", "was gone already"),
    ]


def test_its_receipts_are_those_of_our_own_proxy(server: Server, tmp_path: Path) -> None:
    """The same words and values, but for what a server outside cannot tell: how many connections it saw."""
    journal = Journal(tmp_path / "adapter.jsonl")
    with Toxiproxy(server.url, receipt=partial(state_receipt, journal)) as adapter:
        name = adapter.proxy(next(names), "127.0.0.1:1").name
        adapter.add_toxic(name, "latency", {"latency": 5}, toxicity=0.5)
        adapter.update_toxic(name, "latency_downstream", {"jitter": 1})
        adapter.remove_toxic(name, "latency_downstream")
        adapter.set_enabled(name, enabled=False)
        adapter.set_enabled(name, enabled=True)
    journal.close()
    mine = receipts_of(tmp_path / "adapter.jsonl", name)
    assert [(line["fault"], line["state"]) for line in mine] == [
        ("latency", "on"),
        ("latency", "changed"),
        ("latency", "off"),
        ("down", "on"),
        ("down", "off"),
    ]
    assert [line.get("attributes") for line in mine[:3]] == [
        {"latency": 5, "jitter": 0},
        {"latency": 5, "jitter": 1},
        {"latency": 5, "jitter": 1},
    ]
    assert all(line["at_from"] <= line["at_to"] for line in mine if line["state"] == "off")
    assert {line["server"] for line in mine} == {server.url}
    if server.journal is not None:
        words = ("provider", "injection", "fault", "state", "applied", "stream", "toxicity", "attributes")
        theirs = receipts_of(server.journal, name)
        assert [[line.get(word) for word in words] for line in mine] == [
            [line.get(word) for word in words] for line in theirs
        ]
        for line, other in zip(mine, theirs, strict=True):
            if other["state"] == "off":  # on for us from before it was on there until after it was off there
                assert line["at_from"] <= other["at_from"]
                assert other["at_to"] <= line["at_to"]


def receipts_of(file: Path, proxy: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    return [line for line in lines if line["kind"] == "receipt" and line["provider"] == proxy]


def test_without_toxiproxy_python_the_install_command_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from llmops.chaos.toxiproxy import _toxiproxy_api

    _toxiproxy_api.cache_clear()
    monkeypatch.setitem(sys.modules, "toxiproxy", None)
    with pytest.raises(OutsideFailed, match="needs toxiproxy-python") as error:
        Toxiproxy().version()
    assert error.value.hint == "pip install 'llmops-toolkit[toxiproxy]'"
