"""Writes the sample answers beside it: the shapes of real ones, a text of our own; run it after a change here."""

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TEXT = "Zürich has 443,037 people — Genève 209,061 and the Säntis is 2,502 m high, as of 31 December in the year 2023."
STRUCTURED = '{"city": "Bern", "canton": "Aargau", "people": 134794, "year": 2023, "rivers": ["Aare", "Sulgenbach"]}'
ARGUMENTS = '{"city": "Bern", "unit": "celsius", "days": 37}'
MODELS = {"openai_chat": "gpt-4o-2024-08-06", "anthropic_messages": "claude-sonnet-4-5-20250929"}
Payload = dict[str, Any]


def pieces(text: str, size: int = 6) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def sse(payload: Payload, name: str = "") -> str:
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(payload, ensure_ascii=False, separators=(',', ':'))}\n\n"


def chat(text: str | None, tool: str | None) -> tuple[Payload, str]:
    base = {
        "id": "chatcmpl-9xYz",
        "created": 1759276812,
        "model": MODELS["openai_chat"],
        "system_fingerprint": "fp_1a2b",
    }
    usage = {
        "prompt_tokens": 20,
        "completion_tokens": 40,
        "total_tokens": 60,
        "prompt_tokens_details": {"cached_tokens": 8, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 10, "audio_tokens": 0},
    }
    call = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": tool}}
    message: Payload = {"role": "assistant", "content": text, "refusal": None}
    message |= {"tool_calls": [call]} if tool else {}
    finish = "tool_calls" if tool else "stop"
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
    body = {**base, "object": "chat.completion", "choices": [choice], "usage": usage}

    def chunk(delta: Payload, reason: str | None = None) -> str:
        choices = [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}]
        return sse({**base, "object": "chat.completion.chunk", "choices": choices, "usage": None})

    events = [chunk({"role": "assistant", "content": "" if text else None, "refusal": None})]
    events += [chunk({"content": piece}) for piece in pieces(text or "")]
    if tool:
        start = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "weather", "arguments": ""}}
        events.append(chunk({"tool_calls": [start]}))
        events += [chunk({"tool_calls": [{"index": 0, "function": {"arguments": one}}]}) for one in pieces(tool)]
    events.append(chunk({}, finish))
    events.append(sse({**base, "object": "chat.completion.chunk", "choices": [], "usage": usage}))
    return body, "".join(events) + "data: [DONE]\n\n"


def responses(text: str | None, tool: str | None) -> tuple[Payload, str]:
    item: Payload
    if tool:
        item = {"id": "fc_1", "type": "function_call", "status": "completed", "call_id": "call_1", "name": "weather"}
        item |= {"arguments": tool}
    else:
        part: Payload = {"type": "output_text", "text": text, "annotations": []}
        item = {"id": "msg_1", "type": "message", "status": "completed", "role": "assistant", "content": [part]}
    usage = {
        "input_tokens": 20,
        "input_tokens_details": {"cached_tokens": 8, "cache_write_tokens": 0},
        "output_tokens": 40,
        "output_tokens_details": {"reasoning_tokens": 10},
        "total_tokens": 60,
    }
    base = {"id": "resp_1", "object": "response", "created_at": 1759276812, "model": MODELS["openai_chat"]}
    done = {**base, "status": "completed", "error": None, "incomplete_details": None, "output": [item], "usage": usage}
    begun = {**base, "status": "in_progress", "error": None, "incomplete_details": None, "output": [], "usage": None}
    events: list[Payload] = [{"type": "response.created", "response": begun}]
    at = {"item_id": item["id"], "output_index": 0}
    nothing: Payload = {"arguments": ""} if tool else {"content": []}
    empty = {**item, "status": "in_progress"} | nothing
    events.append({"type": "response.output_item.added", "output_index": 0, "item": empty})
    if tool:
        kind = "response.function_call_arguments"
        events += [{"type": f"{kind}.delta", **at, "delta": one} for one in pieces(tool)]
        events.append({"type": f"{kind}.done", **at, "name": "weather", "arguments": tool})
    else:
        at |= {"content_index": 0}
        part = {"type": "output_text", "text": "", "annotations": []}
        events.append({"type": "response.content_part.added", **at, "part": part})
        events += [{"type": "response.output_text.delta", **at, "delta": one} for one in pieces(text or "")]
        events.append({"type": "response.output_text.done", **at, "text": text})
        events.append({"type": "response.content_part.done", **at, "part": {**part, "text": text}})
    events.append({"type": "response.output_item.done", "output_index": 0, "item": item})
    events.append({"type": "response.completed", "response": done})
    return done, "".join(sse({**one, "sequence_number": n}, one["type"]) for n, one in enumerate(events))


