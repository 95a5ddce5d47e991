"""OpenAI chat completions, as OpenAI, Azure and all who copy them speak it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from llmops.chaos.wire import sse
from llmops.chaos.wire.dialect import Answered, Asked, ProviderError
from llmops.chaos.wire.errors import provider_error
from llmops.chaos.wire.json_scan import characters, has_object, member, members, parsed, string_at, whole_number
from llmops.chaos.wire.slots import Slot, slots_at, string_slots
from llmops.chaos.wire.tracing import Message, message

DONE = b"[DONE]"
_TEXT_TYPES = frozenset({"text", "input_text", "output_text"})
_SYSTEM = frozenset({"system", "developer"})


def asked_of(body: dict[str, Any], messages: list[Message], *, stream: bool | None = None) -> Asked:
    """What a body asks for, its messages given."""
    model = body.get("model")
    return Asked(
        model=model if isinstance(model, str) else None,
        stream=body.get("stream") is True if stream is None else stream,
        messages=messages,
    )


def error_type_of(payload: dict[str, Any] | None) -> str | None:
    """The type or code of an error object, or `error` where it names neither."""
    error = member(payload, "error")
    if not error:
        return None
    named = next((str(member(error, name)) for name in ("type", "code", "status") if member(error, name)), None)
    return named or "error"


class ChatObserver:
    """Parses an event only where its bytes show a finish reason, usage or an error, and the first."""

    def __init__(self) -> None:
        self.answered = Answered()
        self._seen_text = False

    def event(self, raw: bytes) -> bool:
        data = sse.data_of(raw)
        if data is None:
            return False
        if data.strip() == DONE:
            self.answered.complete = True
            return False
        if self.answered.model is None or _says_more(raw):
            self._take(parsed(data))
        text = string_at(raw, b"content") or b""
        if text:
            self.answered.say(text)
        else:
            text = string_at(raw, b"refusal") or b""
            self.answered.text_characters += characters(text)
        first = not self._seen_text and (bool(text) or b'"tool_calls":[' in raw or b'"tool_calls": [' in raw)
        self._seen_text = self._seen_text or first
        return first

    def body(self, data: bytes) -> None:
        payload = parsed(data)
        self._take(payload)
        texts = [member(choice, "message", "content") for choice in members(payload, "choices")]
        self.answered.say_whole(text for text in texts if isinstance(text, str))
        self.answered.complete = self.answered.finish_reason is not None

    def _take(self, payload: dict[str, Any] | None) -> None:
        answered = self.answered
        if payload is None:
            return
        answered.model = payload.get("model") or answered.model
        if "error" in payload:
            answered.error_type = error_type_of(payload) or answered.error_type
        for choice in members(payload, "choices"):
            if reason := member(choice, "finish_reason"):
                answered.finish_reason = reason
                break
        usage = payload.get("usage")
        if isinstance(usage, dict):
            self._take_usage(usage)

    def _take_usage(self, usage: dict[str, Any]) -> None:
        answered = self.answered
        answered.input_tokens = whole_number(usage.get("prompt_tokens"))
        answered.output_tokens = whole_number(usage.get("completion_tokens"))
        read = usage.get("prompt_tokens_details")
        if isinstance(read, dict):
            answered.cache_read_tokens = whole_number(read.get("cached_tokens"))
            answered.cache_write_tokens = whole_number(read.get("cache_write_tokens"))
        written = usage.get("completion_tokens_details")
        if isinstance(written, dict):
            answered.output_reasoning_tokens = whole_number(written.get("reasoning_tokens"))


def _says_more(raw: bytes) -> bool:
    """Whether an event says more than text: nearly all say `finish_reason` and `usage`, and null with it."""
    return b'"error"' in raw or has_object(raw, b"usage") or string_at(raw, b"finish_reason") is not None


class ChatShape:
    """`choices[].message` in a body, `choices[].delta` in an event."""

    output_includes_reasoning = True
    null_usage = True
    finish_words = {  # noqa: RUF012 - constant
        "stop": "stop",
        "length": "length",
        "content_filter": "content_filter",
        "tool_calls": "tool_calls",
    }

    def slots(self, payload: dict[str, Any]) -> Iterator[Slot]:
        yield from slots_at("model", "", payload, "model")
        yield from slots_at("fingerprint", "", payload, "system_fingerprint")
        yield from slots_at("id", "", payload, "id")
        yield from slots_at("choices", "", payload, "choices")
        for choice in members(payload, "choices"):
            key = str(member(choice, "index") or 0)
            said = member(choice, "message") or member(choice, "delta")
            yield from string_slots("text", key, said, "content")
            yield from string_slots("refusal", key, said, "refusal")
            for at, call in enumerate(members(said, "tool_calls")):
                tool = f"{key}.{member(call, 'index') or at}"
                yield from string_slots("tool_name", tool, member(call, "function"), "name")
                yield from string_slots("tool_arguments", tool, member(call, "function"), "arguments")
            if member(choice, "finish_reason"):
                yield Slot("finish", key, choice, "finish_reason")
        yield from self._usage(payload)

    def _usage(self, payload: dict[str, Any]) -> Iterator[Slot]:
        usage = payload.get("usage")
        if not isinstance(usage, dict):
            return
        yield Slot("usage", "", payload, "usage")
        yield from slots_at("input_tokens", "", usage, "prompt_tokens")
        yield from slots_at("output_tokens", "", usage, "completion_tokens")
        yield from slots_at("total_tokens", "", usage, "total_tokens")
        yield from slots_at("cached_tokens", "", usage.get("prompt_tokens_details"), "cached_tokens")
        yield from slots_at("reasoning_tokens", "", usage.get("completion_tokens_details"), "reasoning_tokens")

    def set_finish(self, payload: dict[str, Any], word: str | None) -> bool:
        slots = [slot for slot in self.slots(payload) if slot.kind == "finish"]
        for slot in slots:
            slot.put(word)
        return bool(slots)

    def drop_text(self, payload: dict[str, Any]) -> bool | None:
        slots = [slot for slot in self.slots(payload) if slot.kind == "text"]
        for slot in slots:
            slot.put(None)
        return bool(slots)

    def refuse(self, payload: dict[str, Any], words: str) -> bool | None:  # noqa: ARG002 - the text is the refusal
        slots = [slot for slot in self.slots(payload) if slot.kind == "text"]
        for slot in slots:
            slot.holder["refusal"] = slot.value
            slot.put(None)
        return bool(slots)


@dataclass(frozen=True)
class OpenaiChat:
    """`provider` names whose errors it speaks: openai or azure."""

    provider: str = "openai"
    name: str = "openai_chat"
    shape: ChatShape = ChatShape()  # noqa: RUF009 - has no state

    def recognises(self, method: bytes, path: bytes) -> bool:
        return method == b"POST" and path.partition(b"?")[0].endswith(b"/chat/completions")

    def asked(self, path: bytes, body: bytes) -> Asked | None:
        payload = parsed(body)
        if payload is None or not isinstance(payload.get("messages"), list):
            return None
        said = [one for one in payload["messages"] if isinstance(one, dict) and one.get("role") not in _SYSTEM]
        asked = asked_of(payload, [message(str(one.get("role")), one.get("content"), _TEXT_TYPES) for one in said])
        return asked if asked.model else _with_model_of_path(asked, path)

    def observer(self) -> ChatObserver:
        return ChatObserver()

    def error(self, kind: str, **details: object) -> ProviderError:
        return provider_error(self.provider, kind, **details)

    def stream_error(self, kind: str, **details: object) -> Iterable[bytes]:
        return [sse.event(self.error(kind, **details).body)]

    def carries_text(self, raw: bytes) -> bool:
        return bool(string_at(raw, b"content"))

    def is_terminal(self, raw: bytes) -> bool:
        return (sse.data_of(raw) or b"").strip() == DONE


def _with_model_of_path(asked: Asked, path: bytes) -> Asked:
    """Azure names the deployment in the path only."""
    from dataclasses import replace

    deployment = path.partition(b"/deployments/")[2].partition(b"/")[0]
    return replace(asked, model=deployment.decode("latin-1")) if deployment else asked
