"""Gemini generateContent and streamGenerateContent, as a simulated provider reads and says them."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from llmops.chaos.providers.answering.ask import Ask, Malformed, Tool, Turn, mapping, sequence, string, whole_number
from llmops.chaos.providers.answering.reply import Reply
from llmops.chaos.providers.shapes.base import Answer, Said, data_event, plain_text

FINISH = {"stop": "STOP", "stop_sequence": "STOP", "length": "MAX_TOKENS", "tool": "STOP"}


class GeminiContent:
    """POST /v1beta/models/{model}:generateContent, and :streamGenerateContent."""

    def ask(self, body: Mapping[str, Any], path: Mapping[str, str], query: Mapping[str, str]) -> Ask:
        contents = sequence(body.get("contents"), "contents")
        if not contents:
            raise Malformed("* GenerateContentRequest.contents: contents is not specified", "contents")
        system = _text(body.get("systemInstruction") or body.get("system_instruction"))
        config = body.get("generationConfig") or body.get("generation_config") or {}
        return Ask(
            model=path["model"],
            turns=((Turn("system", system),) if system else ())
            + tuple(turn for number, content in enumerate(contents) for turn in _turns(content, number)),
            max_tokens=whole_number(config.get("maxOutputTokens"), "generationConfig.maxOutputTokens"),
            stop=tuple(str(mark) for mark in config.get("stopSequences") or ()),
            tools=tuple(_tools(body.get("tools"))),
            tool_choice=_tool_choice(body.get("toolConfig")),
            json_schema=_schema(config),
            stream=path.get("method") == "streamGenerateContent",
            choices=whole_number(config.get("candidateCount"), "generationConfig.candidateCount") or 1,
            stream_usage=query.get("alt") == "sse",  # else a stream is one JSON array
        )

    def whole(self, answer: Answer) -> Mapping[str, Any]:
        candidates = [
            _candidate(_parts(reply), index, FINISH[reply.ended]) for index, reply in enumerate(answer.replies)
        ]
        return {"candidates": candidates, **_frame(answer, sum(reply.output_tokens for reply in answer.replies))}

    def events(self, answer: Answer) -> Iterator[Said]:
        if answer.ask.stream_usage:
            yield from (data_event(chunk, is_token=True) for chunk in _chunks(answer))
            return
        opening = b"["
        for chunk in _chunks(answer):
            yield Said(opening + orjson.dumps(chunk), is_token=True)
            opening = b",\r\n"
        yield Said(b"]")


def _chunks(answer: Answer) -> Iterator[dict[str, Any]]:
    """One token a chunk; the last of each candidate names its end."""
    said = 0
    for index, reply in enumerate(answer.replies):
        parts: list[list[dict[str, Any]]] = [[{"text": piece}] for piece in reply.pieces] or [_parts(reply)]
        for number, part in enumerate(parts):
            said += 1 if reply.pieces else reply.output_tokens
            last = number == len(parts) - 1
            finish = FINISH[reply.ended] if last else None
            yield {"candidates": [_candidate(part, index, finish)], **_frame(answer, said)}


def _candidate(parts: list[dict[str, Any]], index: int, finish: str | None) -> dict[str, Any]:
    ending = {"finishReason": finish} if finish else {}
    return {"content": {"parts": parts, "role": "model"}, **ending, "index": index}


def _parts(reply: Reply) -> list[dict[str, Any]]:
    if reply.call is None:
        return [{"text": reply.text}]
    whole = reply.ended != "length"
    return [{"functionCall": {"name": reply.call.name, "args": orjson.loads(reply.call.arguments) if whole else {}}}]


def _frame(answer: Answer, said: int) -> dict[str, Any]:
    spent = answer.replies[0].input_tokens
    usage = {
        "promptTokenCount": spent,
        "candidatesTokenCount": said,
        "totalTokenCount": spent + said,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": spent}],
    }
    return {"usageMetadata": usage, "modelVersion": answer.ask.model, "responseId": answer.id}


def _turns(content: object, number: int) -> Iterator[Turn]:
    found = mapping(content, f"contents[{number}]")
    parts = sequence(found.get("parts"), f"contents[{number}].parts")
    results = [part["functionResponse"] for part in parts if isinstance(part, Mapping) and "functionResponse" in part]
    text = _text(found)
    if text or not results:
        yield Turn("assistant" if found.get("role") == "model" else "user", text)
    yield from (Turn("tool", orjson.dumps(result).decode()) for result in results)


def _text(content: object) -> str:
    if not isinstance(content, Mapping):
        return plain_text(content)
    parts = content.get("parts") or []
    return plain_text(parts if isinstance(parts, list) else [parts])


def _tools(value: object) -> Iterator[Tool]:
    for number, group in enumerate(sequence(value, "tools") if value is not None else ()):
        found = mapping(group, f"tools[{number}]")
        for declared in found.get("functionDeclarations") or found.get("function_declarations") or ():
            schema = declared.get("parametersJsonSchema") or declared.get("parameters") or {}
            yield Tool(string(declared.get("name"), f"tools[{number}].functionDeclarations.name"), schema)


def _tool_choice(value: object) -> str:
    calling = (value.get("functionCallingConfig") or {}) if isinstance(value, Mapping) else {}
    mode, names = str(calling.get("mode", "AUTO")).lower(), calling.get("allowedFunctionNames") or []
    return str(names[0]) if mode == "any" and names else "required" if mode == "any" else mode


def _schema(config: Mapping[str, Any]) -> Mapping[str, Any] | None:
    schema = config.get("responseJsonSchema") or config.get("responseSchema")
    if schema:
        return mapping(schema, "generationConfig.responseSchema")
    return {} if config.get("responseMimeType") == "application/json" else None
