"""Anthropic Messages, as a simulated provider reads and says them."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from llmops.chaos.providers.answering.ask import (
    Ask,
    Malformed,
    Role,
    Tool,
    Turn,
    mapping,
    sequence,
    string,
    whole_number,
)
from llmops.chaos.providers.answering.reply import Reply
from llmops.chaos.providers.shapes.base import Answer, Said, data_event, plain_text

STOP_REASON = {"stop": "end_turn", "stop_sequence": "stop_sequence", "length": "max_tokens", "tool": "tool_use"}


class AnthropicMessages:
    """POST /v1/messages."""

    def ask(self, body: Mapping[str, Any], path: Mapping[str, str], query: Mapping[str, str]) -> Ask:
        del path, query
        max_tokens = whole_number(body.get("max_tokens"), "max_tokens")
        if max_tokens is None:
            raise Malformed("max_tokens: Field required", "max_tokens")
        turns, prefill = conversation(body)
        return Ask(
            model=string(body.get("model"), "model"),
            turns=turns,
            max_tokens=max_tokens,
            stop=tuple(str(mark) for mark in body.get("stop_sequences") or ()),
            tools=tuple(_tools(body.get("tools"))),
            tool_choice=_tool_choice(body.get("tool_choice")),
            json_schema=_schema(body),
            prefill=prefill,
            stream=bool(body.get("stream")),
        )

    def whole(self, answer: Answer) -> Mapping[str, Any]:
        reply = answer.replies[0]
        ending = {"stop_reason": STOP_REASON[reply.ended], "stop_sequence": reply.stop_sequence}
        return {**_frame(answer), "content": _content(reply), **ending, "usage": _usage(reply, reply.output_tokens)}

    def events(self, answer: Answer) -> Iterator[Said]:
        reply = answer.replies[0]

        def event(name: str, *, is_token: bool = False, **fields: object) -> Said:
            return data_event({"type": name, **fields}, name, is_token=is_token)

        begun: dict[str, Any] = {"content": [], "stop_reason": None, "stop_sequence": None, "usage": _usage(reply, 1)}
        yield event("message_start", message={**_frame(answer), **begun})
        yield event("content_block_start", index=0, content_block=_empty_block(reply))
        yield event("ping")
        for delta in _deltas(reply):
            yield event("content_block_delta", index=0, delta=delta, is_token=True)
        yield event("content_block_stop", index=0)
        ending = {"stop_reason": STOP_REASON[reply.ended], "stop_sequence": reply.stop_sequence}
        yield event("message_delta", delta=ending, usage={"output_tokens": reply.output_tokens})
        yield event("message_stop")


def conversation(body: Mapping[str, Any]) -> tuple[tuple[Turn, ...], str]:
    """The turns, and the prefill: what the assistant has begun to say where the last message is its own."""
    messages = sequence(body.get("messages"), "messages")
    if not messages:
        raise Malformed("messages: at least one message is required", "messages")
    system = plain_text(body.get("system"))
    turns = [turn for number, message in enumerate(messages) for turn in _turns(message, number)]
    prefill = turns.pop().text if turns[-1].role == "assistant" else ""
    if prefill != prefill.rstrip():
        raise Malformed("messages: final assistant content cannot end with trailing whitespace", "messages")
    return ((Turn("system", system),) if system else ()) + tuple(turns), prefill


def _turns(message: object, number: int) -> Iterator[Turn]:
    found = mapping(message, f"messages.{number}")
    roles: dict[str, Role] = {"user": "user", "assistant": "assistant", "system": "system"}
    role = roles.get(str(found.get("role")))
    if role is None:
        raise Malformed(f'messages: Unexpected role "{found.get("role")}". Allowed roles are "user" or "assistant"')
    content = found.get("content")
    blocks = content if isinstance(content, list) else []
    results = [block for block in blocks if isinstance(block, Mapping) and block.get("type") == "tool_result"]
    rest = [block for block in blocks if block not in results] if results else content
    if not results or rest:
        yield Turn(role, plain_text(rest))
    yield from (Turn("tool", plain_text(result.get("content"))) for result in results)


def _tools(value: object) -> Iterator[Tool]:
    for number, tool in enumerate(sequence(value, "tools") if value is not None else ()):
        found = mapping(tool, f"tools.{number}")
        yield Tool(string(found.get("name"), f"tools.{number}.name"), found.get("input_schema") or {})


def _tool_choice(value: object) -> str:
    if not isinstance(value, Mapping):
        return "auto"
    kind = str(value.get("type", "auto"))
    return str(value.get("name")) if kind == "tool" else "required" if kind == "any" else kind


def _schema(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Of structured output: `output_config.format`, and `output_format` as it was called in its beta."""
    form = (body.get("output_config") or {}).get("format") or body.get("output_format")
    return mapping(form.get("schema"), "output_config.format.schema") if isinstance(form, Mapping) else None


def _frame(answer: Answer) -> dict[str, Any]:
    return {"id": f"msg_{answer.id}", "type": "message", "role": "assistant", "model": answer.ask.model}


def _content(reply: Reply) -> list[dict[str, Any]]:
    if reply.call is None:
        return [{"type": "text", "text": reply.text}] if reply.text else []
    whole = reply.ended != "length"
    return [{**_empty_block(reply), "input": orjson.loads(reply.call.arguments) if whole else {}}]


def _empty_block(reply: Reply) -> dict[str, Any]:
    if reply.call is None:
        return {"type": "text", "text": ""}
    return {"type": "tool_use", "id": f"toolu_{reply.call.id}", "name": reply.call.name, "input": {}}


def _deltas(reply: Reply) -> Iterator[dict[str, Any]]:
    if reply.call is None:
        yield from ({"type": "text_delta", "text": piece} for piece in reply.pieces)
    else:
        yield from ({"type": "input_json_delta", "partial_json": piece} for piece in reply.call.pieces)


def _usage(reply: Reply, output_tokens: int) -> dict[str, Any]:
    return {
        "input_tokens": reply.input_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": output_tokens,
        "service_tier": "standard",
    }