def anthropic(text: str | None, tool: str | None) -> tuple[Payload, str]:
    block: Payload = {"type": "text", "text": text}
    if tool:
        block = {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": json.loads(tool)}
    finish = "tool_use" if tool else "end_turn"
    counts = {"input_tokens": 12, "cache_creation_input_tokens": 3, "cache_read_input_tokens": 8}
    base = {"id": "msg_01", "type": "message", "role": "assistant", "model": MODELS["anthropic_messages"]}
    usage = {**counts, "output_tokens": 40, "output_tokens_details": {"thinking_tokens": 10}}
    body = {**base, "content": [block], "stop_reason": finish, "stop_sequence": None, "usage": usage}
    begun: Payload = {
        **base,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {**counts, "output_tokens": 1},
    }
    empty = {**block, "input": {}} if tool else {"type": "text", "text": ""}
    deltas = [{"type": "input_json_delta", "partial_json": one} for one in pieces(tool or "")]
    deltas = deltas or [{"type": "text_delta", "text": one} for one in pieces(text or "")]
    events: list[Payload] = [
        {"type": "message_start", "message": begun},
        {"type": "content_block_start", "index": 0, "content_block": empty},
        {"type": "ping"},
        *({"type": "content_block_delta", "index": 0, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": finish, "stop_sequence": None}, "usage": usage},
        {"type": "message_stop"},
    ]
    return body, "".join(sse(one, one["type"]) for one in events)


def gemini(text: str | None, tool: str | None) -> tuple[Payload, str]:
    parts: list[Payload] = [{"text": text}]
    if tool:
        parts = [{"functionCall": {"name": "weather", "args": json.loads(tool)}}]
    usage = {"promptTokenCount": 20, "cachedContentTokenCount": 8, "candidatesTokenCount": 30, "thoughtsTokenCount": 10}
    usage |= {"totalTokenCount": 60}
    base = {"modelVersion": "gemini-3-pro", "responseId": "r-1"}

    def payload(said: list[Payload], finish: str | None, counts: Payload) -> Payload:
        candidate: Payload = {"content": {"parts": said, "role": "model"}} | (
            {"finishReason": finish} if finish else {}
        )
        return {"candidates": [{**candidate, "index": 0}], "usageMetadata": counts, **base}

    said = [[{"text": piece}] for piece in pieces(text or "")] or [parts]
    begun = {"promptTokenCount": 20, "totalTokenCount": 20}
    events = [payload(one, None, begun) for one in said[:-1]] + [payload(said[-1], "STOP", usage)]
    return payload(parts, "STOP", usage), "".join(map(sse, events)).replace("\n", "\r\n")  # Google ends lines so


def embeddings() -> Payload:
    vectors = [[0.6, 0.8, 0.0], [0.0, 0.6, 0.8], [0.8, 0.0, -0.6]]
    data = [{"object": "embedding", "index": at, "embedding": vector} for at, vector in enumerate(vectors)]
    return {
        "object": "list",
        "data": data,
        "model": "text-embedding-3-small",
        "usage": {"prompt_tokens": 9, "total_tokens": 9},
    }


def main() -> None:
    makers = {"openai_chat": chat, "openai_responses": responses, "anthropic_messages": anthropic, "gemini": gemini}
    for name, maker in makers.items():
        for what, said in (("text", (TEXT, None)), ("structured", (STRUCTURED, None)), ("tool", (None, ARGUMENTS))):
            body, stream = maker(*said)
            (HERE / f"{name}_{what}.json").write_text(json.dumps(body, ensure_ascii=False, indent=1), encoding="utf-8")
            (HERE / f"{name}_{what}.sse").write_bytes(stream.encode())
    (HERE / "openai_embeddings_text.json").write_text(json.dumps(embeddings(), indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
