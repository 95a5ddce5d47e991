"""OpenAI chat completions, as a simulated provider reads and says them."""

from collections.abc import Iterator, Mapping
from typing import Any

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

FINISH = {"stop": "stop", "stop_sequence": "stop", "length": "length", "tool": "tool_calls"}
ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}


class OpenaiChat:
    """POST /v1/chat/completions."""

    def ask(self, body: Mapping[str, Any], path: Mapping[str, str], query: Mapping[str, str]) -> Ask:
        del path, query
        messages = sequence(body.get("messages"), "messages")
        if not messages:
            raise Malformed("Invalid 'messages': empty array. Expected an array with minimum length 1.", "messages")
        longest = body.get("max_completion_tokens", body.get("max_tokens"))
        return Ask(
            model=string(body.get("model"), "model"),
            turns=tuple(_turn(message, number) for number, message in enumerate(messages)),
            max_tokens=whole_number(
                longest, "max_completion_tokens" if "max_completion_tokens" in body else "max_tokens"
            ),
            stop=stop_sequences(body.get("stop")),
            tools=tuple(_tools(body.get("tools"))),
            tool_choice=tool_choice(body.get("tool_choice")),
            json_schema=_schema(body.get("response_format")),
            stream=bool(body.get("stream")),
            choices=whole_number(body.get("n"), "n") or 1,
            stream_usage=bool((body.get("stream_options") or {}).get("include_usage")),
        )

    def whole(self, answer: Answer) -> Mapping[str, Any]:
        choices = [
            {"index": index, "message": _message(reply), "logprobs": None, "finish_reason": FINISH[reply.ended]}
            for index, reply in enumerate(answer.replies)
        ]
        return {**_frame(answer, "chat.completion"), "choices": choices, "usage": _usage(answer)}

    def events(self, answer: Answer) -> Iterator[Said]:
        for index in range(len(answer.replies)):
            yield self._chunk(answer, index, {"role": "assistant", "content": "", "refusal": None})
        for index, reply in enumerate(answer.replies):
            for delta in _deltas(reply):
                yield self._chunk(answer, index, delta, is_token=True)
            yield self._chunk(answer, index, {}, finish=FINISH[reply.ended])
        if answer.ask.stream_usage:
            frame = {**_frame(answer, "chat.completion.chunk"), "choices": [], "usage": _usage(answer)}
            yield data_event(frame)
        yield Said(b"data: [DONE]\n\n")

    def _chunk(
        self, answer: Answer, index: int, delta: Mapping[str, Any], *, finish: str | None = None, is_token: bool = False
    ) -> Said:
        choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}
        usage = {"usage": None} if answer.ask.stream_usage else {}
        return data_event({**_frame(answer, "chat.completion.chunk"), "choices": [choice], **usage}, is_token=is_token)


def stop_sequences(value: object) -> tuple[str, ...]:
    """One stop sequence, or a list of them."""
    if isinstance(value, str):
        return (value,)
    return tuple(str(mark) for mark in value) if isinstance(value, list) else ()


def tool_choice(value: object) -> str:
    """auto, none, required, or the name of a tool."""
    if isinstance(value, Mapping):
        return str(value.get("name") or (value.get("function") or {}).get("name") or value.get("mode") or "auto")
    return value if isinstance(value, str) else "auto"


def _turn(message: object, number: int) -> Turn:
    found = mapping(message, f"messages[{number}]")
    role = ROLES.get(str(found.get("role")))
    if role is None:
        raise Malformed(
            f"Invalid value: '{found.get('role')}'. Supported values are: 'system', 'assistant', 'user', 'function', "
            "'tool', and 'developer'.",
            f"messages[{number}].role",
        )
    return Turn(role, plain_text(found.get("content")))


def _tools(value: object) -> Iterator[Tool]:
    for number, tool in enumerate(sequence(value, "tools") if value is not None else ()):
        function = mapping(mapping(tool, f"tools[{number}]").get("function"), f"tools[{number}].function")
        yield Tool(string(function.get("name"), f"tools[{number}].function.name"), function.get("parameters") or {})


def _schema(response_format: object) -> Mapping[str, Any] | None:
    if not isinstance(response_format, Mapping) or response_format.get("type") == "text":
        return None
    if response_format.get("type") == "json_object":
        return {}
    found = mapping(response_format.get("json_schema"), "response_format.json_schema")
    return mapping(found.get("schema"), "response_format.json_schema.schema")


def _frame(answer: Answer, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{answer.id}",
        "object": kind,
        "created": answer.created,
        "model": answer.ask.model,
        "service_tier": "default",
        "system_fingerprint": "fp_51abfa7a2e",
    }


def _message(reply: Reply) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": None if reply.call else reply.text, "refusal": None}
    if reply.call:
        function = {"name": reply.call.name, "arguments": reply.call.arguments}
        message["tool_calls"] = [{"id": f"call_{reply.call.id}", "type": "function", "function": function}]
    return {**message, "annotations": []}


def _deltas(reply: Reply) -> Iterator[dict[str, Any]]:
    if reply.call is None:
        yield from ({"content": piece} for piece in reply.pieces)
        return
    head = {"index": 0, "id": f"call_{reply.call.id}", "type": "function"}
    yield {"tool_calls": [{**head, "function": {"name": reply.call.name, "arguments": ""}}]}
    for piece in reply.call.pieces:
        yield {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}


def _usage(answer: Answer) -> dict[str, Any]:
    spent = answer.replies[0].input_tokens
    said = sum(reply.output_tokens for reply in answer.replies)
    return {
        "prompt_tokens": spent,
        "completion_tokens": said,
        "total_tokens": spent + said,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
