"""What a provider's protocol is to us: which routes are its own, what was asked and answered, and how it says no."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from llmops.chaos.wire.json_scan import characters, parsed_any
from llmops.chaos.wire.slots import Shape
from llmops.chaos.wire.tracing import Message, last_user_text, marker_in, messages_hash


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for. What follows from the messages is worked out when somebody asks."""

    model: str | None
    stream: bool
    messages: Sequence[Message] = ()

    @property
    def user_text(self) -> str:
        """The last user message, for echoes; never journalled unless asked."""
        return last_user_text(self.messages)

    @property
    def marker(self) -> str | None:
        """`[llmops:ID]` in the last user message."""
        return marker_in(self.user_text)

    @property
    def messages_hash(self) -> str | None:
        """Of the messages alone, so that a retry or a fallback has the same."""
        return messages_hash(self.messages)


@dataclass(slots=True)
class Answered:
    """What an answer said; None is unknown. Filled as its parts come by."""

    model: str | None = None
    finish_reason: str | None = None
    complete: bool = False  # the terminal mark of its protocol was seen
    text_characters: int = 0
    text_pieces: list[bytes] = field(default_factory=list)  # of the visible text, as JSON strings without their quotes
    input_tokens: int | None = None  # as the provider counts them
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    output_tokens: int | None = None
    output_reasoning_tokens: int | None = None
    error_type: str | None = None
    more: dict[str, Any] = field(default_factory=dict)

    def say(self, escaped: bytes) -> int:
        """A piece of the visible text, as its JSON string stands there; how many characters it has."""
        count = characters(escaped)
        self.text_characters += count
        self.text_pieces.append(escaped)
        return count

    def say_whole(self, texts: Iterable[str]) -> None:
        """Pieces of the visible text, of a body."""
        import orjson

        for text in texts:
            self.text_characters += len(text)
            self.text_pieces.append(orjson.dumps(text)[1:-1])

    @property
    def text(self) -> str | None:
        """The visible text; None where nothing was said, or nothing that can be read."""
        text = parsed_any(b'"%s"' % b"".join(self.text_pieces))
        return text if isinstance(text, str) and text else None


@dataclass(frozen=True, slots=True)
class ProviderError:
    """An error as a provider would send it: exact bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    label: str = ""  # how sure we are of these bytes: source, documented, issue, secondary, unverified
    source: str = ""
    exception: str = ""  # Bedrock's name of it


class AnswerObserver(Protocol):
    """Reads an answer as it passes and fills an `Answered`; never raises, never holds bytes back."""

    answered: Answered

    def event(self, raw: bytes) -> bool:
        """One event of a stream; true when it carried the first visible piece of the answer."""
        ...

    def body(self, data: bytes) -> None: ...


class Dialect(Protocol):
    """One provider's protocol."""

    @property
    def name(self) -> str:
        """openai_chat, openai_responses, openai_embeddings, anthropic_messages, gemini, bedrock."""
        ...

    @property
    def provider(self) -> str:
        """Whose errors it speaks: openai, azure, anthropic, gemini, bedrock."""
        ...

    @property
    def shape(self) -> Shape:
        """Where its answers keep what a fault may change."""
        ...

    def recognises(self, method: bytes, path: bytes) -> bool: ...

    def asked(self, path: bytes, body: bytes) -> Asked | None:
        """None where the body is not what the route expects."""
        ...

    def observer(self) -> AnswerObserver: ...

    def error(self, kind: str, **details: object) -> ProviderError:
        """The provider's own body and headers of an error of a kind in chaos/wire/errors.py, filled with the details.

        UnknownName for a kind that nobody has, NoSuchErrorInDialectError for one that this provider has not.
        """
        ...

    def stream_error(self, kind: str, **details: object) -> Iterable[bytes]:
        """The same as events inside a stream that has begun."""
        ...

    def carries_text(self, raw: bytes) -> bool:
        """Whether an event carries a piece of the visible text."""
        ...

    def is_terminal(self, raw: bytes) -> bool:
        """Whether an event is the terminal mark of the protocol."""
        ...
