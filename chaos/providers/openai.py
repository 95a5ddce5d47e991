"""OpenAI: chat completions, Responses, embeddings, models."""

import base64
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from llmops.chaos.providers.answering.ask import Malformed, string, whole_number
from llmops.chaos.providers.answering.tokens import token_count
from llmops.chaos.providers.answering.vectors import embedding
from llmops.chaos.providers.base import Route, Served
from llmops.chaos.providers.shapes.openai_chat import OpenaiChat
from llmops.chaos.providers.shapes.openai_responses import OpenaiResponses

DIMENSIONS = {"text-embedding-3-large": 3072}
DEFAULT_DIMENSIONS = 1536


class Openai:
    """As at api.openai.com."""

    name = "openai"
    key_hint = "OPENAI_API_KEY"
    base_path = "/v1"
    models: Sequence[str] = ("gpt-4o", "gpt-4o-mini", "gpt-5", "text-embedding-3-small", "text-embedding-3-large")
    routes: Sequence[Route] = (
        Route("POST", "/v1/chat/completions", OpenaiChat()),
        Route("POST", "/v1/responses", OpenaiResponses()),
        Route("POST", "/v1/embeddings", kind="embeddings"),
        Route("GET", "/v1/models", kind="models"),
        Route("GET", "/v1/models/{model}", kind="model"),
    )

    def key(self, headers: Mapping[str, str], query: Mapping[str, str]) -> str | None:
        del query
        return bearer(headers)

    def data(self, kind: str, body: Mapping[str, Any], path: Mapping[str, str], served: Served) -> Mapping[str, Any]:
        if kind == "embeddings":
            return _embeddings(body, served)
        if kind == "models":
            return {"object": "list", "data": [_model(name, served) for name in served.models]}
        if path["model"] not in served.models and not served.any_model:
            raise KeyError(path["model"])
        return _model(path["model"], served)


def bearer(headers: Mapping[str, str]) -> str | None:
    """The key of `Authorization: Bearer KEY`."""
    scheme, _, key = headers.get("Authorization", "").partition(" ")
    return key.strip() or None if scheme.lower() == "bearer" else None


def _model(name: str, served: Served) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": int(served.now_s), "owned_by": "system"}


def _embeddings(body: Mapping[str, Any], served: Served) -> dict[str, Any]:
    model = string(body.get("model"), "model")
    if model not in served.models and not served.any_model:
        raise KeyError(model)
    texts = _inputs(body.get("input"))
    full = DIMENSIONS.get(model, DEFAULT_DIMENSIONS)
    size = whole_number(body.get("dimensions"), "dimensions") or full
    if size > full:
        raise Malformed(f"Invalid value for 'dimensions' = {size}. Must be less than or equal to {full}.", "dimensions")
    packed = body.get("encoding_format") == "base64"
    vectors = [embedding(text, model, size, served.seed) for text in texts]
    data = [
        {"object": "embedding", "index": index, "embedding": _packed(vector) if packed else vector}
        for index, vector in enumerate(vectors)
    ]
    spent = sum(map(token_count, texts))
    usage = {"prompt_tokens": spent, "total_tokens": spent}
    return {"object": "list", "data": data, "model": model, "usage": usage}


def _inputs(value: object) -> list[str]:
    """The texts to embed; a list of token numbers is one text of these numbers."""
    if isinstance(value, str) and value:
        return [value]
    if not isinstance(value, list) or not value:
        raise Malformed("'$.input' is invalid. Please check the API reference.", "input")
    if all(isinstance(part, int) for part in value):
        return [orjson.dumps(value).decode()]
    return [part if isinstance(part, str) else orjson.dumps(part).decode() for part in value]


def _packed(vector: Sequence[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
