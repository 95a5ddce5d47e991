"""Gemini: generateContent, streamGenerateContent, models."""

from collections.abc import Mapping, Sequence
from typing import Any

from llmops.chaos.providers.base import Route, Served
from llmops.chaos.providers.openai import bearer
from llmops.chaos.providers.shapes.gemini_content import GeminiContent

METHODS = ["generateContent", "streamGenerateContent"]


class Gemini:
    """As at generativelanguage.googleapis.com."""

    name = "gemini"
    key_hint = "GEMINI_API_KEY"
    base_path = ""
    models: Sequence[str] = ("gemini-2.5-pro", "gemini-2.5-flash", "gemini-2.5-flash-lite")
    routes: Sequence[Route] = (
        *(
            Route("POST", f"/{version}/models/{{model}}:{{method:{'|'.join(METHODS)}}}", GeminiContent())
            for version in ("v1beta", "v1")
        ),
        Route("GET", "/v1beta/models", kind="models"),
        Route("GET", "/v1beta/models/{model}", kind="model"),
    )

    def key(self, headers: Mapping[str, str], query: Mapping[str, str]) -> str | None:
        return headers.get("x-goog-api-key") or query.get("key") or bearer(headers)

    def data(self, kind: str, body: Mapping[str, Any], path: Mapping[str, str], served: Served) -> Mapping[str, Any]:
        del body
        if kind == "models":
            return {"models": [_model(name) for name in served.models]}
        if path["model"] not in served.models and not served.any_model:
            raise KeyError(path["model"])
        return _model(path["model"])


def _model(name: str) -> dict[str, Any]:
    return {"name": f"models/{name}", "version": "001", "displayName": name, "supportedGenerationMethods": METHODS}
