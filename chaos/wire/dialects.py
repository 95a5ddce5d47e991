"""Which dialect a route speaks, if any."""

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
