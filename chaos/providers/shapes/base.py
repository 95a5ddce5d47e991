"""What every API of a simulated provider does: reads a request, and says the answer whole or as events."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from llmops.chaos.providers.answering.ask import Ask
from llmops.chaos.providers.answering.reply import Reply


@dataclass(frozen=True)
class Answer:
    """An answer on its way out: who asked what, and what is said."""

    id: str  # 24 hexadecimal digits; each API puts its own prefix before them
    created: int  # epoch seconds
    ask: Ask
    replies: Sequence[Reply]  # one a choice


@dataclass(frozen=True)
class Said:
    """Bytes of a stream; a token takes its time before it is said."""

    data: bytes
    is_token: bool = False


class Shape(Protocol):
    """One API."""

    def ask(self, body: Mapping[str, Any], path: Mapping[str, str], query: Mapping[str, str]) -> Ask:
        """Malformed where the provider would answer 400."""
        ...

    def whole(self, answer: Answer) -> Mapping[str, Any]: ...

    def events(self, answer: Answer) -> Iterator[Said]: ...


def data_event(value: object, name: str = "", *, is_token: bool = False) -> Said:
    """A server-sent event, with its `event:` line where it has a name."""
    head = f"event: {name}\n".encode() if name else b""
    return Said(head + b"data: " + orjson.dumps(value) + b"\n\n", is_token)


def plain_text(content: object) -> str:
    """The text of a message's content: a string, or a list of parts of which those with text count."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(filter(None, (_part_text(part) for part in content)))
    return ""


def _part_text(part: object) -> str:
    if not isinstance(part, Mapping):
        return str(part)
    text = part.get("text", part.get("content", part.get("output", "")))
    return text if isinstance(text, str) else plain_text(text)
