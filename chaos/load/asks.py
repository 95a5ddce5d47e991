"""How each dialect is asked: where, in what words, with which headers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from llmops.errors import BadInput

Body = dict[str, Any]
Prompt = str | Mapping[str, Any]
"""What the user says, or parts of a body in the dialect's own words."""

DEFAULT_MAX_TOKENS = 1024  # where a dialect must be told
ANTHROPIC_VERSION = "2023-06-01"


@dataclass(frozen=True)
class AskShape:
    """Where a dialect asks, and in what words."""

    path: Callable[[str, bool], str]
    body: Callable[[str, bool, int | None], Body]
    turns: str  # the key of its messages
    content: str  # the key of what one of them says
    part: Body  # a text part without its text


def _chat(model: str, streamed: bool, max_tokens: int | None) -> Body:
    more: Body = {"stream": True, "stream_options": {"include_usage": True}} if streamed else {}
    return {"model": model, **more, **({} if max_tokens is None else {"max_completion_tokens": max_tokens})}


def _responses(model: str, streamed: bool, max_tokens: int | None) -> Body:
    return {"model": model, "stream": streamed, **({} if max_tokens is None else {"max_output_tokens": max_tokens})}


def _anthropic(model: str, streamed: bool, max_tokens: int | None) -> Body:
    return {"model": model, "stream": streamed, "max_tokens": max_tokens or DEFAULT_MAX_TOKENS}


def _gemini(model: str, streamed: bool, max_tokens: int | None) -> Body:  # noqa: ARG001 - they stand in the path
    return {} if max_tokens is None else {"generationConfig": {"maxOutputTokens": max_tokens}}


def _gemini_path(model: str, streamed: bool) -> str:
    return f"/models/{quote(model)}:{'streamGenerateContent?alt=sse' if streamed else 'generateContent'}"


ASKS = {
    "openai_chat": AskShape(lambda *_: "/chat/completions", _chat, "messages", "content", {"type": "text"}),
    "openai_responses": AskShape(lambda *_: "/responses", _responses, "input", "content", {"type": "input_text"}),
    "anthropic_messages": AskShape(lambda *_: "/messages", _anthropic, "messages", "content", {"type": "text"}),
    "gemini": AskShape(_gemini_path, _gemini, "contents", "parts", {}),
}
"""The dialects that a load can speak."""


def prefix_of(dialect: str, base_path: str) -> str:
    """The version that a dialect's SDK puts behind a base URL; OpenAI's does so to none that has a path."""
    if dialect.startswith("openai_"):
        return "" if base_path else "/v1"
    version = "/v1beta" if dialect == "gemini" else "/v1"
    return "" if base_path.endswith(("/v1", "/v1beta")) else version


def marked(body: Body, said: Prompt, dialect: str, marker: str) -> Body:
    """The body with what is said, and the marker at the end of the last thing the user says."""
    shape = ASKS[dialect]
    if isinstance(said, str):
        text = f"{said} {marker}"
        content = [{"text": text}] if dialect == "gemini" else text
        return {**body, shape.turns: [{"role": "user", shape.content: content}]}
    body = {**said, **body}  # what the load decides goes before
    turns = body.get(shape.turns)
    if isinstance(turns, str):
        return {**body, shape.turns: f"{turns} {marker}"}
    if not isinstance(turns, list):
        raise BadInput(f"a prompt has no {shape.turns!r}", hint=f"an object is part of a body of {dialect}")
    for at in reversed(range(len(turns))):
        if isinstance(turns[at], dict) and turns[at].get("role", "user") == "user":
            return {**body, shape.turns: [*turns[:at], _with_marker(turns[at], shape, marker), *turns[at + 1 :]]}
    raise BadInput(f"a prompt has no message of the user in {shape.turns!r}", hint="give one the role user")


def _with_marker(turn: Mapping[str, Any], shape: AskShape, marker: str) -> Body:
    content = turn.get(shape.content)
    if isinstance(content, str):
        return {**turn, shape.content: f"{content} {marker}"}
    parts = content if isinstance(content, list) else []
    return {**turn, shape.content: [*parts, {**shape.part, "text": f" {marker}"}]}


def auth_headers(dialect: str, key: str) -> dict[str, str]:
    """The headers in which a dialect carries its key, and what else it must be told."""
    if dialect == "anthropic_messages":
        return {"x-api-key": key, "anthropic-version": ANTHROPIC_VERSION}
    return {"x-goog-api-key": key} if dialect == "gemini" else {"authorization": f"Bearer {key}"}
