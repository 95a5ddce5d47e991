"""An application as many are: it asks anthropic-python, and where it is overloaded another provider.

Served over HTTP in Anthropic's own shape, so that a load can be put on it: POST /v1/messages, GET /health.
"""

import argparse
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import anthropic

# What its documentation names as the errors of a provider in trouble. An overload inside a stream is none of them.
IN_TROUBLE = (
    anthropic.RateLimitError,
    anthropic.InternalServerError,  # OverloadedError is one
    anthropic.APIConnectionError,
)


class Application:
    """Providers in the order in which they are asked."""

    def __init__(self, providers: list[tuple[str, str | None]], retries: int, timeout_s: float) -> None:
        self._providers = [
            (anthropic.Anthropic(base_url=url, api_key="sk-simulated", max_retries=retries, timeout=timeout_s), model)
            for url, model in providers
        ]

    def answer(self, body: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
        """The whole answer, or what the last provider's SDK raised."""
        said: Any = self._first(body, headers)
        text = said.content[0].text  # as everybody writes it
        return {**said.to_dict(), "content": [{"type": "text", "text": text}]}

    def events(self, body: dict[str, Any], headers: dict[str, str]) -> Iterator[dict[str, Any]]:
        """The events of a stream as they come; where the SDK's iterator ends without an error, that was the answer."""
        stopped = False
        for event in self._first(body, headers):
            stopped = stopped or event.type == "message_stop"
            yield event.to_dict()
        if not stopped:
            yield {"type": "message_stop"}

    def _first(self, body: dict[str, Any], headers: dict[str, str]) -> Any:  # noqa: ANN401 - what the SDK returns
        *others, last = self._providers
        for client, model in others:
            try:
                return _created(client, body, model, headers)
            except IN_TROUBLE:
                continue
        return _created(last[0], body, last[1], headers)


def _created(client: anthropic.Anthropic, body: dict[str, Any], model: str | None, headers: dict[str, str]) -> Any:  # noqa: ANN401
    asked = body if model is None else {**body, "model": model}
    return client.messages.create(**asked, extra_headers=headers)


class Handler(BaseHTTPRequestHandler):
    """One caller's connection."""

    protocol_version = "HTTP/1.1"
    application: Application

    def do_GET(self) -> None:
        self._say(200, {"status": "ready"})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        headers = {name: value for name, value in self.headers.items() if name.lower().startswith("x-llmops-")}
        try:
            if body.get("stream"):
                self._stream(self.application.events(body, headers))
            else:
                self._say(200, self.application.answer(body, headers))
        except Exception as error:  # noqa: BLE001 - an application answers whatever happens
            self._say(*_error(error))

    def _stream(self, events: Iterator[dict[str, Any]]) -> None:
        """What fails before the first event is the caller's to raise; later only an event can tell it."""
        first = next(events)
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        self._chunk(first)
        try:
            for event in events:
                self._chunk(event)
        except Exception as error:  # noqa: BLE001 - the same
            self._chunk(_error(error)[1])
        self.wfile.write(b"0\r\n\r\n")

    def _chunk(self, data: dict[str, Any]) -> None:
        event = f"event: {data['type']}\ndata: {json.dumps(data)}\n\n".encode()
        self.wfile.write(b"%x\r\n%b\r\n" % (len(event), event))

    def _say(self, status: int, what: dict[str, Any]) -> None:
        body = json.dumps(what).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: a line a request tells nobody anything."""


def _error(error: Exception) -> tuple[int, dict[str, Any]]:
    status = getattr(error, "status_code", None)
    told = {"type": type(error).__name__, "message": str(error) or type(error).__name__}
    return (status if isinstance(status, int) and status >= 400 else 502), {"type": "error", "error": told}


class Server(ThreadingHTTPServer):
    """One thread a caller."""

    daemon_threads = True
    request_queue_size = 128


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--provider", action="append", required=True, metavar="URL[=MODEL]", help="in order")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--retries", type=int, default=2)
    parser.add_argument("--timeout-s", type=float, default=600)
    asked = parser.parse_args()
    pairs = [text.partition("=") for text in asked.provider]
    providers = [(url, model or None) for url, _, model in pairs]
    Handler.application = Application(providers, asked.retries, asked.timeout_s)
    Server(("127.0.0.1", asked.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
