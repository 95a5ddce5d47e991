"""What an event of a stream, or a whole body, says to the one who asked: text, refusal, tool calls."""

from collections.abc import Callable, Iterator
from typing import Any, Literal

from llmops.chaos.wire.json_scan import member, members

Kind = Literal["text", "refusal", "tool_name", "tool_arguments"]
Said = tuple[Kind, str, str]
"""The kind, the key of the tool call (or empty), and the words."""


def _chat(payload: dict[str, Any]) -> Iterator[Said]:
    for choice in members(payload, "choices"):
        said = member(choice, "delta") or member(choice, "message")
        if not isinstance(said, dict):
            continue
        if text := said.get("content"):
            yield "text", "", text
        if refusal := said.get("refusal"):
            yield "refusal", "", refusal
        for at, call in enumerate(members(said, "tool_calls")):
            key = f"{choice.get('index', 0)}.{member(call, 'index') or at}"
            yield "tool_name", key, member(call, "function", "name")
            yield "tool_arguments", key, member(call, "function", "arguments")


def _responses(payload: dict[str, Any]) -> Iterator[Said]:
    kind = payload.get("type")
    if kind == "response.output_text.delta":
        yield "text", "", payload.get("delta", "")
    elif kind == "response.refusal.delta":
        yield "refusal", "", payload.get("delta", "")
    elif kind == "response.function_call_arguments.delta":
        yield "tool_arguments", str(payload.get("output_index", 0)), payload.get("delta", "")
    for at, item in enumerate(members(payload, "output")):  # a whole body
        for part in members(item, "content"):
            yield "text", "", member(part, "text") or ""
            yield "refusal", "", member(part, "refusal") or ""
        if member(item, "type") == "function_call":
            yield "tool_name", str(at), member(item, "name")
            yield "tool_arguments", str(at), member(item, "arguments")


def _anthropic(payload: dict[str, Any]) -> Iterator[Said]:
    key = str(payload.get("index", 0))
    if payload.get("type") == "content_block_delta":
        yield "text", "", member(payload, "delta", "text") or ""
        yield "tool_arguments", key, member(payload, "delta", "partial_json") or ""
    elif payload.get("type") == "content_block_start":
        yield from _anthropic_block(key, payload.get("content_block"), begun=True)
    for at, block in enumerate(members(payload, "content")):  # a whole body
        yield from _anthropic_block(str(at), block, begun=False)
    for holder in (payload, payload.get("delta")):
        if member(holder, "stop_reason") == "refusal":
            yield "refusal", "", member(holder, "stop_details", "explanation") or "refused"


def _anthropic_block(key: str, block: object, *, begun: bool) -> Iterator[Said]:
    if member(block, "type") == "text":
        yield "text", "", member(block, "text") or ""
    elif member(block, "type") == "tool_use":
        yield "tool_name", key, member(block, "name")
        if not begun:
            yield "tool_arguments", key, _json(member(block, "input"))


def _gemini(payload: dict[str, Any]) -> Iterator[Said]:
    for candidate in members(payload, "candidates"):
        for at, part in enumerate(members(candidate, "content", "parts")):
            if not member(part, "thought"):  # thoughts are not the answer
                yield "text", "", member(part, "text") or ""
            call = member(part, "functionCall")
            if call is not None:
                yield "tool_name", str(at), member(call, "name")
                yield "tool_arguments", str(at), _json(member(call, "args"))


def _json(value: object) -> str:
    import orjson

    return "" if value is None else orjson.dumps(value).decode()


_BY_DIALECT: dict[str, Callable[[dict[str, Any]], Iterator[Said]]] = {
    "openai_chat": _chat,
    "openai_responses": _responses,
    "anthropic_messages": _anthropic,
    "gemini": _gemini,
}


DIALECTS_WITH_WORDS = frozenset(_BY_DIALECT)


def shows_call(payload: dict[str, Any]) -> bool:
    """Whether an item or block of Responses or Messages is a call of any tool, also one that the server runs."""
    listed = [*members(payload, "output"), *members(payload, "content")]
    blocks = [payload.get("item"), payload.get("content_block"), *listed]
    return any(str(member(block, "type")).endswith(("_call", "tool_use")) for block in blocks)


def said_in(dialect: str, payload: dict[str, Any]) -> list[Said]:
    """What a payload says, without what is empty or no string; nothing in a dialect that has no words."""
    find = _BY_DIALECT.get(dialect)
    return [] if find is None else [said for said in find(payload) if said[2] and isinstance(said[2], str)]


def plain_text(dialect: str, payload: dict[str, Any]) -> str | None:
    """The text of an event that is a piece of text and nothing else, as nearly all are; None of any other.

    What `said_in` would find, in a quarter of the time, and a promise that there is no end, usage or error in it.
    """
    if dialect == "openai_chat":
        return _plain_chat(payload)
    kind = payload.get("type")
    if kind == "response.output_text.delta" and dialect == "openai_responses":
        text = payload.get("delta")
    elif kind == "content_block_delta" and dialect == "anthropic_messages":
        delta = payload.get("delta")
        text = delta.get("text") if isinstance(delta, dict) and delta.get("type") == "text_delta" else None
    else:
        return None
    return text if isinstance(text, str) else None


def _plain_chat(payload: dict[str, Any]) -> str | None:
    choices = payload.get("choices")
    if not isinstance(choices, list) or len(choices) != 1 or payload.get("usage") is not None or "error" in payload:
        return None
    choice = choices[0]
    if not isinstance(choice, dict) or choice.get("finish_reason") is not None:
        return None
    delta = choice.get("delta")
    if not isinstance(delta, dict) or delta.get("tool_calls") or delta.get("refusal"):
        return None
    text = delta.get("content")
    return text if isinstance(text, str) else None


def is_error_event(dialect: str, name: bytes, payload: dict[str, Any]) -> bool:
    """Whether the dialect's SDK raises an event of this name and payload as an error."""
    if dialect == "anthropic_messages":
        return name == b"error"
    if dialect == "openai_responses":
        return payload.get("type") == "error"
    return bool(payload.get("error"))
