"""The drill against a server on this machine: what is good, what is not, and when the first token came."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from llmops.errors import BadInput
from llmops.infra.drill import Answer, Drilled, Endpoint, api_key, ask, drill

MODEL = "m"


def chunk(text: str | None = None, *, model: str = MODEL, finish: str | None = None) -> str:
    delta = {} if text is None else {"content": text}
    return json.dumps({"model": model, "choices": [{"delta": delta, "finish_reason": finish}]})


GOOD = [chunk(""), chunk("A"), chunk(" way"), chunk(finish="stop"), "[DONE]"]


@pytest.fixture
def serve() -> Iterator[Callable[..., Endpoint]]:
    """A server that answers each request with the next of some scripts; a number is a status."""
    servers = []

    def started(*scripts: Any) -> Endpoint:
        """A text is where it redirects to, bytes are its whole answer."""
        waiting = list(scripts)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked.append((self.path, dict(self.headers), self.rfile.read(int(self.headers["content-length"]))))
                script = waiting.pop(0) if len(waiting) > 1 else waiting[0]
                if isinstance(script, bytes):  # raw, below HTTP
                    self.wfile.write(script)
                    return
                if isinstance(script, str):
                    self.send_response(307)
                    self.send_header("location", script)
                    self.end_headers()
                    return
                self.send_response(script if isinstance(script, int) else 200)
                self.end_headers()
                if not isinstance(script, int):
                    self.wfile.write("".join(f"data: {line}\n\n" for line in script).encode())

            def log_message(self, *_: object) -> None:
                pass

        asked: list[Any] = []
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.asked = asked  # type: ignore[attr-defined]
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return Endpoint(f"http://127.0.0.1:{server.server_port}/v1", MODEL, "k", timeout_s=5)

    yield started
    for server in servers:
        server.shutdown()
        server.server_close()


class Ticks:
    """A clock that moves a second with every look and by what is waited."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


def test_a_good_answer_has_text_its_model_and_an_end(serve: Callable[..., Endpoint]) -> None:
    assert ask(serve(GOOD), Ticks()) == Answer(good=True, reason="", first_token_s=1.0)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (503, "HTTP 503"),
        ([chunk(finish="stop"), "[DONE]"], "no text"),
        ([chunk("A")], "cut short"),
        ([chunk("A"), "[DONE]"], "cut short"),
        ([chunk("A"), chunk(finish="stop")], "cut short"),
        ([chunk("A", model="other")], "answered by 'other'"),
        ([chunk("A"), chunk(finish="content_filter"), "[DONE]"], "ended by 'content_filter'"),
        ([chunk("A"), "[1]"], "an event of another form"),
        ([chunk("A"), "5"], "an event of another form"),
        (['{"model": "m", "choices": [5]}'], "an event of another form"),
        (['{"model": "m", "choices": 5}'], "an event of another form"),
        (['{"model": "m", "choices": [{"delta": 5}]}'], "an event of another form"),
        (['{"model": "m", "choices": [{"delta": {"content": 5}}]}'], "an event of another form"),
        (['{"model": "m", "choices": [{"delta": null, "finish_reason": "stop"}]}', "[DONE]"], "no text"),
        (b"never HTTP\r\n\r\n", "no whole HTTP answer: BadStatusLine"),
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\ndata",
            "no whole HTTP answer: IncompleteRead",
        ),
        (['{"error": {"message": "x"}}'], "an error inside the stream"),
    ],
)
def test_anything_else_is_not_good(serve: Callable[..., Endpoint], script: Any, reason: str) -> None:
    answer = ask(serve(script), Ticks())
    assert (answer.good, answer.reason) == (False, reason)


def test_what_is_no_json_and_nobody_there_are_not_good(serve: Callable[..., Endpoint]) -> None:
    assert not ask(serve(["{"]), Ticks()).good
    assert not ask(Endpoint("http://127.0.0.1:9/v1", MODEL, timeout_s=1), Ticks()).good


def test_a_redirect_is_not_followed_and_the_key_stays(serve: Callable[..., Endpoint]) -> None:
    other = serve(GOOD)
    answer = ask(serve(f"{other.base_url}/chat/completions"), Ticks())
    assert (answer.good, answer.reason) == (False, "HTTP 307, a redirect, which is not followed")
    assert ask(other, Ticks()).good  # the other would have answered


def test_an_error_is_told_without_the_key(serve: Callable[..., Endpoint]) -> None:
    bad = replace(serve(GOOD), key="sk-secret\n")  # what http.client quotes in its error
    assert "secret" not in ask(bad, Ticks()).reason
    echoing = replace(serve([chunk("A", model="sk-secret")]), key="sk-secret")
    assert ask(echoing, Ticks()).reason == "answered by '[key]'"


def test_the_newline_of_a_file_is_not_of_the_key() -> None:
    assert (api_key(" sk-1\n", "K"), api_key("\n", "K"), api_key(None, "K")) == ("sk-1", None, None)


@pytest.mark.parametrize("text", ["sk-\nsecret", "sk-\x00secret", "sk secret", "sk-secr\u20act"])
def test_a_key_that_no_header_holds_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(BadInput, match="the key in K is no plain word") as refused:
        api_key(text, "K")
    assert "secr" not in f"{refused.value} {refused.value.hint}"


@pytest.mark.parametrize(
    ("url", "key", "shown"),
    [
        ("http://llm.example.com/v1", "k", True),
        ("http://10.0.0.7/v1", "k", True),
        ("http://llm.example.com/v1", None, False),
        ("https://llm.example.com/v1", "k", False),
        ("http://127.0.0.1:8000/v1", "k", False),
        ("http://localhost:8000/v1", "k", False),
        ("http://[::1]:8000/v1", "k", False),
    ],
)
def test_a_key_in_clear_over_a_network_is_seen(url: str, key: str | None, shown: bool) -> None:
    assert Endpoint(url, MODEL, key).shows_key is shown


def test_the_first_good_token_is_counted_from_the_wake_up(serve: Callable[..., Endpoint]) -> None:
    clock = Ticks()
    done = drill(serve(503, GOOD), requests=2, started=-10.0, wake_s=9.0, clock=clock, wait=clock.wait)
    # looks: 1 limit, 2 sent, 3 asked, 4 the limit again, then 1 s waited: 6 sent, 7 asked, 8 the first token
    assert (done.first_good_token_s, done.wake_s) == (6 + 10 + 1.0, 9.0)
    assert (len(done.answers), done.good_ratio) == (2, 1.0)


def test_without_a_good_answer_in_time_there_is_none(serve: Callable[..., Endpoint]) -> None:
    clock = Ticks()
    done = drill(serve(503), requests=2, started=0.0, wake_s=None, clock=clock, wait=clock.wait)
    assert (done.first_good_token_s, [it.reason for it in done.answers]) == (None, ["HTTP 503"])


def test_no_answers_have_no_ratio() -> None:
    assert Drilled(None, None, ()).good_ratio is None
