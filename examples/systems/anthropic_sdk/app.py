"""An application as many are: it asks anthropic-python, and where a provider is in trouble another one.

Served over HTTP in Anthropic's own shape, so that a load can be put on it: POST /v1/messages, GET /health.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import anthropic
from serving import Provider, asked, serve, told  # type: ignore[import-not-found] # beside it where it is installed

# A provider in trouble. OverloadedError is an InternalServerError, but an overload inside a stream raises neither.
IN_TROUBLE = (anthropic.RateLimitError, anthropic.InternalServerError, anthropic.APIConnectionError)


class Application:
    """Providers in the order in which they are asked."""

    def __init__(self, providers: Sequence[Provider], retries: int, timeout_s: float) -> None:
        self._providers = [
            (anthropic.Anthropic(base_url=url, api_key="sk-simulated", max_retries=retries, timeout=timeout_s), model)
            for url, model in providers
        ]

    def answer(self, body: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
        """The first block's text, taken as everybody takes it."""
        said = self._first(body, headers)
        return {**said.to_dict(), "content": [{"type": "text", "text": said.content[0].text}]}

    def events(self, body: dict[str, Any], headers: dict[str, str]) -> Iterator[str]:
        """The events as they come, but the last: `end` says it."""
        for event in self._first(body, headers):
            if event.type != "message_stop":
                yield _event(event.to_dict())

    def end(self) -> str:
        """Where the SDK's iterator ends without an error, that was the answer."""
        return _event({"type": "message_stop"})

    def error(self, error: Exception) -> dict[str, Any]:
        return {"type": "error", "error": {"type": type(error).__name__, "message": told(error)}}

    def error_event(self, error: Exception) -> str:
        return _event(self.error(error))

    def _first(self, body: dict[str, Any], headers: dict[str, str]) -> Any:  # noqa: ANN401 - what the SDK returns
        *others, last = self._providers
        for client, model in others:
            try:
                return _created(client, body, model, headers)
            except IN_TROUBLE:
                continue
        return _created(last[0], body, last[1], headers)


def _created(client: anthropic.Anthropic, body: dict[str, Any], model: str | None, headers: dict[str, str]) -> Any:  # noqa: ANN401
    wanted = body if model is None else {**body, "model": model}
    return client.messages.create(**wanted, extra_headers=headers)


def _event(data: dict[str, Any]) -> str:
    return f"event: {data['type']}\ndata: {json.dumps(data)}\n\n"


if __name__ == "__main__":
    options = asked(__doc__)
    serve(Application(options.providers, options.retries, options.timeout_s), options.port)
