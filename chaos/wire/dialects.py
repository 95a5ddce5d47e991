"""Which dialect a route speaks, if any."""

import re
from collections.abc import Iterable

from llmops.chaos.wire.anthropic import Anthropic
from llmops.chaos.wire.bedrock import Bedrock
from llmops.chaos.wire.dialect import Dialect
from llmops.chaos.wire.gemini import Gemini
from llmops.chaos.wire.openai_chat import OpenaiChat
from llmops.chaos.wire.openai_embeddings import OpenaiEmbeddings
from llmops.chaos.wire.openai_responses import OpenaiResponses

_OPENAI: tuple[Dialect, ...] = (OpenaiChat(), OpenaiResponses(), OpenaiEmbeddings())
_AZURE: tuple[Dialect, ...] = (OpenaiChat("azure"), OpenaiResponses("azure"), OpenaiEmbeddings("azure"))
_OTHERS: tuple[Dialect, ...] = (Anthropic(), Gemini(), Bedrock())

DIALECTS: dict[str, Dialect] = {dialect.name: dialect for dialect in (*_OPENAI, *_OTHERS)}
"""By name, with OpenAI's own errors."""


def dialect_of(method: bytes, target: bytes, *, provider: str | None = None) -> Dialect | None:
    """The dialect of a route behind any prefix; None where nobody knows it, so that it passes opaquely.

    `provider` says whose errors an OpenAI-shaped route speaks (openai or azure); by itself a path with `/openai/`
    is Azure's.
    """
    if method != b"POST":
        return None
    azure = provider == "azure" or (provider is None and (b"/openai/" in target.partition(b"?")[0]))
    candidates = (*(_AZURE if azure else _OPENAI), *_OTHERS)
    return next((dialect for dialect in candidates if dialect.recognises(method, target)), None)


def dialect_named(name: str, *, provider: str | None = None) -> Dialect | None:
    """The dialect of that name."""
    azure = {dialect.name: dialect for dialect in _AZURE} if provider == "azure" else {}
    return azure.get(name) or DIALECTS.get(name)


_OWN_PATHS = (
    ("azure", re.compile(rb"/openai/")),
    ("bedrock", re.compile(rb"/(?:model|guardrail)/[^/]+/")),
    ("anthropic", re.compile(rb"/v1/messages(?:/|$)")),
    ("gemini", re.compile(rb"/v1(?:alpha|beta)\d*/|/(?:models|tunedModels)/[^/]+:\w+$")),
)
_OWN_HEADERS = {b"anthropic-version": "anthropic", b"x-goog-api-key": "gemini", b"api-key": "azure"}
_OPENAI_PATH = re.compile(
    rb"/v1/(?:assistants|audio|batches|chat|completions|containers|conversations|embeddings|evals|files|fine_tuning|images"
    rb"|models|moderations|organization|realtime|responses|threads|uploads|vector_stores|videos)(?:/|$)"
)
"""Of the API references of the providers, 2026-11; files and models are Anthropic's too, told by the header."""


def provider_of(target: bytes, headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """Whose route it is though no dialect reads it, by path and headers: whose errors it gets. None: nobody knows."""
    path = target.partition(b"?")[0]
    by_path = next((provider for provider, pattern in _OWN_PATHS if pattern.search(path)), None)
    by_header = next((_OWN_HEADERS[name.lower()] for name, _ in headers if name.lower() in _OWN_HEADERS), None)
    return by_path or by_header or ("openai" if _OPENAI_PATH.search(path) else None)
