"""What the applications under test are served by: standard library only, for it is copied into each environment."""

import argparse
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

FOLLOWED = ("x-llmops-", "x-tenant")  # headers that begin so are handed on
FIRST_ERROR, BAD_GATEWAY = 400, 502

Provider = tuple[str, str | None]
"""Its base URL, and the model to ask it for instead of the caller's."""


class Application(Protocol):
    """What answers callers."""

    def answer(self, body: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
        """The whole answer; raises what the SDK raised."""
        ...

    def events(self, body: dict[str, Any], headers: dict[str, str]) -> Iterator[str]:
        """The same as the events of a stream, as they stand on the wire."""
        ...

    def end(self) -> str:
        """What tells the caller that the stream was whole."""
        ...

    def error(self, error: Exception) -> dict[str, Any]:
        """An error in the dialect of the application."""
        ...

    def error_event(self, error: Exception) -> str:
        """The same as an event of a stream."""
        ...


class Handler(BaseHTTPRequestHandler):
    """One caller's connection."""

    protocol_version = "HTTP/1.1"
    application: Application

    def do_GET(self) -> None:
        self._say(200, {"status": "ready"})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        headers = {name: value for name, value in self.headers.items() if name.lower().startswith(FOLLOWED)}
        try:
            if body.get("stream"):
                self._stream(self.application.events(body, headers))
            else:
                self._say(200, self.application.answer(body, headers))
        except Exception as error:  # noqa: BLE001 - an application answers whatever happens
            status = getattr(error, "status_code", None)
            is_error = isinstance(status, int) and status >= FIRST_ERROR
            self._say(status if is_error else BAD_GATEWAY, self.application.error(error))  # type: ignore[arg-type]

    def _stream(self, events: Iterator[str]) -> None:
        """What fails before the first event raises; later only an event can tell it."""
        first = next(events, None)
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        try:
            for event in [first] if first is not None else []:
                self._chunk(event)
            for event in events:
                self._chunk(event)
            self._chunk(self.application.end())
        except ConnectionError:
            raise  # the caller has gone
        except Exception as error:  # noqa: BLE001 - an application answers whatever happens
            self._chunk(self.application.error_event(error))
        self.wfile.write(b"0\r\n\r\n")

    def _chunk(self, event: str) -> None:
        data = event.encode()
        if data:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))

    def _say(self, status: int, what: dict[str, Any]) -> None:
        body = json.dumps(what).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: a line a request tells nobody anything."""


class Server(ThreadingHTTPServer):
    """One thread a caller."""

    daemon_threads = True
    request_queue_size = 128


def told(error: Exception) -> str:
    """An error in words; never empty."""
    return str(error) or type(error).__name__


def asked(description: str | None) -> argparse.Namespace:
    """The options of an application: `providers` (in order), `port`, `retries` and `timeout_s`."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--provider", dest="providers", action="append", required=True, metavar="URL[=MODEL]",
                        type=_provider, help="in the order in which they are asked")  # fmt: skip
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--retries", type=int, default=2)
    parser.add_argument("--timeout-s", type=float, default=600)
    return parser.parse_args()


def _provider(text: str) -> Provider:
    url, _, model = text.partition("=")
    return url, model or None


def serve(application: Application, port: int) -> None:
    """On loopback, until killed."""
    Handler.application = application
    Server(("127.0.0.1", port), Handler).serve_forever()
