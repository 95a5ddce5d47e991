"""Send one HTTP request; a status is an output, whatever it is."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from llmops.chaos.experiments.chaostoolkit.providers.base import ActivityFailed
from llmops.chaos.experiments.chaostoolkit.values import Values

if TYPE_CHECKING:
    import aiohttp

JSON = "application/json"
FIRST_ERROR = 400
PAIR = 2


@dataclass(frozen=True)
class Http:
    """One request. `timeout` is seconds to connect and between bytes, or a pair of both."""

    url: str
    method: str = "GET"
    headers: dict[str, str] | None = None
    arguments: dict[str, Any] | list[Any] | str | None = None
    timeout: float | list[float] | str | None = None
    verify_tls: bool = True
    max_retries: int = 0
    secrets: list[str] = field(default_factory=list)

    def refusal(self) -> str:
        if "$" not in self.url and not self.url.startswith(("http://", "https://")):
            return f"{self.url!r} is no http or https URL"
        if isinstance(self.timeout, list) and len(self.timeout) != PAIR:
            return "a timeout is seconds, or a pair of seconds"
        return ""

    def problem(self, output: object) -> str:
        status = output["status"] if isinstance(output, dict) else 0
        return f"{self.method} was answered with the status {status}" if status >= FIRST_ERROR else ""

    async def call(self, values: Values) -> object:
        import aiohttp

        limit = _limit(values.filled(self.timeout))
        url, options = self._request(values)
        try:
            async with aiohttp.ClientSession(timeout=limit) as http:
                for left in range(self.max_retries, -1, -1):
                    try:
                        return await self._asked(http, url, options)
                    except aiohttp.ClientConnectorError:
                        if not left:
                            raise
        except TimeoutError as error:
            raise ActivityFailed(f"{self.url} took too long") from error
        except (aiohttp.ClientError, ValueError) as error:
            raise ActivityFailed(f"{self.url} gave no answer: {error or type(error).__name__}") from error
        raise ActivityFailed(f"{self.url} was not asked")  # a negative number of retries

    def _request(self, values: Values) -> tuple[str, dict[str, Any]]:
        """The URL, and headers and body."""
        url, arguments = str(values.filled(self.url)), values.filled(self.arguments)
        headers: dict[str, str] = values.filled(self.headers or {})
        if self.method.upper() == "GET":
            query = arguments if isinstance(arguments, str) else _encoded(arguments)
            return (f"{url}{'&' if '?' in url else '?'}{query}" if query else url), {"headers": headers}
        if headers.get("Content-Type") == JSON:
            return url, {"headers": headers, "data": json.dumps(arguments).encode() if arguments is not None else None}
        if isinstance(arguments, Mapping | list) and arguments:
            form = {"Content-Type": "application/x-www-form-urlencoded", **headers}
            return url, {"headers": form, "data": _encoded(arguments).encode()}
        return url, {"headers": headers, "data": arguments.encode() if isinstance(arguments, str) else None}

    async def _asked(self, http: "aiohttp.ClientSession", url: str, options: Mapping[str, Any]) -> object:
        async with http.request(self.method.upper(), url, ssl=self.verify_tls, **options) as answer:
            raw = await answer.read()
            told = answer.headers.get("Content-Type")
            text = raw.decode(answer.get_encoding(), "replace")
            body = json.loads(text) if told == JSON else text  # with a charset behind it Chaos Toolkit keeps the text
            return {"status": answer.status, "headers": dict(answer.headers), "body": body}


def _encoded(arguments: Any) -> str:  # noqa: ANN401 - what stood for a name
    if not arguments:
        return ""
    pairs = arguments.items() if isinstance(arguments, Mapping) else arguments
    return urlencode([(name, value) for name, value in pairs if value is not None], doseq=True)


def _limit(timeout: Any) -> "aiohttp.ClientTimeout":  # noqa: ANN401 - what stood for a name
    import aiohttp

    try:
        connect, read = timeout if isinstance(timeout, list | tuple) else (timeout, timeout)
        seconds = [None if each is None else float(each) for each in (connect, read)]
    except (TypeError, ValueError) as error:
        raise ActivityFailed(f"a timeout of {timeout!r} is none") from error
    return aiohttp.ClientTimeout(total=None, sock_connect=seconds[0], sock_read=seconds[1])
