"""An application as many are: it asks openai-python, and on an APIError another provider; it trusts what it gets.

Served over HTTP in OpenAI's own shape, so that a load can be put on it: POST /v1/chat/completions, GET /health.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import openai
from serving import Provider, asked, serve, told  # type: ignore[import-not-found] # beside it where it is installed


class Application:
    """Providers in the order in which they are asked."""

    def __init__(self, providers: Sequence[Provider], retries: int, timeout_s: float) -> None:
        self._providers = [
            (openai.OpenAI(base_url=url, api_key="sk-simulated", max_retries=retries, timeout=timeout_s), model)
            for url, model in providers
        ]

    def answer(self, body: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
        """The first choice, taken as everybody takes it."""
        said = self._first(body, headers)
        choice = said.choices[0]
        return {
            "id": said.id,
            "object": "chat.completion",
            "created": said.created,
            "model": said.model,
            "choices": [{"index": 0, "message": choice.message.to_dict(), "finish_reason": choice.finish_reason}],
            "usage": said.usage and said.usage.to_dict(),
        }

    def events(self, body: dict[str, Any], headers: dict[str, str]) -> Iterator[str]:
        """The chunks as they come."""
        for chunk in self._first(body, headers):
            yield _event(chunk.to_dict())

    def end(self) -> str:
        """Where the SDK's iterator ends without an error, that was the answer."""
        return "data: [DONE]\n\n"

    def error(self, error: Exception) -> dict[str, Any]:
        return {"error": {"message": told(error), "type": type(error).__name__, "param": None, "code": None}}

    def error_event(self, error: Exception) -> str:
        return _event(self.error(error))

    def _first(self, body: dict[str, Any], headers: dict[str, str]) -> Any:  # noqa: ANN401 - what the SDK returns
        *others, last = self._providers
        for client, model in others:
            try:
                return _created(client, body, model, headers)
            except openai.APIError:
                continue
        return _created(last[0], body, last[1], headers)


def _created(client: openai.OpenAI, body: dict[str, Any], model: str | None, headers: dict[str, str]) -> Any:  # noqa: ANN401
    wanted = body if model is None else {**body, "model": model}
    return client.chat.completions.create(**wanted, extra_headers=headers)


def _event(data: dict[str, Any]) -> str:
    return f"data: {json.dumps(data)}\n\n"


if __name__ == "__main__":
    options = asked(__doc__)
    serve(Application(options.providers, options.retries, options.timeout_s), options.port)
