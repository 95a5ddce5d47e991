"""OpenAI Responses: typed output items, and a stream of typed, numbered events."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from llmops.chaos.wire import sse
from llmops.chaos.wire.dialect import Answered, Asked, ProviderError
from llmops.chaos.wire.errors import provider_error
from llmops.chaos.wire.json_scan import characters, member, members, parsed, string_at, whole_number
from llmops.chaos.wire.openai_chat import asked_of, error_type_of
from llmops.chaos.wire.slots import Slot, SlotKind, slots_at, string_slots
from llmops.chaos.wire.tracing import Message, message

_TEXT_TYPES = frozenset({"text", "input_text", "output_text"})
_VISIBLE = (b"response.output_text.delta", b"response.refusal.delta", b"response.function_call_arguments.delta")
_TERMINAL = (b"response.completed", b"response.incomplete", b"response.failed")


class ResponsesObserver:
    """Parses the first event, the terminal one and errors."""

    def __init__(self) -> None:
        self.answered = Answered()
        self._seen_text = False

    def event(self, raw: bytes) -> bool:
        kind = string_at(raw, b"type") or b""
        if kind in _VISIBLE:
            delta = string_at(raw, b"delta") or b""
            if kind == _VISIBLE[0]:
                self.answered.say(delta)
            elif kind == _VISIBLE[1]:
                self.answered.text_characters += characters(delta)
            first = bool(delta) and not self._seen_text
            self._seen_text = self._seen_text or first
            return first
        if kind in {*_TERMINAL, b"response.created", b"error"}:
            payload = parsed(sse.data_of(raw)) or {}
            self._take(payload.get("response") or payload)
            self.answered.complete = self.answered.complete or kind in _TERMINAL
            if kind == b"error":
                self.answered.error_type = str(payload.get("code") or member(payload, "error", "type") or "error")
        return False

    def body(self, data: bytes) -> None:
        payload = parsed(data) or {}
        self._take(payload)
        texts = [slot.value for slot in ResponsesShape().slots(payload) if slot.kind == "text"]
        self.answered.say_whole(texts)
        self.answered.complete = payload.get("status") in {"completed", "incomplete", "failed"}

    def _take(self, response: dict[str, Any]) -> None:
        answered = self.answered
        answered.model = member(response, "model") or answered.model
        answered.error_type = error_type_of(response) or answered.error_type
        status = member(response, "status")
        if status not in {None, "in_progress", "queued"}:
            answered.finish_reason = member(response, "incomplete_details", "reason") or status
        usage = member(response, "usage")
        if isinstance(usage, dict):
            answered.input_tokens = whole_number(usage.get("input_tokens"))
            answered.output_tokens = whole_number(usage.get("output_tokens"))
            answered.cache_read_tokens = whole_number(member(usage, "input_tokens_details", "cached_tokens"))
            answered.cache_write_tokens = whole_number(member(usage, "input_tokens_details", "cache_write_tokens"))
            answered.output_reasoning_tokens = whole_number(member(usage, "output_tokens_details", "reasoning_tokens"))


class ResponsesShape:
    """`output[]` items in a body; in a stream deltas, then the whole text again three times."""

    output_includes_reasoning = True
    null_usage = True
    finish_words = {  # noqa: RUF012 - constant
        "stop": "completed",
        "length": "max_output_tokens",
        "content_filter": "content_filter",
        "tool_calls": "completed",
    }

    def slots(self, payload: dict[str, Any]) -> Iterator[Slot]:
        kind = str(payload.get("type", ""))
        if payload.get("object") == "response":
            yield from self._response(payload, "text", "tool_arguments")
        elif isinstance(payload.get("response"), dict):
            yield from self._response(payload["response"], "whole_text", "whole_tool_arguments")
        elif kind.startswith("response."):
            yield from self._event(kind, payload)

    def _event(self, kind: str, payload: dict[str, Any]) -> Iterator[Slot]:
        item = str(payload.get("output_index", 0))
        key = f"{item}.{payload.get('content_index', 0)}"
        if kind == "response.output_text.delta":
            yield from string_slots("text", key, payload, "delta")
        elif kind == "response.output_text.done":
            yield from string_slots("whole_text", key, payload, "text")
        elif kind == "response.content_part.done":
            yield from string_slots("whole_text", key, payload.get("part"), "text")
        elif kind == "response.function_call_arguments.delta":
            yield from string_slots("tool_arguments", item, payload, "delta")
        elif kind == "response.function_call_arguments.done":
            yield from string_slots("whole_tool_arguments", item, payload, "arguments")
            yield from string_slots("tool_name", item, payload, "name")
        elif kind in {"response.output_item.added", "response.output_item.done"}:
            done = kind.endswith("done")
            yield from self._item(item, payload.get("item"), "whole_text", "whole_tool_arguments" if done else None)

    def _response(self, response: dict[str, Any], text: SlotKind, arguments: SlotKind) -> Iterator[Slot]:
        yield from slots_at("model", "", response, "model")
        yield from slots_at("id", "", response, "id")
        yield from slots_at("fingerprint", "", response, "id")  # the only mark of who served it
        for at, item in enumerate(members(response, "output")):
            yield from self._item(str(at), item, text, arguments)
        if response.get("status") not in {None, "in_progress", "queued"}:
            yield Slot("finish", "*", response, "status")
        yield from self._usage(response)

    def _item(self, key: str, item: object, text: SlotKind, arguments: SlotKind | None) -> Iterator[Slot]:
        for at, part in enumerate(members(item, "content")):
            if member(part, "type") == "output_text":
                yield from string_slots(text, f"{key}.{at}", part, "text")
        if member(item, "type") == "function_call":
            yield from string_slots("tool_name", key, item, "name")
            if arguments:
                yield from string_slots(arguments, key, item, "arguments")

    def _usage(self, response: dict[str, Any]) -> Iterator[Slot]:
        usage = response.get("usage")
        if not isinstance(usage, dict):
            return
        yield Slot("usage", "", response, "usage")
        yield from slots_at("input_tokens", "", usage, "input_tokens")
        yield from slots_at("output_tokens", "", usage, "output_tokens")
        yield from slots_at("total_tokens", "", usage, "total_tokens")
        yield from slots_at("cached_tokens", "", usage.get("input_tokens_details"), "cached_tokens")
        yield from slots_at("reasoning_tokens", "", usage.get("output_tokens_details"), "reasoning_tokens")

    def set_finish(self, payload: dict[str, Any], word: str | None) -> bool:
        """A finish is a status; what cut the answer short stands in `incomplete_details`, and names the event."""
        response = payload.get("response", payload)
        if not any(slot.kind == "finish" for slot in self.slots(payload)):
            return False
        cut = word in {"max_output_tokens", "content_filter"}
        response["status"] = "incomplete" if cut else word
        response["incomplete_details"] = {"reason": word} if cut else None
        if cut and payload.get("type") == "response.completed":
            payload["type"] = "response.incomplete"
        return True

    def drop_text(self, payload: dict[str, Any]) -> bool | None:
        """A body says nothing by having no message; a stream cannot unsay what its events announced."""
        if payload.get("object") != "response":
            return False
        kept = [item for item in members(payload, "output") if member(item, "type") != "message"]
        changed = len(kept) != len(members(payload, "output"))
        payload["output"] = kept
        return changed

    def refuse(self, payload: dict[str, Any], words: str) -> bool | None:  # noqa: ARG002 - the text is the refusal
        """A refusal is a content part of its own type, and has events of its own in a stream."""
        kind = str(payload.get("type", ""))
        if kind.startswith("response.output_text."):
            if kind.endswith("annotation.added"):
                return None
            payload["type"] = kind.replace("output_text", "refusal")
            payload.pop("logprobs", None)
            if "text" in payload:
                payload["refusal"] = payload.pop("text")
            return True
        parts = [payload.get("part")]
        for item in [payload.get("item"), *members(payload.get("response", payload), "output")]:
            parts += members(item, "content")
        return sum(map(_refused, parts)) > 0


def _refused(part: object) -> bool:
    if not isinstance(part, dict) or part.get("type") != "output_text":
        return False
    text = part.get("text", "")
    part.clear()
    part.update({"type": "refusal", "refusal": text})
    return True


@dataclass(frozen=True)
class OpenaiResponses:
    """`provider` names whose errors it speaks: openai or azure."""

    provider: str = "openai"
    name: str = "openai_responses"
    shape: ResponsesShape = ResponsesShape()  # noqa: RUF009 - has no state

    def recognises(self, method: bytes, path: bytes) -> bool:
        return method == b"POST" and path.partition(b"?")[0].endswith(b"/responses")

    def asked(self, path: bytes, body: bytes) -> Asked | None:  # noqa: ARG002 - the body says it all
        payload = parsed(body)
        given = (payload or {}).get("input")
        if payload is None or not isinstance(given, str | list):
            return None
        return asked_of(payload, [Message("user", given)] if isinstance(given, str) else list(_messages(given)))

    def observer(self) -> ResponsesObserver:
        return ResponsesObserver()

    def error(self, kind: str, **details: object) -> ProviderError:
        return provider_error(self.provider, kind, **details)

    def stream_error(self, kind: str, **details: object) -> Iterable[bytes]:
        import orjson

        error = member(parsed(self.error(kind, **details).body), "error") or {}
        payload = {
            "type": "error",
            "code": error.get("code") or error.get("type"),
            "message": error.get("message"),
            "param": error.get("param"),
            "sequence_number": details.get("sequence_number", 0),
        }
        return [sse.event(orjson.dumps(payload), b"error")]

    def carries_text(self, raw: bytes) -> bool:
        return string_at(raw, b"type") == b"response.output_text.delta" and bool(string_at(raw, b"delta"))

    def is_terminal(self, raw: bytes) -> bool:
        return string_at(raw, b"type") in _TERMINAL


def _messages(items: list[Any]) -> Iterator[Message]:
    for item in items:
        if isinstance(item, dict) and item.get("role") not in {"system", "developer"}:
            is_message = item.get("type", "message") == "message"
            role = str(item.get("role", "tool"))
            yield message(role, item.get("content"), _TEXT_TYPES) if is_message else Message(role, "", item)
