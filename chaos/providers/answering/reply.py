"""What a simulated model answers to a request: pieces of one token, why it ended, and a usage that adds up."""

from dataclasses import dataclass, replace
from random import Random
from typing import Literal

import orjson

from llmops.chaos.providers.answering.ask import Ask, Tool
from llmops.chaos.providers.answering.schema_sample import sample
from llmops.chaos.providers.answering.tokens import token_count, tokens
from llmops.chaos.providers.answering.truth import conversation_seed, mark, report
from llmops.randomness import stream

Ended = Literal["stop", "length", "stop_sequence", "tool"]

TOKENS_PER_TURN = 3  # what a message costs besides its text, as in OpenAI's cookbook


@dataclass(frozen=True)
class ToolCall:
    """A call of one tool; `pieces` join to its arguments, which are JSON."""

    id: str  # hexadecimal digits; each API puts its own prefix before them
    name: str
    pieces: tuple[str, ...]

    @property
    def arguments(self) -> str:
        return "".join(self.pieces)


@dataclass(frozen=True)
class Reply:
    """An answer, of text or of one tool call."""

    pieces: tuple[str, ...]
    ended: Ended
    input_tokens: int
    output_tokens: int
    call: ToolCall | None = None
    stop_sequence: str | None = None  # which one ended it

    @property
    def text(self) -> str:
        return "".join(self.pieces)


def reply_to(ask: Ask, seed: int, choice: int = 0) -> Reply:
    """The answer: the truth, cut at the first stop sequence and at `max_tokens`, as asked."""
    answer_seed = conversation_seed(ask.turns, seed, choice)
    tool = tool_to_call(ask)
    if tool is not None:
        return _calling(ask, tool, answer_seed)
    text, stopped_by = _until_stop(_continued(_text(ask, answer_seed), ask.prefill), ask.stop)
    pieces = tokens(text)
    cut = ask.max_tokens is not None and len(pieces) > ask.max_tokens
    kept = tuple(pieces[: ask.max_tokens] if cut else pieces)
    ended: Ended = "length" if cut else "stop_sequence" if stopped_by else "stop"
    return Reply(kept, ended, input_tokens(ask), len(kept), stop_sequence=None if cut else stopped_by)


def truth(ask: Ask, seed: int, choice: int = 0) -> str:
    """The complete answer to a request, whatever limits it set: text, or the arguments of the tool call."""
    whole = reply_to(replace(ask, max_tokens=None, stop=()), seed, choice)
    return whole.call.arguments if whole.call else whole.text


def tool_to_call(ask: Ask) -> Tool | None:
    """The tool that a request asks for: by choice, or by its name in the last thing the user said."""
    if not ask.tools or ask.tool_choice == "none":
        return None
    named = {tool.name: tool for tool in ask.tools}
    if ask.tool_choice in named:
        return named[ask.tool_choice]
    if ask.turns and ask.turns[-1].role == "tool":  # it has been called: now answer in words
        return None
    said = next((turn.text for turn in reversed(ask.turns) if turn.role == "user"), "")
    mentioned = next((tool for tool in ask.tools if tool.name in said), None)
    return mentioned or (ask.tools[0] if ask.tool_choice == "required" else None)


def input_tokens(ask: Ask) -> int:
    """What the input is charged as: each text, three for each message, the schemas of tools and answer as JSON."""
    schemas = [tool.schema for tool in ask.tools] + ([ask.json_schema] if ask.json_schema else [])
    texts = [turn.text for turn in ask.turns] + [tool.name for tool in ask.tools] + [ask.prefill]
    texts += [orjson.dumps(dict(schema)).decode() for schema in schemas]
    return sum(map(token_count, texts)) + TOKENS_PER_TURN * (len(ask.turns) + bool(ask.prefill))


def _calling(ask: Ask, tool: Tool, answer_seed: int) -> Reply:
    arguments = _json(sample({"type": "object", **tool.schema}, stream(answer_seed, "tool")))
    pieces = tokens(arguments)
    room = None if ask.max_tokens is None else max(0, ask.max_tokens - token_count(tool.name))
    kept = tuple(pieces[:room])
    call = ToolCall(f"{Random(answer_seed).getrandbits(96):024x}", tool.name, kept)
    ended: Ended = "tool" if len(kept) == len(pieces) else "length"
    return Reply((), ended, input_tokens(ask), token_count(tool.name) + len(kept), call)


def _text(ask: Ask, answer_seed: int) -> str:
    if ask.json_schema is None:
        return report(answer_seed)
    if not ask.json_schema:
        return _json({"report": mark(answer_seed), "text": report(answer_seed), "end": True})
    return _json(sample(ask.json_schema, stream(answer_seed, "schema")))


def _continued(text: str, prefill: str) -> str:
    """What is left to say after the prefill: the rest where it is how the text begins, else all of it."""
    return text.removeprefix(prefill)


def _until_stop(text: str, stop: tuple[str, ...]) -> tuple[str, str | None]:
    found = [(text.find(mark), mark) for mark in stop if mark and mark in text]
    if not found:
        return text, None
    at, first = min(found)
    return text[:at], first


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
