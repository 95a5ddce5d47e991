"""The traps of toxiproxy-python, and servers that are none: no wait without end, and no error without the server."""

import json
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from llmops.chaos.toxiproxy import Toxiproxy
from llmops.chaos.toxiproxy_http import Refused, ToxiproxyHttp
from llmops.errors import BadInput, OutsideFailed

Reply = Callable[[str, str], tuple[int, str]]
SILENT = -1


def library() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return pytest.importorskip("toxiproxy", reason="toxiproxy-python is not installed").api


@contextmanager
def answering(reply: Reply) -> Iterator[str]:
    """A server of HTTP that answers method and path with status and body, or not at all; its URL."""
    done = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, body = reply(self.command, self.path)
            if status == SILENT:
                done.wait(20)
                return
            self.send_response(status)
            if status in range(300, 400):
                self.send_header("Location", "http://127.0.0.1:1/")
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        do_GET = do_POST = do_DELETE = answer  # noqa: N815 - the names that http.server calls

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            done.set()
            server.shutdown()


def http(url: str, timeout_s: float = 5) -> ToxiproxyHttp:
    return ToxiproxyHttp(url, timeout_s, library)


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:8474",
        "https://127.0.0.1:8474",
        "http://",
        "http://x:99999",
        "http://x/proxies",
        "http://a:b@x",
        "ftp://x",
    ],
)
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(BadInput, match="URL"):
        http(url)


@pytest.mark.parametrize("timeout_s", [0, -1, float("inf"), float("nan")])
def test_a_timeout_that_is_none_is_refused(timeout_s: float) -> None:
    with pytest.raises(BadInput, match="a timeout of"):
        http("http://127.0.0.1:8474", timeout_s)


def test_a_server_that_never_answers_is_given_up_in_time() -> None:
    with answering(lambda _method, _path: (SILENT, "")) as url:
        began = time.monotonic()
        with pytest.raises(OutsideFailed, match=f"{url} did not answer GET /version within 0.2 s"):
            http(url, 0.2).version()
        assert 0.2 <= time.monotonic() - began < 5


def test_a_server_that_is_not_there_is_said_in_the_words_of_the_system() -> None:
    with pytest.raises(OutsideFailed, match=r"^no Toxiproxy answers at http://127\.0\.0\.1:1: Connection refused$"):
        http("http://127.0.0.1:1").version()


@pytest.mark.parametrize(
    ("text", "version"),
    [('{"version": "2.12.0"}\n', "2.12.0"), ('{"version": "git"}', "git"), ("2.1.4", "2.1.4"), ("git", "git")],
)
def test_versions_of_all_ages_are_read(text: str, version: str) -> None:
    with answering(lambda _method, _path: (200, text)) as url:
        assert http(url).version() == version


@pytest.mark.parametrize("text", ["<html>\n<p>It works!</p>", "", "[]", '{"name": "x"}'])
def test_what_tells_no_version_is_no_toxiproxy(text: str) -> None:
    with (
        answering(lambda _method, _path: (200, text)) as url,
        pytest.raises(OutsideFailed, match=f"what answers at {url} is no Toxiproxy"),
    ):
        http(url).version()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409])
def test_a_refusal_has_its_status_and_the_words_of_the_server(status: int) -> None:
    with answering(lambda _method, _path: (status, '{"error": "no,\\nreally", "status": 1}')) as url:
        with pytest.raises(Refused) as error:
            http(url).call("post", "/proxies", {})
        assert (error.value.status, error.value.exit_code) == (status, 2)
        assert str(error.value) == f"the Toxiproxy at {url} refuses POST /proxies: no, really"


@pytest.mark.parametrize("status", [302, 500, 502])
def test_any_other_status_failed_outside(status: int) -> None:
    """A redirect is not followed: a Toxiproxy sends none. A 500 is what toxiproxy-python takes for an answer."""
    with answering(lambda _method, _path: (status, "<h1>bad\ngateway</h1>")) as url:
        with pytest.raises(OutsideFailed) as error:
            http(url).call("get", "/proxies")
        assert str(error.value) == f"the Toxiproxy at {url} failed GET /proxies: <h1>bad gateway</h1>"


def test_what_is_not_json_is_no_toxiproxy() -> None:
    with answering(lambda _method, _path: (200, "It works!")) as url, pytest.raises(OutsideFailed, match="It works!"):
        http(url).call("get", "/proxies")


def test_deleting_says_whether_it_was_there() -> None:
    with answering(lambda _method, path: (204 if path == "/there" else 404, "")) as url:
        assert http(url).delete("/there")
        assert not http(url).delete("/gone")
    with answering(lambda _method, _path: (403, "")) as url, pytest.raises(Refused, match="refuses DELETE /x: 403"):
        http(url).delete("/x")


def test_the_environments_web_proxy_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with answering(lambda _method, _path: (200, "2.12.0")) as url:
        assert http(url).version() == "2.12.0"


def test_servers_in_parallel_do_not_meet_and_the_librarys_class_is_left_alone() -> None:
    """Its host and port are attributes of one class."""
    before = library().APIConsumer.host, library().APIConsumer.port
    told: dict[str, set[str]] = {"1.0.0": set(), "2.0.0": set()}
    with answering(lambda _m, _p: (200, "1.0.0")) as first, answering(lambda _m, _p: (200, "2.0.0")) as second:
        asks = [
            threading.Thread(target=lambda of=of, url=url: told[of].update(http(url).version() for _ in range(30)))
            for of, url in (("1.0.0", first), ("2.0.0", second))
        ]
        for ask in asks:
            ask.start()
        for ask in asks:
            ask.join()
    assert told == {"1.0.0": {"1.0.0"}, "2.0.0": {"2.0.0"}}
    assert (library().APIConsumer.host, library().APIConsumer.port) == before


