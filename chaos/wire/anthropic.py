"""Anthropic Messages."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from llmops.chaos.wire import sse
from llmops.chaos.wire.dialect import Answered, Asked, ProviderError
from llmops.chaos.wire.errors import provider_error
from llmops.chaos.wire.json_scan import member, members, parsed, string_at, whole_number
from llmops.chaos.wire.openai_chat import asked_of, error_type_of
from llmops.chaos.wire.slots import Slot, slots_at, string_slots
from llmops.chaos.wire.tracing import message

_TEXT_TYPES = frozenset({"text"})


class AnthropicObserver:
    """Parses `message_start`, `message_delta` and errors; of a delta only its text is looked at."""

    def __init__(self) -> None:
        self.answered = Answered()
        self._seen_text = False

    def event(self, raw: bytes) -> bool:
        kind = string_at(raw, b"type")
        if kind in {b"content_block_delta", b"content_block_start"}:
            text = string_at(raw, b"text") or b""
            if text:
                self.answered.say(text)
            first = not self._seen_text and (bool(text) or bool(string_at(raw, b"partial_json")))
            self._seen_text = self._seen_text or first
            return first
        if b"message_stop" in raw:
            self.answered.complete = self.answered.complete or kind == b"message_stop"
        if b"message_start" in raw or b"message_delta" in raw or b'"error"' in raw:
            payload = parsed(sse.data_of(raw))
            self._take(member(payload, "message") or payload or {})
        return False

    def body(self, data: bytes) -> None:
        payload = parsed(data) or {}
        self._take(payload)
        texts = [block.get("text") for block in members(payload, "content") if member(block, "type") == "text"]
        self.answered.say_whole(text for text in texts if isinstance(text, str))
        self.answered.complete = self.answered.finish_reason is not None

    def _take(self, payload: dict[str, Any]) -> None:
        answered = self.answered
        answered.model = member(payload, "model") or answered.model
        answered.error_type = error_type_of(payload) or answered.error_type
        reason = member(payload, "stop_reason") or member(payload, "delta", "stop_reason")
        answered.finish_reason = reason or answered.finish_reason
        usage = payload.get("usage")
        for name, field in _TOKENS.items():
            count = whole_number(member(usage, name))
            if count is not None:  # `message_delta` repeats some of them, its counts are of the whole answer
                setattr(answered, field, count)
        thinking = whole_number(member(usage, "output_tokens_details", "thinking_tokens"))
        answered.output_reasoning_tokens = thinking if thinking is not None else answered.output_reasoning_tokens
        for name in ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"):
            if (written := whole_number(member(usage, "cache_creation", name))) is not None:
                answered.more[name] = written


_TOKENS = {  # Anthropic's input count is without the cache
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "cache_read_input_tokens": "cache_read_tokens",
    "cache_creation_input_tokens": "cache_write_tokens",
}


class AnthropicShape:
    """`content[]` blocks in a body; in a stream each block has its events."""

    output_includes_reasoning = True
    null_usage = False
    finish_words = {  # noqa: RUF012 - constant
        "stop": "end_turn",
        "length": "max_tokens",
        "content_filter": "refusal",  # Anthropic has no other word for an answer that was withheld
        "tool_calls": "tool_use",
    }

    def slots(self, payload: dict[str, Any]) -> Iterator[Slot]:
        kind = payload.get("type")
        index = str(payload.get("index", 0))
        if kind in {"message", "message_start"}:
            yield from self._message(payload if kind == "message" else payload.get("message") or {})
        elif kind == "content_block_start":
            yield from string_slots("text", index, payload.get("content_block"), "text")
            if member(payload, "content_block", "type") == "tool_use":
                yield from string_slots("tool_name", index, payload["content_block"], "name")
        elif kind == "content_block_delta":
            yield from string_slots("text", index, payload.get("delta"), "text")
            yield from string_slots("tool_arguments", index, payload.get("delta"), "partial_json")
        elif kind == "message_delta":
            if member(payload, "delta", "stop_reason"):
                yield Slot("finish", "*", payload["delta"], "stop_reason")
            yield from self._usage(payload)

    def _message(self, body: dict[str, Any]) -> Iterator[Slot]:
        yield from slots_at("model", "", body, "model")
        yield from slots_at("id", "", body, "id")
        yield from slots_at("fingerprint", "", body, "id")  # the only mark of who served it
        for at, block in enumerate(members(body, "content")):
            if member(block, "type") == "text":
                yield from string_slots("text", str(at), block, "text")
            elif member(block, "type") == "tool_use":
                yield from string_slots("tool_name", str(at), block, "name")
                yield from slots_at("tool_arguments", str(at), block, "input")
        if body.get("stop_reason"):
            yield Slot("finish", "*", body, "stop_reason")
        yield from self._usage(body)

    def _usage(self, holder: dict[str, Any]) -> Iterator[Slot]:
        usage = holder.get("usage")
        if not isinstance(usage, dict):
            return
        yield Slot("usage", "", holder, "usage")
        yield from slots_at("input_tokens", "", usage, "input_tokens")
        yield from slots_at("output_tokens", "", usage, "output_tokens")
        yield from slots_at("cached_tokens", "", usage, "cache_read_input_tokens", "cache_creation_input_tokens")
        yield from slots_at("reasoning_tokens", "", usage.get("output_tokens_details"), "thinking_tokens")

    def set_finish(self, payload: dict[str, Any], word: str | None) -> bool:
        slots = [slot for slot in self.slots(payload) if slot.kind == "finish"]
        for slot in slots:
            slot.put(word)
        return bool(slots)

    def drop_text(self, payload: dict[str, Any]) -> bool | None:
        """Anthropic says nothing by having no text block."""
        if payload.get("type") == "message":
            kept = [block for block in members(payload, "content") if member(block, "type") != "text"]
            changed = len(kept) != len(members(payload, "content"))
            payload["content"] = kept
            return changed
        if payload.get("type") == "content_block_start" and member(payload, "content_block", "type") == "text":
            return None
        if payload.get("type") == "content_block_delta" and member(payload, "delta", "type") == "text_delta":
            return None
        return False

    def refuse(self, payload: dict[str, Any], words: str) -> bool | None:
        """A refusal is a stop reason with its details; what was said is withdrawn."""
        holder = payload.get("delta") if payload.get("type") == "message_delta" else payload
        if not isinstance(holder, dict) or not holder.get("stop_reason"):
            return self.drop_text(payload)
        self.drop_text(payload)
        holder["stop_reason"] = "refusal"
        holder["stop_details"] = {"type": "refusal", "category": None, "explanation": words}
        return True


@dataclass(frozen=True)
class Anthropic:
    """`POST /v1/messages`, behind any prefix; `/threads/X/messages` is another's."""

    provider: str = "anthropic"
    name: str = "anthropic_messages"
    shape: AnthropicShape = AnthropicShape()  # noqa: RUF009 - has no state

    def recognises(self, method: bytes, path: bytes) -> bool:
        path = path.partition(b"?")[0]
        return method == b"POST" and path.endswith(b"/messages") and b"/threads/" not in path

    def asked(self, path: bytes, body: bytes) -> Asked | None:  # noqa: ARG002 - the body says it all
        payload = parsed(body)
        if payload is None or not isinstance(payload.get("messages"), list):
            return None
        said = [one for one in payload["messages"] if isinstance(one, dict) and one.get("role") != "system"]
        return asked_of(payload, [message(str(one.get("role")), one.get("content"), _TEXT_TYPES) for one in said])

    def observer(self) -> AnthropicObserver:
        return AnthropicObserver()

    def error(self, kind: str, **details: object) -> ProviderError:
        return provider_error(self.provider, kind, **details)

    def stream_error(self, kind: str, **details: object) -> Iterable[bytes]:
        import orjson

        payload = parsed(self.error(kind, **details).body) or {}
        payload.pop("request_id", None)  # in a stream the head has said it
        return [sse.event(orjson.dumps(payload), b"error")]

    def carries_text(self, raw: bytes) -> bool:
        return b"content_block_delta" in raw and bool(string_at(raw, b"text"))

    def is_terminal(self, raw: bytes) -> bool:
        return b"message_stop" in raw and string_at(raw, b"type") == b"message_stop"
