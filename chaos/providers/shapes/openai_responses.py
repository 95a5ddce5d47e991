"""OpenAI Responses, as a simulated provider reads and says them."""

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from llmops.chaos.providers.answering.ask import Ask, Malformed, Tool, Turn, mapping, sequence, string, whole_number
from llmops.chaos.providers.answering.reply import Reply
from llmops.chaos.providers.shapes.base import Answer, Said, data_event, plain_text
from llmops.chaos.providers.shapes.openai_chat import ROLES, tool_choice


class OpenaiResponses:
    """POST /v1/responses."""

    def ask(self, body: Mapping[str, Any], path: Mapping[str, str], query: Mapping[str, str]) -> Ask:
        del path, query
        instructions = body.get("instructions")
        return Ask(
            model=string(body.get("model"), "model"),
            turns=((Turn("system", instructions),) if instructions else ()) + tuple(_turns(body.get("input"))),
            max_tokens=whole_number(body.get("max_output_tokens"), "max_output_tokens"),
            tools=tuple(_tools(body.get("tools"))),
            tool_choice=tool_choice(body.get("tool_choice")),
            json_schema=_schema(body.get("text")),
            stream=bool(body.get("stream")),
        )

    def whole(self, answer: Answer) -> Mapping[str, Any]:
        return _response(answer, done=True)

    def events(self, answer: Answer) -> Iterator[Said]:
        numbers = count()

        def event(name: str, *, is_token: bool = False, **fields: object) -> Said:
            return data_event({"type": name, "sequence_number": next(numbers), **fields}, name, is_token=is_token)

        reply, begun = answer.replies[0], _response(answer, done=False)
        yield event("response.created", response=begun)
        yield event("response.in_progress", response=begun)
        item, spot = _item(answer, "completed"), {"item_id": _item(answer, "")["id"], "output_index": 0}
        yield event("response.output_item.added", output_index=0, item=_item(answer, "in_progress", empty=True))
        if reply.call is not None:
            for piece in reply.call.pieces:
                yield event("response.function_call_arguments.delta", **spot, delta=piece, is_token=True)
            yield event("response.function_call_arguments.done", **spot, arguments=reply.call.arguments)
        else:
            spot["content_index"] = 0
            yield event("response.content_part.added", **spot, part=_part(""))
            for piece in reply.pieces:
                yield event("response.output_text.delta", **spot, delta=piece, logprobs=[], is_token=True)
            yield event("response.output_text.done", **spot, text=reply.text, logprobs=[])
            yield event("response.content_part.done", **spot, part=_part(reply.text))
        yield event("response.output_item.done", output_index=0, item=item)
        done = _response(answer, done=True)
        yield event(f"response.{done['status']}", response=done)


def _turns(value: object) -> Iterator[Turn]:
    if isinstance(value, str):
        yield Turn("user", value)
        return
    for number, item in enumerate(sequence(value, "input")):
        found = mapping(item, f"input[{number}]")
        if found.get("type") == "function_call_output":
            yield Turn("tool", plain_text(found.get("output")))
        elif "role" in found:
            role = ROLES.get(str(found["role"]))
            if role is None:
                raise Malformed(f"Invalid value: '{found['role']}'.", f"input[{number}].role")
            yield Turn(role, plain_text(found.get("content")))


def _tools(value: object) -> Iterator[Tool]:
    for number, tool in enumerate(sequence(value, "tools") if value is not None else ()):
        found = mapping(tool, f"tools[{number}]")
        if found.get("type") == "function":
            yield Tool(string(found.get("name"), f"tools[{number}].name"), found.get("parameters") or {})


def _schema(text: object) -> Mapping[str, Any] | None:
    form = text.get("format") if isinstance(text, Mapping) else None
    if not isinstance(form, Mapping) or form.get("type") == "text":
        return None
    return {} if form.get("type") == "json_object" else mapping(form.get("schema"), "text.format.schema")


def _response(answer: Answer, *, done: bool) -> dict[str, Any]:
    reply, ask = answer.replies[0], answer.ask
    cut = done and reply.ended == "length"
    return {
        "id": f"resp_{answer.id}",
        "object": "response",
        "created_at": answer.created,
        "status": "incomplete" if cut else "completed" if done else "in_progress",
        "background": False,
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "instructions": None,
        "max_output_tokens": ask.max_tokens,
        "model": ask.model,
        "output": [_item(answer, "incomplete" if cut else "completed")] if done else [],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": None, "summary": None},
        "store": True,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": _usage(reply) if done else None,
        "user": None,
        "metadata": {},
    }


def _item(answer: Answer, status: str, *, empty: bool = False) -> dict[str, Any]:
    reply = answer.replies[0]
    if reply.call is not None:
        call = {"arguments": "" if empty else reply.call.arguments, "call_id": f"call_{reply.call.id}"}
        return {"id": f"fc_{answer.id}", "type": "function_call", "status": status, "name": reply.call.name, **call}
    content = [] if empty else [_part(reply.text)]
    return {"id": f"msg_{answer.id}", "type": "message", "status": status, "role": "assistant", "content": content}


def _part(text: str) -> dict[str, Any]:
    return {"type": "output_text", "annotations": [], "logprobs": [], "text": text}


def _usage(reply: Reply) -> dict[str, Any]:
    return {
        "input_tokens": reply.input_tokens,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": reply.output_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": reply.input_tokens + reply.output_tokens,
    }
