"""Gemini generateContent and its stream."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from llmops.chaos.wire import sse
from llmops.chaos.wire.dialect import Answered, Asked, ProviderError
from llmops.chaos.wire.errors import provider_error
from llmops.chaos.wire.json_scan import member, members, parsed, parsed_any, string_at, whole_number
from llmops.chaos.wire.openai_chat import asked_of, error_type_of
from llmops.chaos.wire.slots import Slot, slots_at, string_slots
from llmops.chaos.wire.tracing import Message, message

_TEXT_TYPES = frozenset({"text"})
_TOKENS = {
    "promptTokenCount": "input_tokens",  # with the cached ones
    "cachedContentTokenCount": "cache_read_tokens",
    "thoughtsTokenCount": "output_reasoning_tokens",
}


class GeminiObserver:
    """Every chunk repeats the usage; those with a finish reason, an error or a block are parsed, and the first."""

    def __init__(self) -> None:
        self.answered = Answered()
        self._seen_text = False

    def event(self, raw: bytes) -> bool:
        before = self.answered.text_characters
        if b'"thought"' in raw or raw.count(b'"text"') > 1:  # thoughts are not the answer
            self.answered.say_whole(_visible(parsed(sse.data_of(raw)) or {}))
        elif text := string_at(raw, b"text"):
            self.answered.say(text)
        seen = self.answered.text_characters - before
        if self.answered.model is None or b'"finishReason"' in raw or b'"error"' in raw or b'"blockReason"' in raw:
            self._take(parsed(sse.data_of(raw)))
        first = not self._seen_text and (seen > 0 or b'"functionCall"' in raw)
        self._seen_text = self._seen_text or first
        return first

    def body(self, data: bytes) -> None:
        payload = parsed_any(data)
        for one in payload if isinstance(payload, list) else [payload]:  # a stream without alt=sse is one list
            if isinstance(one, dict):
                self._take(one)
                self.answered.say_whole(_visible(one))

    def _take(self, payload: dict[str, Any] | None) -> None:
        answered = self.answered
        answered.model = member(payload, "modelVersion") or answered.model
        answered.error_type = error_type_of(payload) and str(member(payload, "error", "status") or "error")
        reasons = [member(candidate, "finishReason") for candidate in members(payload, "candidates")]
        reasons.append(member(payload, "promptFeedback", "blockReason"))
        answered.finish_reason = next(filter(None, reasons), answered.finish_reason)
        answered.complete = answered.finish_reason is not None
        usage = member(payload, "usageMetadata")
        for name, field in _TOKENS.items():
            if (count := whole_number(member(usage, name))) is not None:
                setattr(answered, field, count)
        visible = whole_number(member(usage, "candidatesTokenCount"))
        if visible is not None:  # thoughts are counted apart from the candidates, and billed with them
            answered.output_tokens = visible + (answered.output_reasoning_tokens or 0)


def _visible(payload: dict[str, Any]) -> list[str]:
    return [slot.value for slot in GeminiShape().slots(payload) if slot.kind == "text"]


class GeminiShape:
    """`candidates[].content.parts[]`, the same in a body and in an event."""

    output_includes_reasoning = False
    null_usage = False
    finish_words = {  # noqa: RUF012 - constant
        "stop": "STOP",
        "length": "MAX_TOKENS",
        "content_filter": "SAFETY",
        "tool_calls": "STOP",
    }

    def slots(self, payload: dict[str, Any]) -> Iterator[Slot]:
        yield from slots_at("model", "", payload, "modelVersion")
        yield from slots_at("id", "", payload, "responseId")
        yield from slots_at("fingerprint", "", payload, "responseId")  # the only mark of who served it
        yield from slots_at("choices", "", payload, "candidates")
        for candidate in members(payload, "candidates"):
            key = str(member(candidate, "index") or 0)
            for at, part in enumerate(members(candidate, "content", "parts")):
                if not member(part, "thought"):
                    yield from string_slots("text", key, part, "text")
                call = member(part, "functionCall")
                yield from string_slots("tool_name", f"{key}.{at}", call, "name")
                yield from slots_at("tool_arguments", f"{key}.{at}", call, "args")
            if member(candidate, "finishReason"):
                yield Slot("finish", key, candidate, "finishReason")
        yield from self._usage(payload)

    def _usage(self, payload: dict[str, Any]) -> Iterator[Slot]:
        usage = payload.get("usageMetadata")
        if not isinstance(usage, dict):
            return
        yield Slot("usage", "", payload, "usageMetadata")
        yield from slots_at("input_tokens", "", usage, "promptTokenCount")
        yield from slots_at("output_tokens", "", usage, "candidatesTokenCount")
        yield from slots_at("total_tokens", "", usage, "totalTokenCount")
        yield from slots_at("cached_tokens", "", usage, "cachedContentTokenCount")
        yield from slots_at("reasoning_tokens", "", usage, "thoughtsTokenCount")

    def set_finish(self, payload: dict[str, Any], word: str | None) -> bool:
        slots = [slot for slot in self.slots(payload) if slot.kind == "finish"]
        for slot in slots:
            if word is None:
                del slot.holder[slot.name]  # Gemini has no null here
            else:
                slot.put(word)
        return bool(slots)

    def drop_text(self, payload: dict[str, Any]) -> bool | None:
        """Gemini says nothing by a content without parts."""
        changed = False
        for candidate in members(payload, "candidates"):
            content = member(candidate, "content")
            parts = members(content, "parts")
            kept = [part for part in parts if member(part, "text") is None or member(part, "thought")]
            if len(kept) != len(parts):
                changed = True
                content.pop("parts")
                content.update({"parts": kept} if kept else {})
        return changed

    def refuse(self, payload: dict[str, Any], words: str) -> bool | None:  # noqa: ARG002 - there is no such field
        return False


@dataclass(frozen=True)
class Gemini:
    """`POST …/models/M:generateContent` and `:streamGenerateContent`."""

    provider: str = "gemini"
    name: str = "gemini"
    shape: GeminiShape = GeminiShape()  # noqa: RUF009 - has no state

    def recognises(self, method: bytes, path: bytes) -> bool:
        path = path.partition(b"?")[0]
        return method == b"POST" and path.endswith((b":generateContent", b":streamGenerateContent"))

    def asked(self, path: bytes, body: bytes) -> Asked | None:
        payload = parsed(body)
        if payload is None or not isinstance(payload.get("contents"), list | dict):
            return None
        contents = payload["contents"] if isinstance(payload["contents"], list) else [payload["contents"]]
        stream = path.partition(b"?")[0].endswith(b":streamGenerateContent")
        asked = asked_of(payload, list(_messages(contents)), stream=stream)
        model = path.partition(b"?")[0].rpartition(b":")[0].rpartition(b"/")[2].decode("latin-1")
        return replace(asked, model=model or None)

    def observer(self) -> GeminiObserver:
        return GeminiObserver()

    def error(self, kind: str, **details: object) -> ProviderError:
        return provider_error(self.provider, kind, **details)

    def stream_error(self, kind: str, **details: object) -> Iterable[bytes]:
        return [sse.event(self.error(kind, **details).body)]

    def carries_text(self, raw: bytes) -> bool:
        return bool(string_at(raw, b"text"))

    def is_terminal(self, raw: bytes) -> bool:
        """Gemini has no terminal event: the last one is that with a finish reason."""
        return bool(string_at(raw, b"finishReason"))


def _messages(contents: list[Any]) -> Iterator[Message]:
    for content in contents:
        if isinstance(content, dict):
            role = str(content.get("role", "user"))
            yield message("assistant" if role == "model" else role, content.get("parts"), _TEXT_TYPES)
