"""Anthropic: messages, the counting of their tokens, models."""

from collections.abc import Mapping, Sequence
from typing import Any

from llmops.chaos.providers.answering.reply import input_tokens
from llmops.chaos.providers.base import Route, Served
from llmops.chaos.providers.openai import bearer
from llmops.chaos.providers.shapes.anthropic_messages import AnthropicMessages


class Anthropic:
    """As at api.anthropic.com."""

    name = "anthropic"
    key_hint = "ANTHROPIC_API_KEY"
    base_path = ""
    models: Sequence[str] = ("claude-opus-4-8", "claude-sonnet-5", "claude-haiku-4-5")
    routes: Sequence[Route] = (
        Route("POST", "/v1/messages", AnthropicMessages()),
        Route("POST", "/v1/messages/count_tokens", kind="count_tokens"),
        Route("GET", "/v1/models", kind="models"),
        Route("GET", "/v1/models/{model}", kind="model"),
    )

    def key(self, headers: Mapping[str, str], query: Mapping[str, str]) -> str | None:
        del query
        return headers.get("x-api-key") or bearer(headers)

    def data(self, kind: str, body: Mapping[str, Any], path: Mapping[str, str], served: Served) -> Mapping[str, Any]:
        if kind == "count_tokens":
            ask = AnthropicMessages().ask({"max_tokens": 1, **body}, {}, {})
            return {"input_tokens": input_tokens(ask)}
        if kind == "models":
            data = [_model(name) for name in served.models]
            ends = {"first_id": served.models[0], "last_id": served.models[-1]} if served.models else {}
            return {"data": data, "has_more": False, "first_id": None, "last_id": None, **ends}
        if path["model"] not in served.models and not served.any_model:
            raise KeyError(path["model"])
        return _model(path["model"])


def _model(name: str) -> dict[str, Any]:
    return {"type": "model", "id": name, "display_name": name, "created_at": "2026-01-01T00:00:00Z"}
