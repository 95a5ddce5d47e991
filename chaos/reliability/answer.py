"""What an answer said, put together from its body or its stream, whatever the dialect."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from llmops.chaos.wire import sse
from llmops.chaos.wire.dialect import Answered, Dialect
from llmops.chaos.wire.json_scan import parsed, parsed_any
from llmops.chaos.wire.openai_chat import DONE
from llmops.chaos.wire.slots import Slot
from llmops.chaos.wire.structured import objects_in

ALL = "*"
"""The choice of answers that have but one."""
STREAM_STARTS = (b"data:", b"event:", b"id:", b"retry:", b":")
CHOOSING = frozenset({"openai_chat", "gemini"})  # dialects that may answer with several choices


@dataclass(frozen=True)
class ToolCall:
    """A call of a tool. The arguments are JSON text, or an object where the dialect has them so."""

    name: str
    arguments: str | Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """What an answer said. Texts and finish reasons are by choice."""

    streamed: bool
    is_json: bool  # there is a payload in it at all
    damage: tuple[str, ...]  # what is no JSON, or does not fit together
    texts: Mapping[str, str]  # visible
    refusals: tuple[str, ...]  # said by the dialect's own means
    finishes: Mapping[str, str]
    choices: frozenset[str]  # that said anything
    terminated: bool  # the terminal mark of the protocol was seen
    models: tuple[str, ...]  # the names it gives its model, each once
    tools: tuple[ToolCall, ...]
    error_type: str | None
    output_tokens: int | None

    @property
    def text(self) -> str:
        """All that it visibly said."""
        return "\n".join(filter(None, self.texts.values()))

    @property
    def is_error(self) -> bool:
        return self.error_type is not None


def read_answer(dialect: Dialect, data: bytes) -> Answer:
    """Never raises: what cannot be read is damage."""
    reading = _Reading(dialect)
    streamed = data.removeprefix(sse.BOM).lstrip().startswith(STREAM_STARTS)
    observer = dialect.observer()
    if streamed:
        for raw in sse.split_all(data):
            observer.event(raw)
            reading.event(raw)
    else:
        observer.body(data)
        reading.body(data)
    return reading.answer(observer.answered, streamed=streamed)


@dataclass
class _Reading:
    dialect: Dialect
    events: int = 0
    payloads: int = 0
    damage: list[str] = field(default_factory=list)
    pieces: dict[tuple[str, str], list[str]] = field(default_factory=dict)  # by kind and key
    wholes: dict[tuple[str, str], str] = field(default_factory=dict)  # what a stream says once more, whole
    names: dict[str, str] = field(default_factory=dict)
    objects: dict[str, Mapping[str, Any]] = field(default_factory=dict)  # arguments that are objects
    finishes: dict[str, str] = field(default_factory=dict)
    models: dict[str, None] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)

    def event(self, raw: bytes) -> None:
        self.events += 1
        data = sse.data_of(raw)
        if data is None or data.strip() in {DONE, b""}:
            return
        payload = parsed(data)
        if payload is None:
            self.damage.append(f"event {self.events} is no JSON object")
        else:
            self._payload(payload)

    def body(self, data: bytes) -> None:
        value = parsed_any(data)
        payloads = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]
        if data.strip() and not payloads:
            self.damage.append("the body is HTML" if data.lstrip()[:1] == b"<" else "the body is no JSON object")
        for payload in payloads:
            self.events += 1
            self._payload(payload)

    def answer(self, answered: Answered, *, streamed: bool) -> Answer:
        self._check_wholes()
        return Answer(
            streamed=streamed,
            is_json=self.payloads > 0,
            damage=tuple(self.damage),
            texts=self._joined("text"),
            refusals=(*self._joined("refusal").values(), *self.refusals),
            finishes=self._finishes(answered),
            choices=frozenset(self._choice(key) for _, key in (*self.pieces, *self.wholes)) | self._calling(),
            terminated=answered.complete,
            models=tuple(self.models),
            tools=tuple(self._tools()),
            error_type=answered.error_type,
            output_tokens=answered.output_tokens,
        )

    def _payload(self, payload: dict[str, Any]) -> None:
        self.payloads += 1
        for slot in self.dialect.shape.slots(payload):
            self._slot(slot)
        if self.dialect.name == "openai_responses":
            self.refusals += _refusals(payload)

    def _slot(self, slot: Slot) -> None:
        key = slot.key
        if self.dialect.name == "gemini" and slot.kind.startswith("tool"):
            key = f"{key}.{self.events}"  # each event numbers its parts anew, and no call spans two
        if slot.kind in {"text", "refusal", "tool_arguments"} and isinstance(slot.value, str):
            self.pieces.setdefault((slot.kind, key), []).append(slot.value)
        elif slot.kind in {"whole_text", "whole_tool_arguments"} and isinstance(slot.value, str):
            self.wholes[slot.kind.removeprefix("whole_"), key] = slot.value
        elif slot.kind == "tool_arguments" and isinstance(slot.value, Mapping):
            self.objects[key] = slot.value
        elif slot.kind == "tool_name" and not self.names.get(key):
            self.names[key] = slot.value
        elif slot.kind == "finish":
            self.finishes[key] = str(slot.value)
        elif slot.kind == "model" and isinstance(slot.value, str) and slot.value:  # Azure's first chunk names none
            self.models[slot.value] = None

    def _check_wholes(self) -> None:
        """The pieces of a stream must make up what it says once more, which is the text where they never came."""
        for (kind, key), whole in self.wholes.items():
            if "".join(self.pieces.get((kind, key), ())) != whole:
                self.damage.append(f"the pieces of the {kind.replace('_', ' ')} are not what the stream repeats whole")
            self.pieces.setdefault((kind, key), [whole])

    def _joined(self, kind: str) -> dict[str, str]:
        texts: dict[str, str] = {}
        for (of, key), pieces in self.pieces.items():
            if of == kind:
                texts[self._choice(key)] = texts.get(self._choice(key), "") + "".join(pieces)
        return texts

    def _choice(self, key: str) -> str:
        return key.partition(".")[0] if self.dialect.name in CHOOSING else ALL

    def _calling(self) -> frozenset[str]:
        return frozenset(map(self._choice, self.names))

    def _finishes(self, answered: Answered) -> dict[str, str]:
        """Responses says in its details what cut it short, and Gemini of a blocked prompt that no choice was made."""
        reason = answered.finish_reason
        if self.dialect.name == "openai_responses" or not self.finishes:
            return {} if reason is None else {ALL: reason}
        return self.finishes

    def _tools(self) -> Iterator[ToolCall]:
        for key, name in self.names.items():
            arguments = self.objects.get(key) or "".join(self.pieces.get(("tool_arguments", key), ()))
            if not arguments and (key in self.objects or self.dialect.name in {"anthropic_messages", "gemini"}):
                arguments = {}  # they say nothing where a tool takes nothing
            yield ToolCall(name, arguments)


def _refusals(payload: dict[str, Any]) -> list[str]:
    """Responses has a content part of its own for it; in a stream the part is said once more when it is done."""
    if payload.get("type", "response.content_part.done") != "response.content_part.done":
        return []
    return [str(one["refusal"]) for one in objects_in(payload) if one.get("type") == "refusal" and one.get("refusal")]
