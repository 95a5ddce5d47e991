"""Requests to one Toxiproxy through toxiproxy-python, whose traps end here: timed, and each error names the server."""

import json
import math
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from llmops.chaos.toxic_state import not_toxiproxy
from llmops.errors import BadInput, OutsideFailed

DEFAULT_URL = "http://127.0.0.1:8474"
NOT_FOUND = 404
SUCCESS = range(200, 300)
CLIENT_ERRORS = range(400, 500)
BARE_VERSION = re.compile(r"[\w.+-]{1,40}")  # what servers before 2.7 answer


class Refused(BadInput):
    """The server said no, with this HTTP status."""

    def __init__(self, message: str, *, status: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status


class ToxiproxyHttp:
    """Requests through toxiproxy-python's own consumer, a subclass for each server: its host and port are the class's.

    Its proxies and toxics are not used: they go through that one class, wait for ever and take a 500 for an answer.
    """

    def __init__(self, url: str, timeout_s: float, library: Callable[[], Any]) -> None:
        """`library` gives the module `toxiproxy.api` when it is needed. BadInput for a URL or a time that is none."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise BadInput(f"{url!r} is not a URL: {error}", hint=f"such as {DEFAULT_URL}") from error
        if parts.scheme != "http" or not host or parts.path.strip("/") or parts.query or parts.username:
            raise BadInput(f"{url!r} is not the URL of a Toxiproxy", hint=f"http, host and port, such as {DEFAULT_URL}")
        if not 0 < timeout_s < math.inf:
            raise BadInput(f"a timeout of {timeout_s} s is none", hint="give seconds above 0")
        self._host = f"[{host}]" if ":" in host else host
        self._port = port or 80
        self.url = f"http://{self._host}:{self._port}"
        self._timeout_s = timeout_s
        self._library = library

    def version(self) -> str:
        text = self._text("get", "/version").strip()
        if BARE_VERSION.fullmatch(text):
            return text
        try:
            return str(json.loads(text)["version"])
        except (ValueError, KeyError, TypeError) as error:
            raise not_toxiproxy(self.url, f"its version is {text[:200]!r}") from error

    def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - any JSON
        """Its JSON; None where there is none. Refused, OutsideFailed."""
        text = self._text(method, path, body)
        try:
            return json.loads(text) if text else None
        except ValueError as error:
            raise not_toxiproxy(self.url, f"it tells {text[:200]!r}") from error

    def delete(self, path: str) -> bool:
        """Whether it was there."""
        try:
            self._text("delete", path)
        except Refused as error:
            if error.status == NOT_FOUND:
                return False
            raise
        return True

    def _text(self, method: str, path: str, body: object = None) -> str:
        api, asked = self._library(), f"{method.upper()} {path}"
        statuses = {api.InvalidToxic: 400, api.NotFound: NOT_FOUND, api.ProxyExists: 409}  # which it raises
        consumer = type("Consumer", (api.APIConsumer,), {"host": self._host, "port": self._port})
        options = {} if body is None else {"json": body}
        no_proxies = dict.fromkeys(("http", "https", "all"), "")  # whatever the environment says: it is no web page
        try:
            answer = getattr(consumer, method)(
                path, timeout=self._timeout_s, proxies=no_proxies, allow_redirects=False, **options
            )
        except api.requests.Timeout as error:
            raise OutsideFailed(
                f"the Toxiproxy at {self.url} did not answer {asked} within {self._timeout_s:g} s",
                hint="is it overloaded, or is something else on that port?",
            ) from error
        except api.requests.RequestException as error:
            raise OutsideFailed(
                f"no Toxiproxy answers at {self.url}: {_reason(error)}",
                hint="start toxiproxy-server, or llmops chaos proxy",
            ) from error
        except tuple(statuses) as error:
            raise self._refused(asked, error.args[0], statuses[type(error)]) from error
        if answer.status_code in CLIENT_ERRORS:
            raise self._refused(asked, answer.content, answer.status_code)
        if answer.status_code not in SUCCESS:
            said = _said(answer.content) or answer.status_code
            raise OutsideFailed(f"the Toxiproxy at {self.url} failed {asked}: {said}")
        return str(answer.content.decode("utf-8", "replace"))

    def _refused(self, asked: str, content: bytes, status: int) -> Refused:
        return Refused(f"the Toxiproxy at {self.url} refuses {asked}: {_said(content) or status}", status=status)


def _said(content: bytes) -> str:
    """The error in Toxiproxy's JSON, else what is there, in one line."""
    text = content.decode("utf-8", "replace")
    try:
        text = str(json.loads(text)["error"])
    except (ValueError, KeyError, TypeError):
        text = text[:200]
    return " ".join(text.split())


def _reason(error: BaseException) -> str:
    """What the system said, of an error that wraps it many times."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.strerror:
            return seen.strerror
        seen = seen.__cause__ or seen.__context__
    return str(error)
