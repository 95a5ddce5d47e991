"""Reads an answer as it comes: what it says, and when each visible piece of it was there. No sockets, no clock."""

from array import array
from typing import Any

from llmops.chaos.load.said import DIALECTS_WITH_WORDS, Said, is_error_event, plain_text, said_in, shows_call
from llmops.chaos.proxy.coding import CannotDecodeError, Decoder, decoder
from llmops.chaos.wire import sse
from llmops.chaos.wire.dialect import Dialect
from llmops.chaos.wire.json_scan import parsed
from llmops.chaos.wire.openai_chat import DONE

LIMIT_BYTES = 64 * 1024 * 1024  # more than any answer of a model
CALLING = frozenset({"tool_calls", "function_call", "tool_use", "pause_turn"})  # finish reasons; tools of a server too
_EVENT_STREAM = b"text/event-stream"


class UnreadableAnswer(Exception):
    """The body is not what its head says, or longer than any answer; the message is a reason to report."""


class AnswerReader:
    """One answer. `begin` with its head, `feed` what comes, `finish` when the framing says that it is over."""

    def __init__(self, dialect: Dialect, *, keep_body: bool = False) -> None:
        self._dialect = dialect
        self._observer = dialect.observer()
        self._keep_body = keep_body
        self._decoder: Decoder | None = None
        self._splitter: sse.Splitter | None = None
        self._body: list[bytes] = []
        self.status: int | None = None
        self.content_type: str | None = None
        self.first_byte_at: float | None = None
        self.first_token_at: float | None = None
        self.terminal_at: float | None = None  # when a stream's terminal mark came
        self.ended_at: float | None = None  # when the connection had no more to say about it
        self.piece_times = array("d")
        self.answer_bytes = 0
        self.unreadable = False
        self.error_event = False
        self._called = False  # a tool, whether or not with arguments
        self._texts: dict[str, list[str]] = {"text": [], "refusal": []}
        self._arguments: dict[str, list[str]] = {}

    def begin(self, status: int, content_type: bytes, content_encoding: bytes) -> None:
        """The head is whole. UnreadableAnswer for a content coding that nobody knows."""
        self.status = status
        self.content_type = content_type.decode("latin-1") or None
        if content_encoding:
            try:
                self._decoder = decoder(content_encoding)
            except CannotDecodeError as error:
                raise UnreadableAnswer(str(error)) from error
        if content_type.lstrip().lower().startswith(_EVENT_STREAM):
            self._splitter = sse.Splitter()

    def feed(self, data: bytes, at: float) -> None:
        """Some bytes of the body, which came at this time. UnreadableAnswer."""
        self.answer_bytes += len(data)
        if self._decoder is not None:
            try:
                data = self._decoder.feed(data)
            except CannotDecodeError as error:
                raise UnreadableAnswer(str(error)) from error
        if self.answer_bytes > LIMIT_BYTES:
            raise UnreadableAnswer(f"the answer is longer than {LIMIT_BYTES:,} bytes")
        if self._splitter is None or self._keep_body:
            self._body.append(data)
        if self._splitter is not None:
            for event in self._splitter.feed(data):
                self._event(event, at)

    def finish(self, at: float) -> None:
        """The framing says that the body is over. UnreadableAnswer for a coding that is not."""
        if self._decoder is not None:
            try:
                self._decoder.finish()
            except CannotDecodeError as error:
                raise UnreadableAnswer(str(error)) from error
        if self._splitter is None:
            self._whole(b"".join(self._body))
        elif self._splitter.rest.endswith(b"\r\r"):  # whole, but the splitter waited for an LF
            self._event(self._splitter.rest, at)

    def _event(self, raw: bytes, at: float) -> None:
        data = sse.data_of(raw)
        if data is None:
            return
        payload = parsed(data)
        text = None
        if payload is not None and self._observer.answered.model is not None:
            text = plain_text(self._dialect.name, payload)
        if text is None:
            self._observe(raw, payload, at)
        elif text:
            self._texts["text"].append(text)
            self._stamp(at)

    def _stamp(self, at: float) -> None:
        """A visible piece came."""
        self.piece_times.append(at)
        if self.first_token_at is None:
            self.first_token_at = at

    def _observe(self, raw: bytes, payload: dict[str, Any] | None, at: float) -> None:
        """An event that is more than a piece of text, or may be."""
        known_error = self._observer.answered.error_type
        self._observer.event(raw)
        if self._dialect.is_terminal(raw):
            self.terminal_at = at
        if payload is None:
            self.unreadable = self.unreadable or (sse.data_of(raw) or b"").strip() != DONE
            return
        if self._observer.answered.error_type != known_error:
            self.error_event = self.error_event or is_error_event(self._dialect.name, sse.name_of(raw), payload)
        self._called = self._called or shows_call(payload)
        if said := said_in(self._dialect.name, payload):
            self._take(said)
            self._stamp(at)

    def _whole(self, body: bytes) -> None:
        self._observer.body(body)
        payload = parsed(body)
        if payload is None:
            self.unreadable = True
        else:
            self._called = shows_call(payload)
            self._take(said_in(self._dialect.name, payload))

    def _take(self, said: list[Said]) -> None:
        for kind, key, words in said:
            if kind == "tool_arguments":
                self._arguments.setdefault(key, []).append(words)
            elif kind != "tool_name":
                self._texts[kind].append(words)
            self._called = self._called or kind.startswith("tool_")

    @property
    def body(self) -> bytes | None:
        """The decoded body, as far as it came; None where it was not to be kept."""
        return b"".join(self._body) if self._keep_body else None

    def _says_something(self, text: str) -> bool | None:
        """White space is nothing. None where words are not looked for, or a call is ended with that nobody saw."""
        if self._called or self._texts["refusal"] or text.strip():
            return True
        if self._observer.answered.finish_reason in CALLING or self._dialect.name not in DIALECTS_WITH_WORDS:
            return None
        return False

    def outcome(self) -> dict[str, object]:
        """What it said, by the names of the fields of a CallRecord."""
        answered = self._observer.answered
        text = "".join(self._texts["text"])
        return {
            "status": self.status,
            "content_type": self.content_type,
            "first_byte_at": self.first_byte_at,
            "first_token_at": self.first_token_at,
            "piece_times": self.piece_times,
            "answer_bytes": self.answer_bytes,
            "answer_body": self.body,
            "complete": answered.complete,
            "finish_reason": answered.finish_reason,
            "model_answered": answered.model,
            "error_type": answered.error_type,
            "error_event": self.error_event,
            "unreadable": self.unreadable,
            "says_something": self._says_something(text),
            "text": text,
            "text_characters": len(text),
            "refusal": "".join(self._texts["refusal"]),
            "tool_arguments": tuple("".join(parts) for parts in self._arguments.values()),
            "input_tokens": answered.input_tokens,
            "cache_read_tokens": answered.cache_read_tokens,
            "cache_write_tokens": answered.cache_write_tokens,
            "output_tokens": answered.output_tokens,
            "output_reasoning_tokens": answered.output_reasoning_tokens,
        }
