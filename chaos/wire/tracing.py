"""Following one request through retries and fallbacks: by a marker in its last user message, or by a hash."""

import hashlib
from collections.abc import Iterable
from typing import Any, NamedTuple

HEADER = b"x-llmops-request-id"
"""Goes before marker and hash; the server reads it."""

_OPEN, _CLOSE = "[llmops:", "]"
_ID_CHARACTERS = 128  # a longer one is text that happens to look so


class Message(NamedTuple):
    """One message as all dialects have it; system messages are none, because a gateway moves them about."""

    role: str  # user or assistant, or tool
    text: str
    rest: Any = None  # parts that are not text, as they came


def marker_in(text: str) -> str | None:
    """The ID of the last `[llmops:ID]`, or None."""
    start = text.rfind(_OPEN)
    if start < 0:
        return None
    start += len(_OPEN)
    end = text.find(_CLOSE, start, start + _ID_CHARACTERS + 1)
    found = text[start:end] if end > start else ""
    return found if found and not any(mark.isspace() for mark in found) else None


def messages_hash(messages: Iterable[Message]) -> str | None:
    """32 hex digits of roles and texts, the same in every dialect for the same texts; None without messages."""
    import orjson

    plain = [[message.role, message.text, message.rest] for message in messages]
    if not plain:
        return None
    return hashlib.sha256(orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


def last_user_text(messages: Iterable[Message]) -> str:
    """The text of the last user message, or empty."""
    return next((message.text for message in reversed(list(messages)) if message.role == "user"), "")


def message(role: str, content: object, text_types: frozenset[str]) -> Message:
    """A message from its content: a string, or a list of parts of which those of `text_types` are text."""
    if isinstance(content, str):
        return Message(role, content)
    if not isinstance(content, list):
        return Message(role, "", content)
    texts = [part["text"] for part in content if _is_text(part, text_types)]
    rest = [part for part in content if not _is_text(part, text_types)]
    return Message(role, "".join(texts), rest or None)


def _is_text(part: object, text_types: frozenset[str]) -> bool:
    return isinstance(part, dict) and part.get("type", "text") in text_types and isinstance(part.get("text"), str)
