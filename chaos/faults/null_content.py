"""Answer with no text at all, as the dialect says it: null, no block, no part."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.each_payload import EachPayload
from llmops.chaos.wire.parts import Action, End, Event, Part
from llmops.chaos.wire.payload import Payload, Touched, payload_of
from llmops.chaos.wire.slots import Shape
from llmops.chaos.wire.stages import TEXT_DIALECTS, Parts, shape_for


@dataclass(frozen=True)
class NullContent:
    """Chat: `content: null`; Anthropic: no text block; Gemini: no parts; Responses: no message, in a body only."""

    family: ClassVar[Family] = "content"
    reads: ClassVar[Reads] = "events"

    def stage(self, context: FaultContext) -> Stage:
        shape = shape_for(context, TEXT_DIALECTS)
        return Parts(context) if shape is None else _WithoutText(context, shape)


class _WithoutText(EachPayload):
    """An event that says an empty text waits for the next one: before a call of a tool there is nothing to lose."""

    def __init__(self, context: FaultContext, shape: Shape) -> None:
        dialect = context.request.dialect
        bodies_only = dialect is not None and dialect.name == "openai_responses"
        super().__init__(context, "no content", self._change, streams=False if bodies_only else None)
        self._shape = shape
        self._empty: list[Event] = []

    def event(self, event: Event) -> Iterator[Part | Action]:
        payload = payload_of(event)
        if payload is not None and not self._told and self._only_empty(payload):
            yield from self.let_go()
            self._empty.append(event)
            return
        empty, self._empty = self._empty, []
        outputs = list(super().event(event))
        for one in empty:
            yield from super().event(one) if self._told else (one,)
        yield from outputs

    def end(self, end: End) -> Iterator[Part | Action]:
        yield from self.let_go()
        yield end

    def let_go(self) -> Iterator[Part]:
        empty, self._empty = self._empty, []
        yield from empty

    def _change(self, payload: Payload) -> Touched:
        return False if not self._told and self._only_empty(payload) else self._shape.drop_text(payload)

    def _only_empty(self, payload: Payload) -> bool:
        texts = [slot.value for slot in self._shape.slots(payload) if slot.kind == "text"]
        return bool(texts) and not any(texts)