# --- an adapter whose server fails it halfway


PROXY = {"name": "p", "listen": "127.0.0.1:7", "upstream": "127.0.0.1:1", "enabled": True}
TOXIC = {"type": "latency", "stream": "downstream", "toxicity": 1, "attributes": {"latency": 5}}


class Stage:
    """A Toxiproxy as it should be, but for what the test makes of it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.made: set[str] = set()
        self.spoilt: dict[str, tuple[int, str]] = {}

    def reply(self, method: str, path: str) -> tuple[int, str]:
        asked = f"{method} {path}"
        self.asked.append(asked)
        if method == "POST" and path.endswith(("/proxies", "/toxics")):
            self.made.add("/proxies/p" if path == "/proxies" else "/proxies/p/toxics/latency_downstream")
        if asked in self.spoilt:
            return self.spoilt[asked]
        if method == "GET" and path not in self.made:
            return 404, '{"error": "not found", "status": 404}'
        if method == "DELETE":
            return (204, "") if path in self.made else (404, "")
        return 200, json.dumps(TOXIC if "/toxics" in path else PROXY)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_what_was_made_without_an_answer_is_taken_away_in_the_end(stage: Stage) -> None:
    """And its receipt says that nobody knows since when it was on."""
    receipts: list[dict[str, Any]] = []
    stage.spoilt = {"POST /proxies/p/toxics": (SILENT, "")}
    with answering(stage.reply) as url:
        with Toxiproxy(url, 0.2, receipt=lambda **said: receipts.append(said)) as adapter:
            adapter.proxy("p", "127.0.0.1:1")
            with pytest.raises(OutsideFailed, match="did not answer"):
                adapter.add_toxic("p", "latency", {"latency": 5})
        assert stage.asked[-2:] == ["DELETE /proxies/p/toxics/latency_downstream", "DELETE /proxies/p"]
    assert [(said["state"], said["why"]) for said in receipts] == [("off", "the answer to its making never came")]


def test_a_value_that_is_another_is_an_error_and_is_taken_off(stage: Stage) -> None:
    receipts: list[dict[str, Any]] = []
    with answering(stage.reply) as url, Toxiproxy(url, receipt=lambda **said: receipts.append(said)) as adapter:
        adapter.proxy("p", "127.0.0.1:1")
        with pytest.raises(OutsideFailed, match=f"of the Toxiproxy at {url} has latency 5; 6 was asked for"):
            adapter.add_toxic("p", "latency", {"latency": 6})
        assert stage.asked[-1] == "DELETE /proxies/p/toxics/latency_downstream"
    assert [(said["state"], said["why"]) for said in receipts] == [("off", "the server did not take what was asked")]


def test_a_proxy_that_is_another_is_an_error_and_is_deleted(stage: Stage) -> None:
    with answering(stage.reply) as url:
        for upstream, listen in (("127.0.0.1:2", "127.0.0.1:0"), ("127.0.0.1:1", "127.0.0.1:8")):
            stage.made.clear()
            with Toxiproxy(url) as adapter, pytest.raises(OutsideFailed, match="was asked for"):
                adapter.proxy("p", upstream, listen=listen)
            assert stage.asked[-1] == "DELETE /proxies/p"


def test_a_proxy_that_stays_up_is_an_error(stage: Stage) -> None:
    with answering(stage.reply) as url, Toxiproxy(url) as adapter:
        adapter.proxy("p", "127.0.0.1:1")
        with pytest.raises(OutsideFailed, match="enabled False was asked for"):
            adapter.set_enabled("p", enabled=False)


def test_a_down_without_an_answer_is_undone_and_told_for_what_it_may_have_been(stage: Stage) -> None:
    receipts: list[dict[str, Any]] = []
    stage.spoilt = {"POST /proxies/p": (SILENT, "")}
    with answering(stage.reply) as url:
        with Toxiproxy(url, 0.2, receipt=lambda **said: receipts.append(said)) as adapter:
            adapter.proxy("p", "127.0.0.1:1")
            with pytest.raises(OutsideFailed, match="did not answer"):
                adapter.set_enabled("p", enabled=False)
            assert receipts == []
            stage.spoilt.clear()
        assert stage.asked.count("POST /proxies/p") == 2
    assert [(said["state"], said["why"][:15]) for said in receipts] == [("off", "was up already:")]


def test_what_could_not_be_taken_away_is_named_after_all_else_was_tried(stage: Stage) -> None:
    stage.spoilt = {"DELETE /proxies/p/toxics/latency_downstream": (500, "broken")}
    with answering(stage.reply) as url:
        adapter = Toxiproxy(url)
        adapter.proxy("p", "127.0.0.1:1")
        adapter.add_toxic("p", "latency", {"latency": 5})
        with pytest.raises(OutsideFailed, match=f"{url} may still have toxic p/latency_downstream: .* broken"):
            adapter.close()
        assert stage.asked[-1] == "DELETE /proxies/p"
